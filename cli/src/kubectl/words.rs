//! Labels in the person's language.

use std::env;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use landfall_transfer_law::Language;

/// The language that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words(pub(super) Language);

impl Words {
    /// As POSIX has it: the first of these that is set and not empty counts.
    pub(super) fn of_environment() -> Self {
        Self::of(["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| env::var(name).ok()))
    }

    pub(super) fn of(locales: impl IntoIterator<Item = String>) -> Self {
        let locale = locales.into_iter().find(|locale| !locale.is_empty()).unwrap_or_default();
        let language = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self(if language.eq_ignore_ascii_case("de") { Language::German } else { Language::English })
    }

    pub(super) fn say(self, english: &'static str, german: &'static str) -> &'static str {
        match self.0 {
            Language::English => english,
            Language::German => german,
        }
    }

    /// How the files of reports name the language.
    pub(super) fn code(self) -> &'static str {
        self.say("en", "de")
    }

    /// How long until `due`, or since when it is over.
    pub(super) fn time_left(self, due: Timestamp, now: Timestamp) -> String {
        let left = due.duration_since(now);
        let span = span(left.abs());
        if left.is_positive() {
            match self.0 {
                Language::English => format!("{span} left"),
                Language::German => format!("noch {span}"),
            }
        } else {
            match self.0 {
                Language::English => format!("OVERDUE by {span}"),
                Language::German => format!("ÜBERFÄLLIG seit {span}"),
            }
        }
    }

    /// How long ago it was.
    pub(super) fn ago(self, at: Timestamp, now: Timestamp) -> String {
        let span = span(now.duration_since(at).max(SignedDuration::ZERO));
        match self.0 {
            Language::English => format!("{span} ago"),
            Language::German => format!("vor {span}"),
        }
    }
}

/// In two units at most, not rounded up.
fn span(duration: SignedDuration) -> String {
    let minutes = duration.as_mins();
    match (minutes / (24 * 60), minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// An instant (RFC 3339) with the offset of a zone.
pub(super) fn instant(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%FT%T%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_says_the_language() {
        let language = |locales: &[&str]| Words::of(locales.iter().map(|locale| (*locale).to_owned())).0;
        for german in ["de_DE.UTF-8", "de", "de-AT", "DE_ch", "de@euro"] {
            assert_eq!(language(&["", german, "en_GB"]), Language::German, "{german}");
        }
        for other in ["C", "en_US.UTF-8", "den", "fr_FR", "\u{fffd}"] {
            assert_eq!(language(&[other, "de_DE"]), Language::English, "{other}");
        }
        assert_eq!(language(&[]), Language::English);
    }

    #[test]
    fn times_left_are_not_rounded_up() {
        let now = "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap();
        let words = Words(Language::English);
        for (seconds, expected) in [
            (4 * 3600, "4 h 00 min left"),
            (4 * 3600 - 1, "3 h 59 min left"),
            (59, "0 min left"),
            (0, "OVERDUE by 0 min"),
            (-3661, "OVERDUE by 1 h 01 min"),
            (-90_000, "OVERDUE by 1 d 1 h"),
        ] {
            assert_eq!(words.time_left(now + SignedDuration::from_secs(seconds), now), expected);
        }
    }
}
