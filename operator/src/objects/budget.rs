use std::time::Duration;

use tokio::time::Instant;

/// A token bucket that limits the rate of writes.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    per_second: f64,
    burst: f64,
    left: f64,
    at: Option<Instant>,
}

impl Budget {
    pub(super) const fn new(per_second: u32, burst: u32) -> Self {
        let (per_second, burst) = (per_second as f64, burst as f64);
        Self { per_second, burst, left: burst, at: None }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.at = Some(now);
        self.left = self.burst.min(self.left + self.per_second * since.as_secs_f64());
        let has_one = self.left >= 1.0;
        if has_one {
            self.left -= 1.0;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_refills_every_second_up_to_its_burst() {
        let mut budget = Budget::new(2, 3);
        let start = Instant::now();
        let take = |budget: &mut Budget, seconds| {
            let now = start + Duration::from_secs(seconds);
            (0..10).filter(|_| budget.take(now)).count()
        };
        assert_eq!([0, 1, 2, 60].map(|seconds| take(&mut budget, seconds)), [3, 2, 2, 3]);
    }
}
