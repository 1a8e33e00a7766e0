//! The order of writes. Pure.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{ObjectKey, budget::Budget};

/// All writes per second: 5,000 Transfers that become worse together are written within ten seconds, if the API server
/// can keep up.
const ALL_WRITES: Budget = Budget::new(500, 500);
/// Writes per second that only update counters, to spare the API server while nothing else changes.
const COUNTER_WRITES: Budget = Budget::new(5, 5);
/// Writes per second for lower priorities while many of a higher one wait.
const LOW_PRIORITY_WRITES: Budget = Budget::new(1, 1);
/// The number of waiting writes from which lower priorities get their share; fewer are written in a moment anyway.
const SHARE_THRESHOLD: usize = 16;

/// Priority of a write; lower values go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WritePriority {
    /// Without certificates no agent can deliver. They are few and have reserved slots.
    Certificates,
    /// The configuration of agents; uses reserved slots too.
    AgentConfiguration,
    /// A Transfer with a changed verdict, by rank: those that became worse go first.
    Transfer(u8),
    /// An Incident. Its deadlines and alerts do not depend on the object.
    Incident,
    /// The status of an object of the register.
    RegisterStatus,
    /// Drafts of reports.
    Report,
    /// A Kubernetes Event, which only repeats what the Transfer shows.
    Event,
    /// Nothing but updated counters.
    CountersOnly,
}

/// A write that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DueWrite {
    pub(super) priority: WritePriority,
    /// When it was last written: among equal priorities the oldest goes first.
    pub(super) written: Option<Instant>,
    /// Index of the source that writes it.
    pub(super) source: usize,
    pub(super) key: ObjectKey,
}

/// How many writes may start.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreeSlots {
    /// Of any priority.
    pub(super) general: usize,
    /// Only of priorities with reserved slots.
    pub(super) reserved: usize,
}

/// The writes that are due until the next comparison.
#[derive(Debug)]
pub(super) struct Queue {
    due: VecDeque<DueWrite>,
    all: Budget,
    counters: Budget,
    low_priority: Budget,
}

impl WritePriority {
    /// Whether it may use the reserved slots.
    pub(super) fn has_reserve(self) -> bool {
        matches!(self, Self::Certificates | Self::AgentConfiguration)
    }

    /// Whether more than counters changed.
    pub(super) fn is_significant(self) -> bool {
        self != Self::CountersOnly
    }

    /// The highest value of the same variant.
    fn end(self) -> Self {
        match self {
            Self::Transfer(_) => Self::Transfer(u8::MAX),
            other => other,
        }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { due: VecDeque::new(), all: ALL_WRITES, counters: COUNTER_WRITES, low_priority: LOW_PRIORITY_WRITES }
    }
}

impl Queue {
    /// Replaces the queue by what is due now.
    pub(super) fn replace(&mut self, mut due: Vec<DueWrite>) {
        due.sort_unstable();
        self.due = due.into();
    }

    /// Takes the next write that may start now.
    pub(super) fn pop(&mut self, slots: FreeSlots, now: Instant) -> Option<DueWrite> {
        let first = self.due.front()?.priority;
        if first.has_reserve() && slots.general + slots.reserved > 0 {
            return self.due.pop_front();
        }
        if slots.general == 0 {
            return None;
        }
        let next = self.due.partition_point(|due| due.priority <= first.end());
        let has_share = next > SHARE_THRESHOLD && self.due.get(next).is_some_and(|due| due.priority.is_significant());
        let at = if has_share && self.low_priority.take(now) { next } else { 0 };
        if !self.due[at].priority.is_significant() && !self.counters.take(now) {
            return None;
        }
        if self.all.take(now) { self.due.remove(at) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SLOTS: FreeSlots = FreeSlots { general: 1, reserved: 1 };

    fn due(priority: WritePriority, number: usize) -> DueWrite {
        let key = ObjectKey { kind: "Transfer", namespace: None, name: number.to_string() };
        DueWrite { priority, written: None, source: 0, key }
    }

    fn queue(lines: &[(WritePriority, usize)]) -> Queue {
        let mut queue = Queue::default();
        let all = lines.iter().flat_map(|(priority, count)| (0..*count).map(|number| due(*priority, number)));
        queue.replace(all.collect());
        queue
    }

    /// The priorities of the next ones.
    fn pop(queue: &mut Queue, count: usize, now: Instant) -> Vec<WritePriority> {
        std::iter::from_fn(|| queue.pop(SLOTS, now)).take(count).map(|due| due.priority).collect()
    }

    #[test]
    fn certificates_and_agent_configuration_go_first_and_have_reserved_slots() {
        let now = Instant::now();
        let lines = [
            (WritePriority::CountersOnly, 1),
            (WritePriority::Event, 1),
            (WritePriority::Transfer(10), 1),
            (WritePriority::AgentConfiguration, 1),
            (WritePriority::Incident, 1),
            (WritePriority::Transfer(9), 1),
            (WritePriority::Certificates, 1),
        ];
        let mut sorted = lines.map(|(priority, _)| priority);
        sorted.sort_unstable();
        assert_eq!(pop(&mut queue(&lines), 9, now), sorted);
        let mut full = queue(&lines);
        let busy = FreeSlots { general: 0, reserved: 2 };
        let taken: Vec<_> = std::iter::from_fn(|| full.pop(busy, now)).map(|due| due.priority).collect();
        assert_eq!(taken, [WritePriority::Certificates, WritePriority::AgentConfiguration]);
        // The budget does not delay them either.
        let mut spent = queue(&[(WritePriority::Incident, 600)]);
        assert_eq!(pop(&mut spent, 600, now).len(), 500);
        spent.replace(vec![due(WritePriority::Incident, 0), due(WritePriority::Certificates, 0)]);
        assert_eq!(pop(&mut spent, 9, now), [WritePriority::Certificates]);
    }

    #[test]
    fn lower_priorities_get_a_small_share_while_many_of_a_higher_one_wait() {
        let start = Instant::now();
        let (first, other) = (WritePriority::Transfer(0), WritePriority::Incident);
        let others = |queue: &mut Queue, count, seconds| {
            let taken = pop(queue, count, start + Duration::from_secs(seconds));
            taken.iter().filter(|priority| **priority == other).count()
        };
        // A few are written first.
        let mut few = queue(&[(first, SHARE_THRESHOLD), (other, 10)]);
        assert_eq!([others(&mut few, SHARE_THRESHOLD, 0), others(&mut few, 10, 0)], [0, 10]);
        // Many, of different ranks: one write per second goes to the others.
        let mut many = queue(&[(first, 100), (WritePriority::Transfer(30), 200), (other, 10)]);
        assert_eq!([0, 0, 1, 1, 2].map(|seconds| others(&mut many, 50, seconds)), [1, 0, 1, 0, 1]);
        // Without a higher priority they get everything.
        many.replace((0..20).map(|number| due(other, number)).collect());
        assert_eq!(others(&mut many, 50, 2), 20);
    }

    #[test]
    fn counters_have_a_budget_of_their_own_and_take_no_other_share() {
        let now = Instant::now();
        let mut figures = queue(&[(WritePriority::CountersOnly, 50)]);
        assert_eq!(pop(&mut figures, 50, now).len(), 5);
        assert_eq!(pop(&mut figures, 50, now + Duration::from_secs(1)).len(), 5);
        let mut both = queue(&[(WritePriority::Transfer(0), 50), (WritePriority::CountersOnly, 50)]);
        assert_eq!(pop(&mut both, 50, now), [WritePriority::Transfer(0); 50]);
    }
}
