//! What was judged and is not in the ledger yet.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_evidence::{Ledger, LedgerError, NewRecord, RecordKind};
use landfall_transfer_law::EdgeId;
use serde::Serialize;

use crate::{
    board::View,
    desk::{Case, Entered, Memory, Round, Transition},
};

/// Records, memory and transitions that belong together.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    records: Vec<(RecordKind, Timestamp, Vec<u8>)>,
    memory: BTreeMap<String, Option<Memory>>,
    posted: Posted,
    /// Through which record of the ledger it was judged.
    through: Option<u64>,
}

/// What others may act on.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// How edges stand.
    pub(super) views: BTreeMap<Arc<EdgeId>, View>,
    /// Edges that are not kept any more.
    pub(super) forgotten: Vec<Arc<EdgeId>>,
    /// Cases that changed.
    pub(super) cases: BTreeMap<Arc<EdgeId>, Arc<Case>>,
    /// Breaches about no edge that changed, in their order.
    pub(super) entered: Vec<Entered>,
    /// What changed.
    pub(super) transitions: Vec<Transition>,
}

impl Outbox {
    /// Adds what came of judging everything through record `through`.
    pub(super) fn put(&mut self, round: Round, through: u64, now: Timestamp) {
        let Round {
            judgments,
            rollups,
            transitions,
            traffic: _,
            memory,
            views,
            forgotten,
            cases,
            incidents,
            decisions,
            entered,
            drafts,
        } = round;
        // What closes a stretch goes before what opens the next.
        self.records.extend(rollups.iter().map(|rollup| (RecordKind::Rollup, now, json(rollup))));
        self.records.extend(judgments.iter().map(|judgment| (RecordKind::Judgment, now, json(judgment))));
        self.records.extend(decisions.iter().map(|decision| (RecordKind::Decision, now, json(decision))));
        self.records.extend(incidents.iter().map(|incident| (RecordKind::Incident, now, json(incident))));
        self.records.extend(drafts.iter().map(|draft| (RecordKind::Draft, now, json(draft))));
        self.posted.cases.extend(cases.into_iter().map(|case| (case.edge.clone(), case)));
        self.posted.entered.extend(entered);
        self.memory.extend(memory.into_iter().map(|memory| (memory.key(), Some(memory))));
        self.memory.extend(forgotten.iter().map(|edge| (Memory::key_of(edge), None)));
        self.posted.forgotten.extend(forgotten);
        self.posted.transitions.extend(transitions);
        self.posted.views.extend(views.into_iter().map(|view| (view.edge.id.clone(), view)));
        self.through = Some(through);
    }

    /// Whether there is nothing that must not be judged twice.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether there is nothing at all.
    pub(super) fn is_idle(&self) -> bool {
        self.records.is_empty() && self.memory.is_empty()
    }

    pub(super) fn through(&self) -> Option<u64> {
        self.through
    }

    /// Appends all in one transaction. What cannot be appended stays.
    pub(super) fn append_to(&self, ledger: &mut Ledger, cursor: &str, through: u64) -> Result<(), LedgerError> {
        let records: Vec<_> =
            self.records.iter().map(|(kind, at, body)| NewRecord { kind: *kind, at: *at, body }).collect();
        let text = |memory: &Memory| String::from_utf8_lossy(&json(memory)).into_owned();
        let memory: Vec<_> =
            self.memory.iter().map(|(key, memory)| (key.as_str(), memory.as_ref().map(text))).collect();
        let memory: Vec<_> = memory.iter().map(|(key, text)| (*key, text.as_deref())).collect();
        ledger.advance_with(cursor, through, &records, &memory).map(drop)
    }

    /// It is in the ledger; gives what others may act on.
    pub(super) fn posted(&mut self) -> Posted {
        std::mem::take(self).posted
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("records have a JSON form")
}
