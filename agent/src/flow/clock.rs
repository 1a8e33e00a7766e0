//! The table's clock: capture time, made monotonic.

use jiff::Timestamp;

/// How far a packet may be behind the newest one, as happens with several interfaces. Beyond that the clock counts as
/// set back.
const TOLERANCE_MILLISECONDS: i64 = 60_000;

/// A monotonic clock in milliseconds.
///
/// When the clock of the capture is set back, this clock stands still for that packet and continues from there, so that
/// flows still time out.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Option<i64>,
    bias: i64,
    set_back: u64,
}

impl Clock {
    /// Times that the clock of the capture was set back.
    pub(super) fn set_back(&self) -> u64 {
        self.set_back
    }

    /// Advances the clock with the time of a packet; returns the current time.
    pub(super) fn advance(&mut self, at: Timestamp) -> i64 {
        let frame_time = at.as_millisecond().saturating_add(self.bias);
        let now = self.now.unwrap_or(frame_time);
        let behind = now.saturating_sub(frame_time);
        if behind > TOLERANCE_MILLISECONDS {
            self.bias = self.bias.saturating_add(behind);
            self.set_back += 1;
        }
        let now = now.max(frame_time);
        self.now = Some(now);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advance(clock: &mut Clock, seconds: i64) -> i64 {
        clock.advance(Timestamp::from_second(seconds).unwrap()) / 1000
    }

    #[test]
    fn small_steps_back_stand_still() {
        let mut clock = Clock::default();
        assert_eq!([100, 40, 99, 101].map(|at| advance(&mut clock, at)), [100, 100, 100, 101]);
        assert_eq!(clock.set_back(), 0);
    }

    #[test]
    fn a_clock_that_was_set_back_continues_from_where_it_was() {
        let mut clock = Clock::default();
        assert_eq!([1000, 10, 15, 5, 20].map(|at| advance(&mut clock, at)), [1000, 1000, 1005, 1005, 1010]);
        assert_eq!(clock.set_back(), 1);
    }

    #[test]
    fn extreme_instants_do_not_overflow() {
        let mut clock = Clock::default();
        for _ in 0..1000 {
            clock.advance(Timestamp::MAX);
            clock.advance(Timestamp::MIN);
        }
        assert_eq!(clock.set_back(), 1000);
    }
}
