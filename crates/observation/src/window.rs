use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Length of a window in seconds: there is one observation per key and minute.
const SECONDS: i128 = 60;

/// The time in which the bytes of an observation were seen: at most 60 s, inside one minute of UTC. Both ends are instants
/// of packets, so `end` may equal `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Instant of the first packet.
    pub start: Timestamp,
    /// Instant of the last packet.
    pub end: Timestamp,
}

impl Window {
    /// The number of the minute that holds `instant`, counted from 1970-01-01T00:00Z.
    pub fn minute(instant: Timestamp) -> i128 {
        // `as_second` rounds towards zero, which would give -0.5 s and 0.5 s one minute.
        instant.as_nanosecond().div_euclid(SECONDS * 1_000_000_000)
    }

    /// A window with nothing but `instant`.
    pub fn at(instant: Timestamp) -> Self {
        Self { start: instant, end: instant }
    }

    /// Extends the window to `instant`.
    pub fn include(&mut self, instant: Timestamp) {
        self.start = self.start.min(instant);
        self.end = self.end.max(instant);
    }

    /// Whether the window is ordered and lies inside one minute.
    pub fn is_valid(&self) -> bool {
        self.start <= self.end && Self::minute(self.start) == Self::minute(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_stays_inside_its_minute() {
        let mut window = Window::at(at("2026-11-23T10:00:00Z"));
        window.include(at("2026-11-23T10:00:59.999999999Z"));
        assert!(window.is_valid());
        window.include(at("2026-11-23T10:01:00Z"));
        assert!(!window.is_valid());
    }

    #[test]
    fn minutes_before_1970_are_counted_downwards() {
        assert_eq!(Window::minute(at("1969-12-31T23:59:59.5Z")), -1);
        assert_eq!(Window::minute(at("1970-01-01T00:00:59Z")), 0);
    }
}
