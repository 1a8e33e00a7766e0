//! Regulation (EEC, Euratom) No 1182/71: periods in acts of the Union, such as Art. 12(3) and 33 GDPR.

use jiff::{ToSpan as _, civil::Date};

use super::{
    ClockError, Holidays, PeriodUnit, Rule, Step,
    days::{Anchor, day_off, moved, numbered, rolled, working_days_after},
};

pub(super) fn last_days(
    rule: Rule,
    anchor: Anchor,
    holidays: Option<&Holidays>,
    reasoning: &mut Vec<Step>,
) -> Result<(Date, Date), ClockError> {
    if anchor.counts {
        return Err(ClockError::CountedFirstDay { day: anchor.day });
    }
    reasoning.push(Step::new(anchor.day, "day of the event: does not count", "Art. 3(1) Reg. 1182/71"));
    let strict = last_day(rule, anchor.day, holidays, reasoning)?;
    if !rule.roll {
        let text = "last day; this period does not move";
        reasoning.push(Step::new(strict, text, "Art. 3(4) Reg. 1182/71 not applied"));
        return Ok((strict, strict));
    }
    let holidays = holidays.ok_or(ClockError::MissingLand)?;
    let end = rolled(strict, holidays, "Art. 3(4) Reg. 1182/71", reasoning)?;
    let legal = with_two_working_days(rule, anchor.day, end, holidays, reasoning)?;
    reasoning.push(Step::new(legal, "last day", "Art. 3(2) Reg. 1182/71"));
    Ok((strict, legal))
}

fn last_day(
    rule: Rule,
    event: Date,
    holidays: Option<&Holidays>,
    reasoning: &mut Vec<Step>,
) -> Result<Date, ClockError> {
    let amount = rule.amount.get();
    let (day, text, law) = match rule.unit {
        PeriodUnit::WorkingDays => {
            let holidays = holidays.ok_or(ClockError::MissingLand)?;
            return working_days_after(event, amount, holidays, false, "Art. 2(2) Reg. 1182/71", reasoning);
        }
        PeriodUnit::Hours | PeriodUnit::Days => {
            let day = moved(event, i64::from(amount).days())?;
            (day, "the period ends with its last day; every day counts", "Art. 3(2)(b), (3) Reg. 1182/71")
        }
        PeriodUnit::Weeks => {
            (moved(event, i64::from(amount).weeks())?, "the weekday of the event", "Art. 3(2)(c) Reg. 1182/71")
        }
        PeriodUnit::Months => {
            let day = numbered(event, amount, event.day())?;
            let text = if day.day() == event.day() {
                "the number of the day of the event"
            } else {
                "the month lacks the day: its last day"
            };
            (day, text, "Art. 3(2)(c) Reg. 1182/71")
        }
    };
    reasoning.push(Step::counted(day, amount, text, law));
    Ok(day)
}

/// Art. 3(5): a period of two days or more has at least two working days in it.
fn with_two_working_days(
    rule: Rule,
    event: Date,
    mut end: Date,
    holidays: &Holidays,
    reasoning: &mut Vec<Step>,
) -> Result<Date, ClockError> {
    if matches!(rule.unit, PeriodUnit::Days | PeriodUnit::WorkingDays) && rule.amount.get() < 2 {
        return Ok(end);
    }
    let mut working = 0;
    let mut day = event;
    while working < 2 {
        day = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
        if day > end {
            reasoning.push(Step::new(day, "the period needs two working days", "Art. 3(5) Reg. 1182/71"));
            end = day;
        }
        if day_off(day, holidays, false)?.is_none() {
            working += 1;
        }
    }
    Ok(end)
}
