//! Appending: observations from agents, each exactly once, and the records about them.

use std::{iter, ops::RangeInclusive};

use jiff::Timestamp;

use super::Ledger;
use crate::{
    Class, LedgerError, NewRecord, Record, RecordKind, Refusal, RefusalReason, Source, kill_point,
    record::{check_batch, check_record, is_name},
    store::{Change, NewRow, Progress, State},
};

/// Observations that one source delivers together.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// From whom.
    pub source: &'a Source,
    /// Number and JSON of each, in ascending order. The first observation of an epoch has number 0.
    pub observations: &'a [(u64, &'a [u8])],
}

/// The result of appending a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Ids of the records that were appended.
    pub appended: Option<RangeInclusive<u64>>,
    /// Observations that had been appended before.
    pub duplicates: u64,
    /// The number up to which the source need not send again; `None` if it never sent any.
    pub acknowledged: Option<u64>,
    /// Numbers that were skipped: the source lost them before it sent them.
    pub missed: u64,
}

impl BatchOutcome {
    /// How many records were appended.
    pub fn count(&self) -> u64 {
        self.appended.as_ref().map_or(0, |ids| ids.end() - ids.start() + 1)
    }
}

impl Ledger {
    /// Appends observations, synced when it returns, so that `acknowledged` may be sent to the source. Those with
    /// a number that was acknowledged before are duplicates and are not appended again.
    pub fn take(
        &mut self,
        source: &Source,
        observations: &[(u64, &[u8])],
        at: Timestamp,
    ) -> Result<BatchOutcome, LedgerError> {
        let mut taken = self.take_all(&[Batch { source, observations }], at)?;
        match taken.pop() {
            Some(result) => Ok(result?),
            None => Ok(BatchOutcome { appended: None, duplicates: 0, acknowledged: None, missed: 0 }),
        }
    }

    /// Appends the batches of several sources in one transaction, with one sync. A batch with an invalid record
    /// is refused as a whole; the others are appended.
    pub fn take_all(
        &mut self,
        batches: &[Batch<'_>],
        at: Timestamp,
    ) -> Result<Vec<Result<BatchOutcome, Refusal>>, LedgerError> {
        let (taken, bytes) = self.change(|change, state| {
            let mut bytes = 0;
            let mut taken = Vec::with_capacity(batches.len());
            for batch in batches {
                taken.push(match batch.check() {
                    Ok(()) => Ok(batch.append(change, state, at, &mut bytes)?),
                    Err(refusal) => Err(refusal),
                });
            }
            kill_point::pass("take: before the commit");
            Ok((taken, bytes))
        })?;
        kill_point::pass("take: after the commit");
        let count: u64 = taken.iter().flatten().map(BatchOutcome::count).sum();
        self.count_pending(Class::Windows, count, bytes, at);
        Ok(taken)
    }

    /// The number up to which a source need not send again.
    pub fn acknowledged(&self, source: &Source) -> Result<Option<u64>, LedgerError> {
        Ok(self.store.progress(source)?.map(|progress| progress.acknowledged))
    }

    /// How many numbers a source skipped so far.
    pub fn missed(&self, source: &Source) -> Result<u64, LedgerError> {
        Ok(self.store.progress(source)?.map_or(0, |progress| progress.missed))
    }

    /// An epoch that the agent has not used yet, for agents that keep no count of their own.
    pub fn next_epoch(&self, cluster: &str, agent: &str) -> Result<u64, LedgerError> {
        Ok(self.store.last_epoch(cluster, agent)?.map_or(0, |epoch| epoch + 1))
    }

    /// Appends records of any kind but observations; gives their ids.
    pub fn append(&mut self, records: &[NewRecord<'_>]) -> Result<Option<RangeInclusive<u64>>, LedgerError> {
        self.append_with(records, |_| Ok(()))
    }

    /// As [`Self::append`], with a further change in the same transaction.
    pub(super) fn append_with(
        &mut self,
        records: &[NewRecord<'_>],
        more: impl FnOnce(&Change<'_>) -> Result<(), LedgerError>,
    ) -> Result<Option<RangeInclusive<u64>>, LedgerError> {
        check(records)?;
        let ids = self.change(|change, state| {
            more(change)?;
            append(change, state, records)
        })?;
        self.count_records(records);
        Ok(ids)
    }

    /// The cursor `name`: the id of the last record that its reader has processed. From the first call on, records
    /// beyond it stay in the database, sealed or not.
    pub fn cursor(&mut self, name: &str) -> Result<u64, LedgerError> {
        if let Some(passed) = self.store.cursor(name)? {
            return Ok(passed);
        }
        self.change(|change, _| change.set_cursor(name, 0))?;
        Ok(0)
    }

    /// Moves the cursor `name` to record `through` and appends the resulting records, in one transaction: after a
    /// crash there are both or neither.
    pub fn advance(
        &mut self,
        name: &str,
        through: u64,
        records: &[NewRecord<'_>],
    ) -> Result<Option<RangeInclusive<u64>>, LedgerError> {
        self.advance_with(name, through, records, &[])
    }

    /// As [`Self::advance`], and stores values by key for `name`, or removes them (`None`), in the same transaction.
    /// These values are no evidence, but what `name` needs to continue after a restart.
    pub fn advance_with(
        &mut self,
        name: &str,
        through: u64,
        records: &[NewRecord<'_>],
        memory: &[(&str, Option<&str>)],
    ) -> Result<Option<RangeInclusive<u64>>, LedgerError> {
        check(records)?;
        let ids = self.change(|change, state| {
            let (at, last) = (change.cursor(name)?.unwrap_or(0), state.last_record);
            if through < at || through > last {
                return Err(LedgerError::Cursor { name: name.to_owned(), at, last, asked: through });
            }
            change.set_cursor(name, through)?;
            change.remember(name, memory)?;
            let ids = append(change, state, records)?;
            kill_point::pass("advance: before the commit");
            Ok(ids)
        })?;
        self.count_records(records);
        Ok(ids)
    }

    /// The values stored for `name`, by key.
    pub fn memory(&self, name: &str) -> Result<Vec<(String, String)>, LedgerError> {
        self.store.memory(name)
    }

    /// Records after `id` that are still in the database, at most `limit`, in order. Older ones are in
    /// the segments ([`crate::Reader`]).
    pub fn since(&self, id: u64, limit: usize) -> Result<Vec<Record>, LedgerError> {
        Ok(self.store.since(id, limit)?.into_iter().map(|waiting| waiting.record).collect())
    }

    fn count_records(&mut self, records: &[NewRecord<'_>]) {
        for record in records {
            self.count_pending(record.kind.class(), 1, record.body.len() as u64, record.at);
        }
    }
}

impl Batch<'_> {
    fn check(&self) -> Result<(), Refusal> {
        let Self { source, observations } = self;
        let Source { cluster, agent, epoch } = source;
        check_batch(observations.iter().map(|(_, body)| *body))?;
        let refuse = |index, reason| Err(Refusal { index, reason });
        if !is_name(cluster) || !is_name(agent) {
            return refuse(0, RefusalReason::SourceTooLong);
        }
        if i64::try_from(*epoch).is_err() {
            return refuse(0, RefusalReason::NumberTooLarge(*epoch));
        }
        for (index, (seq, _)) in observations.iter().enumerate() {
            if i64::try_from(*seq).is_err() {
                return refuse(index, RefusalReason::NumberTooLarge(*seq));
            }
            let previous = index.checked_sub(1).map(|before| observations[before].0);
            // BatchOutcome as it stands, the lower one would count as a duplicate and be lost.
            if let Some(previous) = previous.filter(|previous| seq < previous) {
                return refuse(index, RefusalReason::NotAscending { seq: *seq, previous });
            }
        }
        Ok(())
    }

    fn append(
        &self,
        change: &Change<'_>,
        state: &mut State,
        at: Timestamp,
        bytes: &mut u64,
    ) -> Result<BatchOutcome, LedgerError> {
        let Self { source, observations } = *self;
        let held = change.progress(source)?;
        let before = held.map(|Progress { acknowledged, .. }| acknowledged);
        let (mut next, mut missed) = (before.map_or(0, |seq| seq + 1), 0);
        let mut fresh = Vec::with_capacity(observations.len());
        for &(seq, body) in observations {
            if seq >= next {
                missed += seq - next;
                next = seq + 1;
                *bytes += body.len() as u64;
                fresh.push((seq, body));
            }
        }
        let duplicates = (observations.len() - fresh.len()) as u64;
        let Some(&(last, _)) = fresh.last() else {
            return Ok(BatchOutcome { appended: None, duplicates, acknowledged: before, missed });
        };
        let all_missed = held.map_or(0, |Progress { missed, .. }| missed).saturating_add(missed);
        let number = change.set_progress(source, last, all_missed.min(i64::MAX.unsigned_abs()))?;
        let first = state.last_record + 1;
        let count = fresh.len() as u64;
        let records = fresh.into_iter().zip(first..).map(|((seq, body), id)| NewRow {
            id,
            kind: RecordKind::Observation,
            at,
            origin: Some((number, source, seq)),
            body,
        });
        change.insert(state, records)?;
        state.last_record += count;
        state.latest = state.latest.max(at);
        Ok(BatchOutcome { appended: Some(first..=state.last_record), duplicates, acknowledged: Some(last), missed })
    }
}

/// These records come from the operator itself and have no common limit: a change of the law may re-judge every
/// edge.
fn check(records: &[NewRecord<'_>]) -> Result<(), Refusal> {
    for (index, record) in records.iter().enumerate() {
        check_record(index, record.body)?;
    }
    match records.iter().position(|record| record.kind == RecordKind::Observation) {
        Some(index) => Err(Refusal { index, reason: RefusalReason::NoSource }),
        None => Ok(()),
    }
}

fn append(
    change: &Change<'_>,
    state: &mut State,
    records: &[NewRecord<'_>],
) -> Result<Option<RangeInclusive<u64>>, LedgerError> {
    let first = state.last_record + 1;
    let rows = iter::zip(records, first..);
    let rows = rows.map(|(NewRecord { kind, at, body }, id)| NewRow { id, kind: *kind, at: *at, origin: None, body });
    change.insert(state, rows)?;
    state.last_record += records.len() as u64;
    state.latest = records.iter().map(|record| record.at).fold(state.latest, Timestamp::max);
    Ok((!records.is_empty()).then_some(first..=state.last_record))
}
