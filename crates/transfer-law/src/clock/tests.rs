mod brute_force;
mod holidays;
mod notice;
mod rules;
mod vectors;

use std::num::NonZeroU16;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::*;

fn berlin() -> TimeZone {
    zone(CONTRACT_ZONE).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `5 werktag`, by the BGB, moved by § 193.
fn rule(amount: u16, unit: PeriodUnit) -> Rule {
    Rule {
        amount: NonZeroU16::new(amount).unwrap(),
        unit,
        calendar: Calendar::Bgb,
        saturday_is_werktag: true,
        roll: true,
    }
}

fn by_regulation(amount: u16, unit: PeriodUnit) -> Rule {
    Rule { calendar: Calendar::Regulation1182, ..rule(amount, unit) }
}
