//! Legal holds, set and lifted in the ledger itself.

use jiff::Timestamp;

use super::Ledger;
use crate::{Hold, HoldEvent, HoldRecord, Holds, LedgerError, NewRecord, Record, RecordKind, store::Change};

/// The name under which the database stores holds for `expire`; no cursor has it.
pub(super) const MEMORY: &str = "ledger: holds";

impl Ledger {
    /// Sets a hold, or sets it again with another end, reason or classes.
    pub fn set_hold(&mut self, hold: Hold, at: Timestamp) -> Result<(), LedgerError> {
        hold.check()?;
        self.record_hold(HoldEvent::Set, hold, at)
    }

    /// Lifts the hold `name`: who does, and why, is recorded.
    pub fn lift_hold(
        &mut self,
        name: &str,
        reason: String,
        by: Option<String>,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        let set = self.holds.get(name).ok_or_else(|| LedgerError::NoHold(name.chars().take(64).collect()))?;
        let hold = Hold { reason, by, ..set.clone() };
        hold.check()?;
        self.record_hold(HoldEvent::Lifted, hold, at)
    }

    /// The holds that were set and not lifted.
    pub fn holds(&self) -> &Holds {
        &self.holds
    }

    fn record_hold(&mut self, event: HoldEvent, hold: Hold, at: Timestamp) -> Result<(), LedgerError> {
        let record = HoldRecord::new(event, hold, at);
        let body = serde_json::to_vec(&record).expect("a hold's keys are texts");
        let new = [NewRecord { kind: RecordKind::Decision, at, body: &body }];
        self.append_with(&new, |change| remember(change, &record))?;
        match event {
            HoldEvent::Set => self.holds.insert(record.hold),
            HoldEvent::Lifted => self.holds.remove(&record.hold.name),
        }
        Ok(())
    }

    /// The holds stored in the database.
    pub(super) fn recall_holds(&mut self) -> Result<(), LedgerError> {
        self.holds = Holds::default();
        for (name, value) in self.store.memory(MEMORY)? {
            // If it could not be read, data under a hold could expire.
            let hold: Hold = serde_json::from_str(&value).map_err(|error| LedgerError::Memory {
                path: self.folder.database(),
                name,
                source: error,
            })?;
            self.holds.insert(hold);
        }
        Ok(())
    }
}

/// Stores what a record sets or lifts, if it is about a hold.
pub(super) fn remember_record(change: &Change<'_>, record: &Record) -> Result<(), LedgerError> {
    HoldRecord::from_record(record).map_or(Ok(()), |record| remember(change, &record))
}

fn remember(change: &Change<'_>, HoldRecord { event, hold, .. }: &HoldRecord) -> Result<(), LedgerError> {
    let text = serde_json::to_string(hold).expect("a hold's keys are texts");
    change.remember(MEMORY, &[(&hold.name, (*event == HoldEvent::Set).then_some(text.as_str()))])
}
