//! Functions that both calendars use: the reference day of a period, months, and working days.

use jiff::{Span, ToSpan as _, civil::Date, tz::TimeZone};

use super::{ClockError, Holidays, Start, Step};

/// The reference day of a period in days, weeks or months.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    pub(super) day: Date,
    /// Whether it is itself the first day of the period.
    pub(super) counts: bool,
}

impl Anchor {
    pub(super) fn new(start: Start, zone: &TimeZone) -> Self {
        match start {
            Start::Event(instant) => Self::event(zone.to_datetime(instant).date()),
            Start::EventDay(day) => Self::event(day),
            Start::BeginningOf(day) => Self { day, counts: true },
        }
    }

    pub(super) fn event(day: Date) -> Self {
        Self { day, counts: false }
    }

    /// The day before the first that counts.
    pub(super) fn eve(self) -> Result<Date, ClockError> {
        if self.counts { self.day.yesterday().map_err(|_| ClockError::OutOfRange) } else { Ok(self.day) }
    }
}

/// `day` moved by `span`.
pub(super) fn moved(day: Date, span: Span) -> Result<Date, ClockError> {
    day.checked_add(span).map_err(|_| ClockError::OutOfRange)
}

/// The day with the number `number` in the month that is `months` after that of `day`, or the last
/// day of that month where it has no such day.
pub(super) fn numbered(day: Date, months: u16, number: i8) -> Result<Date, ClockError> {
    let month = moved(day.first_of_month(), i64::from(months).months())?;
    Ok(month.with().day(number.min(month.days_in_month())).build().unwrap_or_else(|_| month.last_of_month()))
}

/// Why `day` is no working day; `None` if it is one.
pub(super) fn day_off(
    day: Date,
    holidays: &Holidays,
    saturday_works: bool,
) -> Result<Option<&'static str>, ClockError> {
    use jiff::civil::Weekday;
    if let Some(name) = holidays.on(day)? {
        return Ok(Some(name));
    }
    Ok(match day.weekday() {
        Weekday::Sunday => Some("Sunday"),
        Weekday::Saturday if !saturday_works => Some("Saturday"),
        _ => None,
    })
}

/// The `amount`-th working day after `eve`, each day with its reason.
pub(super) fn working_days_after(
    eve: Date,
    amount: u16,
    holidays: &Holidays,
    saturday_works: bool,
    law: &'static str,
    reasoning: &mut Vec<Step>,
) -> Result<Date, ClockError> {
    let mut day = eve;
    let mut count = 0;
    while count < amount {
        day = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
        if let Some(why) = day_off(day, holidays, saturday_works)? {
            reasoning.push(Step::new(day, format!("{why}: does not count"), law));
        } else {
            count += 1;
            reasoning.push(Step::counted(day, count, "counts", law));
        }
    }
    Ok(day)
}

/// `day`, or the next day that is neither Saturday, Sunday nor public holiday.
pub(super) fn rolled(
    mut day: Date,
    holidays: &Holidays,
    law: &'static str,
    reasoning: &mut Vec<Step>,
) -> Result<Date, ClockError> {
    while let Some(why) = day_off(day, holidays, false)? {
        reasoning.push(Step::new(day, format!("{why}: the end moves to the next working day"), law));
        day = day.tomorrow().map_err(|_| ClockError::OutOfRange)?;
    }
    Ok(day)
}
