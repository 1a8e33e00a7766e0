//! What is written next. Pure.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{ObjectKey, budget::Budget};

/// Writes a second: 5,000 Transfers that get worse together are written within ten seconds, if the API server takes so many.
const WRITES: Budget = Budget::new(500, 500);
/// Figures alone a second, so that the API server has rest when nothing changes.
const FIGURES: Budget = Budget::new(5, 5);
/// What is left to lower priorities while many of a higher one wait, a second.
const SHARE: Budget = Budget::new(1, 1);
/// How many of a priority must wait before the lower ones are given their share: fewer are written in a moment.
const MANY: usize = 16;

/// How soon something must be written; the lesser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WritePriority {
    /// Without certificates no agent can deliver. They are few, and have a reserve.
    Certificates,
    /// What agents are told. It has a reserve, too.
    AgentConfiguration,
    /// A Transfer that says something else, by rank: what got worse goes first.
    Transfer(u8),
    /// An Incident: its clocks and alerts need no object.
    Incident,
    /// What is said about an object of the register.
    RegisterStatus,
    /// Drafts of reports.
    Report,
    /// A Kubernetes Event: the Transfer says the same.
    Event,
    /// Figures alone.
    Figures,
}

/// A write that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) priority: WritePriority,
    /// Of equal priority, what was written longest ago goes first.
    pub(super) written: Option<Instant>,
    /// By whom it is written.
    pub(super) lane: usize,
    pub(super) key: ObjectKey,
}

/// How many writes may begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Of any kind.
    pub(super) general: usize,
    /// Of those that have a reserve.
    pub(super) reserved: usize,
}

/// The line of what may be written until the next look.
#[derive(Debug)]
pub(super) struct Queue {
    line: VecDeque<Due>,
    writes: Budget,
    figures: Budget,
    share: Budget,
}

impl WritePriority {
    /// Whether it may use the slots that are kept free.
    pub(super) fn has_reserve(self) -> bool {
        matches!(self, Self::Certificates | Self::AgentConfiguration)
    }

    /// Whether it is more than figures.
    pub(super) fn is_substance(self) -> bool {
        self != Self::Figures
    }

    /// The last rank of the same kind of priority.
    fn end(self) -> Self {
        match self {
            Self::Transfer(_) => Self::Transfer(u8::MAX),
            other => other,
        }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { line: VecDeque::new(), writes: WRITES, figures: FIGURES, share: SHARE }
    }
}

impl Queue {
    /// Lines up what is due now, in the place of what was before.
    pub(super) fn line_up(&mut self, mut due: Vec<Due>) {
        due.sort_unstable();
        self.line = due.into();
    }

    /// The next that may be written now.
    pub(super) fn pop(&mut self, room: Room, now: Instant) -> Option<Due> {
        let first = self.line.front()?.priority;
        if first.has_reserve() && room.general + room.reserved > 0 {
            return self.line.pop_front();
        }
        if room.general == 0 {
            return None;
        }
        let next = self.line.partition_point(|due| due.priority <= first.end());
        let has_share = next > MANY && self.line.get(next).is_some_and(|due| due.priority.is_substance());
        let at = if has_share && self.share.take(now) { next } else { 0 };
        if !self.line[at].priority.is_substance() && !self.figures.take(now) {
            return None;
        }
        if self.writes.take(now) { self.line.remove(at) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ROOM: Room = Room { general: 1, reserved: 1 };

    fn due(priority: WritePriority, number: usize) -> Due {
        let key = ObjectKey { kind: "Transfer", namespace: None, name: number.to_string() };
        Due { priority, written: None, lane: 0, key }
    }

    fn queue(lines: &[(WritePriority, usize)]) -> Queue {
        let mut queue = Queue::default();
        let all = lines.iter().flat_map(|(priority, count)| (0..*count).map(|number| due(*priority, number)));
        queue.line_up(all.collect());
        queue
    }

    /// The priorities of the next ones.
    fn pop(queue: &mut Queue, count: usize, now: Instant) -> Vec<WritePriority> {
        std::iter::from_fn(|| queue.pop(ROOM, now)).take(count).map(|due| due.priority).collect()
    }

    #[test]
    fn certificates_and_settings_go_first_and_have_slots_of_their_own() {
        let now = Instant::now();
        let lines = [
            (WritePriority::Figures, 1),
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
        let busy = Room { general: 0, reserved: 2 };
        let taken: Vec<_> = std::iter::from_fn(|| full.pop(busy, now)).map(|due| due.priority).collect();
        assert_eq!(taken, [WritePriority::Certificates, WritePriority::AgentConfiguration]);
        // Nor does the budget hold them up.
        let mut spent = queue(&[(WritePriority::Incident, 600)]);
        assert_eq!(pop(&mut spent, 600, now).len(), 500);
        spent.line_up(vec![due(WritePriority::Incident, 0), due(WritePriority::Certificates, 0)]);
        assert_eq!(pop(&mut spent, 9, now), [WritePriority::Certificates]);
    }

    #[test]
    fn others_keep_to_a_trickle_while_many_of_the_first_wait() {
        let start = Instant::now();
        let (first, other) = (WritePriority::Transfer(0), WritePriority::Incident);
        let others = |queue: &mut Queue, count, seconds| {
            let taken = pop(queue, count, start + Duration::from_secs(seconds));
            taken.iter().filter(|priority| **priority == other).count()
        };
        // Few are written in a moment: nothing goes before them.
        let mut few = queue(&[(first, MANY), (other, 10)]);
        assert_eq!([others(&mut few, MANY, 0), others(&mut few, 10, 0)], [0, 10]);
        // Many, and of different ranks: one a second goes to the others.
        let mut many = queue(&[(first, 100), (WritePriority::Transfer(30), 200), (other, 10)]);
        assert_eq!([0, 0, 1, 1, 2].map(|seconds| others(&mut many, 50, seconds)), [1, 0, 1, 0, 1]);
        // With none of the first they have everything.
        many.line_up((0..20).map(|number| due(other, number)).collect());
        assert_eq!(others(&mut many, 50, 2), 20);
    }

    #[test]
    fn figures_wait_for_their_own_budget_and_take_nobodys_share() {
        let now = Instant::now();
        let mut figures = queue(&[(WritePriority::Figures, 50)]);
        assert_eq!(pop(&mut figures, 50, now).len(), 5);
        assert_eq!(pop(&mut figures, 50, now + Duration::from_secs(1)).len(), 5);
        let mut both = queue(&[(WritePriority::Transfer(0), 50), (WritePriority::Figures, 50)]);
        assert_eq!(pop(&mut both, 50, now), [WritePriority::Transfer(0); 50]);
    }
}
