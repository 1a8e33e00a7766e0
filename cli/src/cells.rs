//! How values are written in tables and texts, the same in every command.

pub(crate) mod heading;
pub(crate) mod time;
mod transfer;

use std::fmt::Display;

pub(crate) use self::transfer::{categories, certainty, outcome_style, places, reasons, rung};

/// 1234567 as `1.2 MB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut divisor = 1_u64;
    while unit + 1 < UNITS.len() && count / divisor >= 1000 {
        unit += 1;
        divisor *= 1000;
    }
    if unit == 0 {
        format!("{count} B")
    } else {
        format!("{}.{} {}", count / divisor, count % divisor * 10 / divisor, UNITS[unit])
    }
}

/// A value, or a dash where there is none.
pub(crate) fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// What follows a text in brackets, with the space before it; empty if there is nothing.
pub(crate) fn in_brackets(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}

/// The first cell of a row, marked if the row comes from a ledger that was not verified.
pub(crate) fn marked_unverified(text: impl Display, unverified: bool) -> String {
    if unverified { format!("UNVERIFIED {text}") } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_counts_are_short() {
        for (count, expected) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (u64::MAX, "18446744.0 TB")]
        {
            assert_eq!(bytes(count), expected);
        }
    }
}
