//! §§ 186-193 BGB: periods in statutes, court orders and contracts.

use jiff::{ToSpan as _, civil::Date};

use super::{
    ClockError, Holidays, PeriodUnit, Rule, Step,
    days::{Anchor, moved, numbered, rolled, working_days_after},
};

pub(super) fn last_days(
    rule: Rule,
    anchor: Anchor,
    holidays: Option<&Holidays>,
    reasoning: &mut Vec<Step>,
) -> Result<(Date, Date), ClockError> {
    reasoning.push(if anchor.counts {
        Step::new(anchor.day, "the period starts at the beginning of this day, which counts", "§ 187(2) BGB")
    } else {
        Step::new(anchor.day, "day of the event: does not count", "§ 187(1) BGB")
    });
    let strict = last_day(rule, anchor, holidays, reasoning)?;
    if !rule.roll {
        reasoning.push(Step::new(strict, "last day; this period does not move", "§ 193 BGB not applied"));
        return Ok((strict, strict));
    }
    let legal = rolled(strict, holidays.ok_or(ClockError::MissingLand)?, "§ 193 BGB", reasoning)?;
    reasoning.push(Step::new(legal, "last day", "§ 188 BGB"));
    Ok((strict, legal))
}

fn last_day(
    rule: Rule,
    anchor: Anchor,
    holidays: Option<&Holidays>,
    reasoning: &mut Vec<Step>,
) -> Result<Date, ClockError> {
    let amount = rule.amount.get();
    let (day, text, law) = match rule.unit {
        PeriodUnit::WorkingDays => {
            let holidays = holidays.ok_or(ClockError::MissingLand)?;
            let law = "Werktage; § 188(1) BGB";
            return working_days_after(anchor.eve()?, amount, holidays, rule.saturday_is_werktag, law, reasoning);
        }
        PeriodUnit::Hours | PeriodUnit::Days => {
            let day = moved(anchor.eve()?, i64::from(amount).days())?;
            (day, "the period ends with its last day; every day counts", "§ 188(1) BGB")
        }
        PeriodUnit::Weeks if anchor.counts => {
            let day = moved(anchor.eve()?, i64::from(amount).weeks())?;
            (day, "the day before the weekday on which it started", "§ 188(2) BGB")
        }
        PeriodUnit::Weeks => {
            (moved(anchor.day, i64::from(amount).weeks())?, "the weekday of the event", "§ 188(2) BGB")
        }
        PeriodUnit::Months => return months(amount, anchor, reasoning),
    };
    reasoning.push(Step::counted(day, amount, text, law));
    Ok(day)
}

/// § 188(2) and (3): the period ends on the day with the same number, or on the last day of the month if that lacks
/// it. If the first day counts, it ends on the day before that number, and only that day can be lacking: six months
/// from the beginning of 31 August end on 28 February, not on the 27th.
fn months(amount: u16, anchor: Anchor, reasoning: &mut Vec<Step>) -> Result<Date, ClockError> {
    let decisive = anchor.eve()?;
    // From the first of a month the day before is the last day of the month before.
    let first_counts = anchor.counts && anchor.day.day() == 1;
    let number = if first_counts { 31 } else { decisive.day() };
    let day = numbered(decisive, amount, number)?;
    let (text, law) = match (anchor.counts, first_counts || day.day() == number) {
        (true, true) => ("the day before the number of the first day", "§ 188(2) BGB"),
        (false, true) => ("the number of the day of the event", "§ 188(2) BGB"),
        (_, false) => ("the month lacks the day: its last day", "§ 188(3) BGB"),
    };
    reasoning.push(Step::counted(day, amount, text, law));
    Ok(day)
}
