//! The language of tables and explanations.

#[cfg(feature = "kubernetes")]
use std::env;

use landfall_transfer_law::Language;

/// The language in which something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Locale(pub(crate) Language);

impl Locale {
    pub(crate) const ENGLISH: Self = Self(Language::English);

    /// As POSIX has it, the first of these variables that is set and not empty decides.
    #[cfg(feature = "kubernetes")]
    pub(crate) fn from_environment() -> Self {
        Self::from_names(["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| env::var(name).ok()))
    }

    #[cfg(feature = "kubernetes")]
    fn from_names(names: impl IntoIterator<Item = String>) -> Self {
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let language = name.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self(if language.eq_ignore_ascii_case("de") { Language::German } else { Language::English })
    }

    pub(crate) fn text(self, english: &'static str, german: &'static str) -> &'static str {
        match self.0 {
            Language::English => english,
            Language::German => german,
        }
    }

    /// The code of the language (ISO 639-1).
    #[cfg(feature = "kubernetes")]
    pub(crate) fn code(self) -> &'static str {
        self.text("en", "de")
    }
}

#[cfg(all(test, feature = "kubernetes"))]
mod tests {
    use super::*;

    #[test]
    fn the_locale_says_the_language() {
        let language = |names: &[&str]| Locale::from_names(names.iter().map(|name| (*name).to_owned())).0;
        for german in ["de_DE.UTF-8", "de", "de-AT", "DE_ch", "de@euro"] {
            assert_eq!(language(&["", german, "en_GB"]), Language::German, "{german}");
        }
        for other in ["C", "en_US.UTF-8", "den", "fr_FR", "\u{fffd}"] {
            assert_eq!(language(&[other, "de_DE"]), Language::English, "{other}");
        }
        assert_eq!(language(&[]), Language::English);
    }
}
