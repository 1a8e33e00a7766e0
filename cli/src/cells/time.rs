//! Days, instants and spans.

use jiff::{Timestamp, civil::Date};
#[cfg(feature = "kubernetes")]
use {crate::locale::Locale, jiff::SignedDuration, jiff::tz::TimeZone, landfall_transfer_law::Language};

/// `Mon 2026-11-23`.
pub(crate) fn day(day: Date) -> String {
    day.strftime("%a %F").to_string()
}

/// `2026-11-23 10:00:00Z`.
pub(crate) fn second(at: Timestamp) -> String {
    at.strftime("%F %H:%M:%SZ").to_string()
}

/// `2026-11-23 10:00Z`.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%F %H:%MZ").to_string()
}

/// An instant (RFC 3339) with the offset of a zone.
#[cfg(feature = "kubernetes")]
pub(crate) fn zoned(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%FT%T%:z").to_string()
}

/// The time that is left until `due`, or by how much it has passed.
#[cfg(feature = "kubernetes")]
pub(crate) fn left(due: Timestamp, now: Timestamp, locale: Locale) -> String {
    let left = due.duration_since(now);
    let span = span(left.abs());
    match (left.is_positive(), locale.0) {
        (true, Language::English) => format!("{span} left"),
        (true, Language::German) => format!("noch {span}"),
        (false, Language::English) => format!("OVERDUE by {span}"),
        (false, Language::German) => format!("ÜBERFÄLLIG seit {span}"),
    }
}

/// How long ago it was.
#[cfg(feature = "kubernetes")]
pub(crate) fn ago(at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let span = span(now.duration_since(at).max(SignedDuration::ZERO));
    match locale.0 {
        Language::English => format!("{span} ago"),
        Language::German => format!("vor {span}"),
    }
}

/// In at most two units, rounded down.
#[cfg(feature = "kubernetes")]
fn span(duration: SignedDuration) -> String {
    let minutes = duration.as_mins();
    match (minutes / (24 * 60), minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes:02} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(all(test, feature = "kubernetes"))]
mod tests {
    use super::*;

    #[test]
    fn times_left_are_not_rounded_up() {
        let now = "2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap();
        for (seconds, expected) in [
            (4 * 3600, "4 h 00 min left"),
            (4 * 3600 - 1, "3 h 59 min left"),
            (59, "0 min left"),
            (0, "OVERDUE by 0 min"),
            (-3661, "OVERDUE by 1 h 01 min"),
            (-90_000, "OVERDUE by 1 d 1 h"),
        ] {
            assert_eq!(left(now + SignedDuration::from_secs(seconds), now, Locale::ENGLISH), expected);
        }
    }
}
