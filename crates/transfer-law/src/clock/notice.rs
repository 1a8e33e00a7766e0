//! Minimum notice, forward from its receipt and backward from the day it is for.

use jiff::{Span, ToSpan as _, civil::Date};

use super::{
    ClockError, Holidays, PeriodUnit, Rule,
    days::{Anchor, day_off, moved},
    last_days,
};

/// The first day after a notice period of `rule` that starts with receipt on the day `receipt`.
pub fn earliest_after_notice(rule: Rule, receipt: Date, holidays: Option<&Holidays>) -> Result<Date, ClockError> {
    last_day(rule, receipt, holidays)?.tomorrow().map_err(|_| ClockError::OutOfRange)
}

/// The last day of receipt whose period ends before the day `before`.
///
/// Found by computing the end for each candidate day: counting backward would miss ends that § 193 BGB moves past the
/// day.
pub fn latest_receipt(rule: Rule, before: Date, holidays: Option<&Holidays>) -> Result<Date, ClockError> {
    let mut day = moved(before, -about(rule))?;
    while last_day(rule, day, holidays)? >= before {
        day = day.yesterday().map_err(|_| ClockError::OutOfRange)?;
    }
    loop {
        let next = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
        if last_day(rule, next, holidays)? >= before {
            return Ok(day);
        }
        day = next;
    }
}

/// `day`, or the first day after it that is neither Saturday, Sunday nor public holiday; where a
/// notice must respect business hours, nothing happens sooner.
pub fn first_business_day(mut day: Date, holidays: &Holidays) -> Result<Date, ClockError> {
    while day_off(day, holidays, false)?.is_some() {
        day = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
    }
    Ok(day)
}

/// `day`, or the last day before it that is neither Saturday, Sunday nor public holiday: what arrives
/// on it within business hours is received by `day` (§ 130 BGB).
pub fn last_business_day(mut day: Date, holidays: &Holidays) -> Result<Date, ClockError> {
    while day_off(day, holidays, false)?.is_some() {
        day = day.yesterday().map_err(|_| ClockError::OutOfRange)?;
    }
    Ok(day)
}

fn last_day(rule: Rule, receipt: Date, holidays: Option<&Holidays>) -> Result<Date, ClockError> {
    if rule.unit == PeriodUnit::Hours {
        return Err(ClockError::NoticeInHours);
    }
    let (_, legal) = last_days(rule, Anchor::event(receipt), holidays, &mut Vec::new())?;
    Ok(legal)
}

/// The first candidate of the search: the length of the period without holidays.
fn about(rule: Rule) -> Span {
    let amount = i64::from(rule.amount.get());
    match rule.unit {
        PeriodUnit::Hours | PeriodUnit::Days | PeriodUnit::WorkingDays => amount.days(),
        PeriodUnit::Weeks => amount.weeks(),
        PeriodUnit::Months => amount.months(),
    }
}
