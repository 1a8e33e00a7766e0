//! § 130(1) BGB: when a declaration sent to a business by e-mail is received.
//!
//! It is received when it can be retrieved from the mail server within business hours (BGH
//! 6.10.2022, VII ZR 895/21); outside of them when they next begin.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::Serialize;

use super::{ClockError, Holidays, Step, days::day_off};

const LAW: &str = "§ 130(1) BGB";

/// When a business takes note of its mail. The end is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BusinessHours {
    opens: Time,
    closes: Time,
    saturday: bool,
}

/// When a message counts as received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The instant of receipt, with which periods start.
    pub at: Timestamp,
    /// Day by day.
    pub reasoning: Vec<Step>,
}

impl BusinessHours {
    /// From `opens` to `closes` on Mondays to Fridays, and on Saturdays if `saturday` says so.
    pub fn new(opens: Time, closes: Time, saturday: bool) -> Result<Self, ClockError> {
        if opens < closes {
            Ok(Self { opens, closes, saturday })
        } else {
            Err(ClockError::NoBusinessHours { opens, closes })
        }
    }
}

/// When a message that could be retrieved from `arrival` on is received.
pub fn received(
    arrival: Timestamp,
    hours: &BusinessHours,
    zone: &TimeZone,
    holidays: &Holidays,
) -> Result<Receipt, ClockError> {
    let local = zone.to_datetime(arrival);
    let mut day = local.date();
    let mut reasoning = Vec::new();
    let closed_today = closed(day, hours, holidays, &mut reasoning)?;
    let late = local.time() >= hours.closes;
    if !closed_today && !late && local.time() >= hours.opens {
        reasoning.push(Step::new(day, "received, within business hours", LAW));
        return Ok(Receipt { at: arrival, reasoning });
    }
    if !closed_today && late {
        reasoning.push(Step::new(day, "after business hours: not received on this day", LAW));
    }
    if closed_today || late {
        day = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
    }
    while closed(day, hours, holidays, &mut reasoning)? {
        day = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
    }
    reasoning.push(Step::new(day, "received when business begins", LAW));
    let at = zone.to_timestamp(day.to_datetime(hours.opens)).map_err(|_| ClockError::OutOfRange)?;
    Ok(Receipt { at, reasoning })
}

fn closed(
    day: Date,
    hours: &BusinessHours,
    holidays: &Holidays,
    reasoning: &mut Vec<Step>,
) -> Result<bool, ClockError> {
    let off = day_off(day, holidays, hours.saturday)?;
    if let Some(why) = off {
        reasoning.push(Step::new(day, format!("{why}: not received on this day"), LAW));
    }
    Ok(off.is_some())
}
