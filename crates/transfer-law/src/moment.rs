//! The instant of a judgment, and until when it can hold.

use std::cell::Cell;

use jiff::{Timestamp, civil::Date};

/// The instant of a judgment. It remembers the next instant at which one of its answers changes.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    at: Timestamp,
    next: Cell<Timestamp>,
}

impl Moment {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self { at, next: Cell::new(Timestamp::MAX) }
    }

    /// Whether `instant` has come.
    pub(crate) fn reached(&self, instant: Timestamp) -> bool {
        let reached = instant <= self.at;
        if !reached {
            self.next.set(self.next.get().min(instant));
        }
        reached
    }

    /// Whether `date` has begun (read as UTC). A date that is no instant of UTC never does.
    pub(crate) fn reached_day(&self, date: Date) -> bool {
        let Some(second) = start_second(date) else { return false };
        self.is_past(second, 0) || start(date).is_some_and(|start| self.reached(start))
    }

    /// Whether there is such a day and it has begun.
    pub(crate) fn has_come(&self, date: Option<Date>) -> bool {
        date.is_some_and(|date| self.reached_day(date))
    }

    /// Whether `date` lies more than `days` days back (read as UTC). A date that is no instant of UTC
    /// cannot vouch for anything.
    pub(crate) fn is_older(&self, date: Date, days: u16) -> bool {
        let Some(start) = start_second(date) else { return true };
        // The first instant after is that of the next nanosecond.
        let limit = start + SECONDS_A_DAY * i64::from(days);
        let is_older = self.is_past(limit, 1);
        if !is_older
            && limit <= self.next.get().as_second()
            && let Ok(just_after) = Timestamp::new(limit, 1)
        {
            self.until(just_after);
        }
        is_older
    }

    /// Whether that second and nanosecond has come.
    fn is_past(&self, second: i64, nanosecond: i32) -> bool {
        (second, nanosecond) <= (self.at.as_second(), self.at.subsec_nanosecond())
    }

    /// The next instant at which an answer changes.
    pub(crate) fn next(&self) -> Timestamp {
        self.next.get()
    }

    /// Takes over what another moment of the same judgment learnt.
    pub(crate) fn until(&self, next: Timestamp) {
        self.next.set(self.next.get().min(next));
    }
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// The first instant of a date, read as UTC.
pub(crate) fn start(date: Date) -> Option<Timestamp> {
    start_second(date).and_then(|second| Timestamp::from_second(second).ok())
}

/// Its second since 1970, where it is an instant. By days alone: every judgment does this some ten times, and
/// a zone costs more than all else.
fn start_second(date: Date) -> Option<i64> {
    let instants = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    Some(days_since_epoch(date) * SECONDS_A_DAY).filter(|second| instants.contains(second))
}

/// Days since 1 January 1970. Counted in years that begin in March, so that the leap day is the last of its
/// year and the months before it have the same lengths in every year.
fn days_since_epoch(date: Date) -> i64 {
    let [year, month, day] = [date.year(), date.month().into(), date.day().into()].map(i32::from);
    let (year, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    // Leap years repeat every 400 years; years before the first would be divided the wrong way.
    let year = (year + 10_000).unsigned_abs();
    let days_before = 365 * year + year / 4 - year / 100 + year / 400;
    // From March on the months have 31, 30, 31, 30, 31 days, and again: 153 in five.
    let day_of_year = (153 * months + 2) / 5 + day;
    // The last number is what the first day of 1970 comes to.
    i64::from(days_before) + i64::from(day_of_year) - 4_371_894
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_next_change_is_remembered() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let moment = Moment::new(at("2026-11-23T10:00:00Z"));
        assert!(moment.reached(at("2026-11-23T10:00:00Z")));
        assert_eq!(moment.next(), Timestamp::MAX);
        assert!(!moment.reached(at("2027-01-01T00:00:00Z")));
        assert!(!moment.reached_day(date(2026, 12, 1)));
        assert_eq!(moment.next(), at("2026-12-01T00:00:00Z"));
        // Ten days are reached by the instant and passed just after it.
        assert!(!moment.is_older(date(2026, 11, 14), 10));
        assert_eq!(moment.next(), at("2026-11-24T00:00:00.000000001Z"));
        assert!(moment.is_older(date(2026, 11, 13), 10));
        assert!(moment.is_older(date(9999, 12, 31), 10) || !moment.reached_day(date(9999, 12, 31)));
    }

    #[test]
    fn a_date_begins_at_midnight_in_utc() {
        let every_day = |from: Date, until: Date| {
            let mut date = from;
            while date < until {
                let instant = date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
                assert_eq!(start(date), Some(instant), "{date}");
                date = date.tomorrow().unwrap();
            }
        };
        every_day(date(1895, 12, 1), date(2105, 2, 1));
        every_day(date(-401, 12, 1), date(-398, 4, 1));
        every_day(date(-1, 12, 1), date(1, 4, 1));
        assert_eq!((start(Date::MIN), start(Date::MAX)), (None, None));
    }
}
