//! What a tag on a field declares.

use std::collections::BTreeSet;

use landfall_observation::DataCategory;

/// Tags by which people say that a field holds personal data, or data to be protected like it. Compared without regard to
/// case. `Private`, `Public`, `Sensitive` and `PII` are those that Confluent's catalogue begins with.
const PERSONAL: [&str; 6] = ["PII", "PRIVATE", "SENSITIVE", "PCI", "PHI", "CONFIDENTIAL"];
/// The tag by which people say that it does not.
const PUBLIC: &str = "PUBLIC";

/// What the tags of a field declare together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Categories: tags that are identifiers of the Data Privacy Vocabulary, such as `pd:EmailAddress`.
    pub(super) categories: BTreeSet<DataCategory>,
    /// Whether they say that the field holds personal data, or that it does not; `None` if they say neither.
    pub(super) is_personal: Option<bool>,
}

// === impl Meaning ===

impl Meaning {
    /// Tags that are not known declare nothing. Of tags that contradict each other, the stricter one counts.
    pub(super) fn of<'a>(tags: impl IntoIterator<Item = &'a String>) -> Self {
        let mut meaning = Self::default();
        for tag in tags {
            if let Ok(category) = tag.parse() {
                meaning.categories.insert(category);
                meaning.is_personal = Some(true);
            } else if PERSONAL.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
                meaning.is_personal = Some(true);
            } else if PUBLIC.eq_ignore_ascii_case(tag) {
                meaning.is_personal.get_or_insert(false);
            }
        }
        meaning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_declare_in_any_case_and_unknown_ones_do_not() {
        for (tags, is_personal, categories) in [
            (&["pii"][..], Some(true), &[][..]),
            (&["Sensitive"], Some(true), &[]),
            (&["public"], Some(false), &[]),
            (&["PUBLIC", "PII"], Some(true), &[]),
            (&["PII", "PUBLIC"], Some(true), &[]),
            (&["Internal", "PIIX", ""], None, &[]),
            (&["pd:EmailAddress", "Internal"], Some(true), &[DataCategory::EMAIL_ADDRESS]),
            (&[], None, &[]),
        ] {
            let owned: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
            let categories = categories.iter().cloned().collect();
            assert_eq!(Meaning::of(&owned), Meaning { categories, is_personal }, "{tags:?}");
        }
    }
}
