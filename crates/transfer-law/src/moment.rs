//! The instant of a judgment, and until when the judgment can hold.

use jiff::{Timestamp, civil::Date, tz::Offset};

/// The instant of a judgment, compared with dates and instants. Each comparison bounds for how long the judgment holds
/// and is therefore a `&mut` call: make only those that the judgment depends on.
#[derive(Debug)]
pub(crate) struct Moment {
    at: Timestamp,
    next_change: Timestamp,
}

impl Moment {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self { at, next_change: Timestamp::MAX }
    }

    /// Whether `instant` has come.
    pub(crate) fn reached(&mut self, instant: Timestamp) -> bool {
        let reached = instant <= self.at;
        if !reached {
            self.next_change = self.next_change.min(instant);
        }
        reached
    }

    /// Whether `date` has begun (read as UTC). A date outside the range of instants never does.
    pub(crate) fn reached_day(&mut self, date: Date) -> bool {
        start(date).is_some_and(|start| self.reached(start))
    }

    /// Whether there is such a day and it has begun.
    pub(crate) fn reached_known_day(&mut self, date: Option<Date>) -> bool {
        date.is_some_and(|date| self.reached_day(date))
    }

    /// Whether `date` lies more than `days` days back (read as UTC). A date outside the range of instants counts as too
    /// old.
    pub(crate) fn is_older(&mut self, date: Date, days: u16) -> bool {
        let Some(start) = start(date) else { return true };
        // In whole seconds, because most judgments make this comparison and nearly always something else changes
        // sooner. Exactly `days` days back is not older; the first older instant is one nanosecond later.
        let limit = start.as_second() + SECONDS_A_DAY * i64::from(days);
        let is_older = (limit, 1) <= (self.at.as_second(), self.at.subsec_nanosecond());
        if !is_older
            && limit <= self.next_change.as_second()
            && let Ok(just_after) = Timestamp::new(limit, 1)
        {
            self.next_change = self.next_change.min(just_after);
        }
        is_older
    }

    /// The next instant at which an answer changes; the last instant there is, if none does.
    pub(crate) fn next_change(&self) -> Timestamp {
        self.next_change
    }
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// The first instant of a date, read as UTC. Uses the offset, because a time zone would have to be looked up.
pub(crate) fn start(date: Date) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_next_change_bounds_the_judgment() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut moment = Moment::new(at("2026-11-23T10:00:00Z"));
        assert!(moment.reached(at("2026-11-23T10:00:00Z")));
        assert_eq!(moment.next_change(), Timestamp::MAX);
        assert!(!moment.reached(at("2027-01-01T00:00:00Z")));
        assert!(!moment.reached_day(date(2026, 12, 1)));
        assert_eq!(moment.next_change(), at("2026-12-01T00:00:00Z"));
        // Ten days are reached by the instant and passed just after it.
        assert!(!moment.is_older(date(2026, 11, 14), 10));
        assert_eq!(moment.next_change(), at("2026-11-24T00:00:00.000000001Z"));
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
