//! What was judged and is not in the ledger yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_evidence::{Ledger, LedgerError, NewRecord, RecordKind};

use crate::{
    judging::{Change, Remembered},
    views::Update,
};

/// Changes that are appended together.
#[derive(Debug, Default)]
pub(super) struct Pending {
    records: Vec<(RecordKind, Timestamp, Vec<u8>)>,
    remembered: BTreeMap<String, Option<Remembered>>,
    views: Update,
    /// Through which record of the ledger it was judged.
    through: Option<u64>,
}

impl Pending {
    /// Adds what came of judging everything through record `through`.
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

    /// Whether there is nothing that must not be judged twice.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether there is nothing at all.
    pub(super) fn is_idle(&self) -> bool {
        self.records.is_empty() && self.remembered.is_empty()
    }

    pub(super) fn through(&self) -> Option<u64> {
        self.through
    }

    /// Appends all in one transaction. What cannot be appended stays.
    pub(super) fn append_to(&self, ledger: &mut Ledger, cursor: &str, through: u64) -> Result<(), LedgerError> {
        let records: Vec<_> =
            self.records.iter().map(|(kind, at, body)| NewRecord { kind: *kind, at: *at, body }).collect();
        let text = |it: &Remembered| serde_json::to_string(it).expect("what is remembered has a JSON form");
        let remembered: Vec<_> =
            self.remembered.iter().map(|(key, it)| (key.as_str(), it.as_ref().map(text))).collect();
        let remembered: Vec<_> = remembered.iter().map(|(key, text)| (*key, text.as_deref())).collect();
        ledger.advance_with(cursor, through, &records, &remembered).map(drop)
    }

    /// It is in the ledger; gives what others may act on.
    pub(super) fn appended(&mut self) -> Update {
        std::mem::take(self).views
    }
}
