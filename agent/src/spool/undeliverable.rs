//! Records that cannot be delivered: they go to the quarantine, and delivery skips them.

use super::{QuarantinedRecord, Reason, Spool, SpoolError, SpooledRecord};

impl Spool {
    /// Moves records that the operator refuses for good to the quarantine; [`peek`](Self::peek) skips them from now on.
    pub fn quarantine(&mut self, records: &[SpooledRecord], epoch: u64, message: &str) -> Result<(), SpoolError> {
        let reason = Reason::Refused;
        let quarantined: Vec<_> = records
            .iter()
            .map(|SpooledRecord { seq, line, .. }| QuarantinedRecord {
                reason,
                message,
                identity: Some((epoch, *seq)),
                bytes: line.as_bytes(),
            })
            .collect();
        self.put_in_quarantine(&quarantined);
        self.quarantined.extend(records.iter().map(|record| record.position));
        self.skip_quarantined();
        self.checkpoint.set(self.head).map_err(|source| self.failed("write the checkpoint", source))?;
        self.remove_idle();
        Ok(())
    }

    /// Advances the head past quarantined records that follow it directly.
    pub(super) fn skip_quarantined(&mut self) {
        while let Some((next, _)) = self.segments.iter().find_map(|segment| self.left_of(segment).next())
            && self.quarantined.remove(&next)
        {
            self.head = next;
        }
    }

    pub(super) fn quarantine_damaged(&mut self, bytes: &[u8]) {
        let message = "cannot be read";
        self.put_in_quarantine(&[QuarantinedRecord { reason: Reason::Damaged, message, identity: None, bytes }]);
    }

    /// Moves records to the quarantine, all for the same reason, and logs one line for all of them.
    pub(super) fn put_in_quarantine(&mut self, records: &[QuarantinedRecord<'_>]) {
        let Some(QuarantinedRecord { reason, message, .. }) = records.first() else { return };
        let place = Reason::ALL.iter().position(|known| known == reason).unwrap_or_default();
        let (count, reason, mut lost) = (records.len() as u64, reason.as_str(), 0_u64);
        for record in records {
            match self.quarantine.put(record) {
                Ok(true) => {}
                Ok(false) => lost += 1,
                Err(error) => {
                    lost += 1;
                    tracing::warn!(reason, %error, "Failed to write to the quarantine file");
                }
            }
        }
        self.counters.quarantine[place] += count;
        self.counters.not_kept += lost;
        if lost == 0 {
            tracing::error!(reason, message, count, "Observations were moved to the quarantine file");
        } else {
            tracing::error!(reason, message, count, lost, "The quarantine file is full; observations are lost");
        }
    }
}
