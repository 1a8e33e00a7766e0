//! One partition that is read: which of its offsets are accounted for, and what they held.

use std::{collections::BTreeSet, mem};

use super::{budget::Allowance, report::Progress};

/// A partition that is read.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) allowance: Allowance,
    /// What was found since the last report: begins where that ended.
    pub(super) progress: Progress,
    /// Where reading ends, if it does.
    end: Option<i64>,
    /// Messages that are not looked at.
    skipped: BTreeSet<i64>,
    state: State,
}

/// Whether messages of a partition are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Reading,
    /// Until the next period, since the budget is used up.
    Resting,
    /// For good.
    Done,
}

/// Why offsets are passed without a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    Absent,
    Deleted,
    NotSampled,
}

/// What to do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// It is inspected, then [`Partition::advance`] is called.
    Inspect,
    /// Nothing: it is accounted for.
    Nothing,
}

// === impl Partition ===

impl Partition {
    /// A partition of which everything below `next` is accounted for.
    pub(super) fn new(
        topic: &str,
        partition: i32,
        next: i64,
        end: Option<i64>,
        allowance: Allowance,
        skipped: BTreeSet<i64>,
    ) -> Self {
        let progress = Progress { topic: topic.to_owned(), partition, begin: next, end: next, ..Progress::default() };
        let mut made = Self { allowance, progress, end, skipped, state: State::Reading };
        made.rest_if_spent();
        made
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// The first offset that is not accounted for.
    pub(super) fn next(&self) -> i64 {
        self.progress.end
    }

    /// Takes the offset of a message.
    pub(super) fn take(&mut self, offset: i64) -> Take {
        // What was prefetched comes after the partition was paused or positioned anew, too.
        if self.state != State::Reading || offset < self.next() {
            return Take::Nothing;
        }
        if let Some(end) = self.end.filter(|&end| offset >= end) {
            self.pass(end, Passed::Absent);
            self.finish();
            return Take::Nothing;
        }
        self.pass(offset, Passed::Absent);
        if self.skipped.remove(&offset) {
            self.progress.counts.crashed += 1;
            self.advance();
            return Take::Nothing;
        }
        Take::Inspect
    }

    /// The message at [`Self::next`] is counted.
    pub(super) fn advance(&mut self) {
        self.progress.end += 1;
        self.rest_if_spent();
        if self.end.is_some_and(|end| self.progress.end >= end) {
            self.state = State::Done;
        }
    }

    /// Everything up to this offset is passed.
    pub(super) fn pass(&mut self, offset: i64, why: Passed) {
        let Ok(offsets @ 1..) = u64::try_from(offset - self.next()) else { return };
        let counts = &mut self.progress.counts;
        match why {
            Passed::Absent => counts.absent += offsets,
            Passed::Deleted => counts.deleted += offsets,
            Passed::NotSampled => counts.not_sampled += offsets,
        }
        self.progress.end = offset;
    }

    /// The consumer has passed all that can be read: what stands before this offset and was not read holds no message.
    pub(super) fn reach_end(&mut self, offset: i64) {
        if self.state != State::Reading {
            return;
        }
        self.pass(offset, Passed::Absent);
        if self.end.is_some() {
            self.state = State::Done;
        }
    }

    /// Begins a new period: what the budget does not reach of the messages before `end` is left out. Tells where to go on
    /// if that is not where the consumer stands.
    pub(super) fn begin_period(&mut self, allowance: Allowance, newest: i64, end: i64) -> Option<i64> {
        if self.state == State::Done {
            return None;
        }
        self.allowance = allowance;
        let oldest = end.saturating_sub(newest);
        let moves = self.state == State::Resting || oldest > self.next();
        self.pass(oldest, Passed::NotSampled);
        self.state = State::Reading;
        self.rest_if_spent();
        moves.then(|| self.next())
    }

    /// Ends it: it cannot be read.
    pub(super) fn finish(&mut self) {
        self.state = State::Done;
    }

    /// What was found since the last report, if anything was.
    pub(super) fn take_progress(&mut self) -> Option<Progress> {
        if self.progress.begin == self.progress.end {
            return None;
        }
        let Progress { topic, partition, end, .. } = &self.progress;
        let fresh =
            Progress { topic: topic.clone(), partition: *partition, begin: *end, end: *end, ..Progress::default() };
        Some(mem::replace(&mut self.progress, fresh))
    }

    fn rest_if_spent(&mut self) {
        if self.state != State::Reading || !self.allowance.is_used_up() {
            return;
        }
        match self.end {
            Some(end) => {
                self.pass(end, Passed::NotSampled);
                self.state = State::Done;
            }
            None => self.state = State::Resting,
        }
    }
}
