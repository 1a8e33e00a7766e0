//! How much of a partition is read.

use std::time::Duration;

use landfall_observation::SamplingBudgets;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// The most that is taken of each partition in a period. What is beyond is not read, and counted as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    /// Messages.
    pub messages: u64,
    /// Bytes of keys, values and headers.
    pub bytes: u64,
    /// Time of a processor for decoding and detecting, in milliseconds.
    pub processor_milliseconds: u64,
}

/// What is left of a budget in the present period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    messages: u64,
    bytes: u64,
    processor: Duration,
}

// === impl Budget ===

impl Default for Budget {
    /// A thousand messages, 16 MiB and five seconds: enough that a field which one message in a hundred fills is seen.
    fn default() -> Self {
        Self { messages: 1000, bytes: 16 << 20, processor_milliseconds: 5000 }
    }
}

impl From<SamplingBudgets> for Budget {
    /// Of a MessageBus, for each of its periods.
    fn from(budgets: SamplingBudgets) -> Self {
        let SamplingBudgets {
            messages_per_partition,
            bytes_per_partition,
            processor_milliseconds_per_partition,
            period_seconds: _,
        } = budgets;
        Self {
            messages: u64::from(messages_per_partition),
            bytes: bytes_per_partition,
            processor_milliseconds: u64::from(processor_milliseconds_per_partition),
        }
    }
}

// === impl Allowance ===

impl Allowance {
    pub(super) fn new(budget: Budget) -> Self {
        let Budget { messages, bytes, processor_milliseconds } = budget;
        Self { messages, bytes, processor: Duration::from_millis(processor_milliseconds) }
    }

    /// Takes one message off. The last one may go beyond.
    pub(super) fn spend(&mut self, bytes: u64, processor: Duration) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.processor = self.processor.saturating_sub(processor);
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.messages == 0 || self.bytes == 0 || self.processor.is_zero()
    }
}

/// Time that this thread has had a processor.
pub(super) fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whichever_is_used_up_first_ends_it() {
        let budget = Budget { messages: 3, bytes: 100, processor_milliseconds: 10 };
        let spent = |each: u64, processor: u64, times: usize| {
            let mut allowance = Allowance::new(budget);
            for _ in 0..times {
                allowance.spend(each, Duration::from_millis(processor));
            }
            allowance.is_used_up()
        };
        assert!(!spent(1, 1, 2) && spent(1, 1, 3));
        assert!(!spent(99, 1, 1) && spent(100, 1, 1));
        assert!(!spent(1, 9, 1) && spent(1, 10, 1));
    }
}
