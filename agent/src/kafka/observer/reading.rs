//! How far a topic is read, and how far that is in observations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kafka::sampler::Progress;

/// Positions of the partitions of topics, by topic and partition.
pub type TopicPositions = BTreeMap<String, BTreeMap<i32, AccountedPosition>>;

/// Up to where observations account for a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountedPosition {
    /// The first offset that is in no observation.
    pub next: i64,
    /// Where the partition ended when it was first read: what stands before was not written while it was observed.
    pub since: i64,
}

/// How far the partitions of a topic are read.
#[derive(Debug, Default)]
pub(super) struct Reading(BTreeMap<i32, ReadPartition>);

#[derive(Debug)]
struct ReadPartition {
    /// The first offset that is not read.
    next: i64,
    position: AccountedPosition,
}

// === impl Reading ===

impl Reading {
    pub(super) fn resume(partitions: &BTreeMap<i32, AccountedPosition>) -> Self {
        let read = partitions.iter().map(|(&partition, &position)| {
            let AccountedPosition { next, .. } = position;
            (partition, ReadPartition { next, position })
        });
        Self(read.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A process reads a partition from `begin` on, which ends at `end`. One that follows another goes on where that stood:
    /// what was written between is new.
    pub(super) fn start(&mut self, partition: i32, begin: i64, end: i64) {
        let started = |since| ReadPartition { next: begin, position: AccountedPosition { next: begin, since } };
        let known = self.0.entry(partition).or_insert_with(|| started(end));
        if begin < known.next {
            // The topic was made anew while it was observed: all in it is new.
            *known = started(begin);
        }
    }

    /// Goes beyond a range. Returns whether it stood there before the partition was observed.
    pub(super) fn advance(&mut self, progress: &Progress) -> bool {
        let Progress { partition, begin, end, .. } = progress;
        let since = AccountedPosition { next: *begin, since: *begin };
        let known = self.0.entry(*partition).or_insert(ReadPartition { next: *begin, position: since });
        known.next = *end;
        *begin < known.position.since
    }

    /// All that was read is in observations.
    pub(super) fn account(&mut self) {
        for ReadPartition { next, position } in self.0.values_mut() {
            position.next = *next;
        }
    }

    pub(super) fn accounted(&self) -> BTreeMap<i32, AccountedPosition> {
        self.0.iter().map(|(partition, read)| (*partition, read.position)).collect()
    }
}
