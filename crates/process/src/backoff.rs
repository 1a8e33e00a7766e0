//! Exponential back-off between attempts.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

/// Waits that double with each failure, up to a maximum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    has_jitter: bool,
}

impl Backoff {
    /// Waits from `first` to `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, failures: 0, has_jitter: false }
    }

    /// Shortens each wait at random by up to a half, so that a thousand processes do not retry at the same time.
    #[must_use]
    pub const fn with_jitter(self) -> Self {
        Self { has_jitter: true, ..self }
    }

    /// How long to wait after one more failure.
    pub fn next_wait(&mut self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let wait = self.first.saturating_mul(factor).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        if self.has_jitter { wait.mul_f64(1.0 - random() / 2.0) } else { wait }
    }

    /// Starts again with the first wait, after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        Some(self.next_wait())
    }
}

#[cfg(feature = "watch")]
impl kube::runtime::utils::Backoff for Backoff {
    fn reset(&mut self) {
        Self::reset(self);
    }
}

/// A wait that a server asked for (`Retry-After`), lengthened by up to a tenth at random.
pub fn lengthen(wait: Duration) -> Duration {
    wait.mul_f64(1.0 + random() / 10.0)
}

/// From 0 to 1. Random enough for jitter: the keys of the standard hasher are random.
fn random() -> f64 {
    let bits = RandomState::new().hash_one(0_u8) >> 32;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        let waits: Vec<_> = (0..8).map(|_| backoff.next_wait().as_secs_f64()).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
        assert!(backoff.by_ref().take(100).all(|wait| wait == LONGEST));
        backoff.reset();
        assert_eq!(backoff.next_wait(), FIRST);
    }

    #[test]
    fn jitter_shortens_waits_by_up_to_a_half() {
        let mut backoff = Backoff::new(FIRST, LONGEST).with_jitter();
        for expected in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
            let wait = backoff.next_wait().as_secs_f64();
            assert!((expected / 2.0..=expected).contains(&wait), "{wait} of {expected}");
        }
        for _ in 0..100 {
            assert!(backoff.next_wait() <= LONGEST);
        }
        backoff.reset();
        assert!(backoff.next_wait() <= FIRST);
    }

    #[test]
    fn processes_do_not_retry_at_the_same_time() {
        let waits: std::collections::HashSet<_> = (0..20).map(|_| lengthen(Duration::from_secs(10))).collect();
        assert!(waits.len() > 10, "{waits:?}");
        assert!(waits.iter().all(|wait| (10.0..=11.0).contains(&wait.as_secs_f64())));
    }
}
