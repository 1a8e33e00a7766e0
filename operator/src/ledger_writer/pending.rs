//! Changes that are not in the ledger yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_evidence::{Ledger, LedgerError, NewRecord, RecordKind};

use crate::{
    judging::{Change, Remembered},
    views::Update,
};

/// Changes that are appended in one transaction.
#[derive(Debug, Default)]
pub(super) struct PendingChanges {
    records: Vec<(RecordKind, Timestamp, Vec<u8>)>,
    remembered: BTreeMap<String, Option<Remembered>>,
    views: Update,
    /// Id of the last record of the ledger that was judged.
    through: Option<u64>,
}

impl PendingChanges {
    /// Adds the changes from judging everything up to record `through`.
    pub(super) fn add(&mut self, changes: &[Change], through: u64, now: Timestamp) {
        for change in changes {
            self.records.extend(change.records().into_iter().map(|(kind, body)| (kind, now, body)));
            self.remembered.extend(change.remembered());
            if let Some(view) = change.view() {
                self.views.add(view);
            }
        }
        self.through = Some(through);
    }

    /// Whether there is nothing to record. Records must be appended before the next judgment.
    pub(super) fn has_no_records(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether there is neither a record nor state to remember.
    pub(super) fn has_nothing(&self) -> bool {
        self.records.is_empty() && self.remembered.is_empty()
    }

    pub(super) fn through(&self) -> Option<u64> {
        self.through
    }

    /// Appends everything in one transaction. After an error it is all still pending.
    pub(super) fn append_to(&self, ledger: &mut Ledger, cursor: &str, through: u64) -> Result<(), LedgerError> {
        let records: Vec<_> =
            self.records.iter().map(|(kind, at, body)| NewRecord { kind: *kind, at: *at, body }).collect();
        let text = |it: &Remembered| serde_json::to_string(it).expect("what is remembered has a JSON form");
        let remembered: Vec<_> =
            self.remembered.iter().map(|(key, it)| (key.as_str(), it.as_ref().map(text))).collect();
        let remembered: Vec<_> = remembered.iter().map(|(key, text)| (*key, text.as_deref())).collect();
        ledger.advance_with(cursor, through, &records, &remembered).map(drop)
    }

    /// Call when it is in the ledger: clears it and returns the views to publish.
    pub(super) fn take_views(&mut self) -> Update {
        std::mem::take(self).views
    }
}
