//! The instant of a judgment, and until when it can hold.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp, civil::Date};

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
        start(date).is_some_and(|start| self.reached(start))
    }

    /// Whether there is such a day and it has begun.
    pub(crate) fn has_come(&self, date: Option<Date>) -> bool {
        date.is_some_and(|date| self.reached_day(date))
    }

    /// Whether `date` lies more than `days` days back (read as UTC). A date that is no instant of UTC
    /// cannot vouch for anything.
    pub(crate) fn is_older(&self, date: Date, days: u16) -> bool {
        let limit = SignedDuration::from_hours(24 * i64::from(days)) + SignedDuration::from_nanos(1);
        let Some(start) = start(date) else { return true };
        start.checked_add(limit).is_ok_and(|limit| self.reached(limit))
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

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The first instant of a date, read as UTC.
pub(crate) fn start(date: Date) -> Option<Timestamp> {
    // By days alone: every judgment does this some ten times, and a zone costs more than all else.
    Timestamp::from_second(date.duration_since(EPOCH).as_secs()).ok()
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
}
