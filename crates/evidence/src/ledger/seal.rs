//! Sealing: records move from the database to a signed segment; data expires.

use jiff::{SignedDuration, Timestamp};

use super::{Ledger, fence};
use crate::{
    Class, LedgerError, Manifest,
    files::{self, Part, SegmentName},
    key_change::KeyChain,
    kill_point,
    manifest::{FORMAT, RECORD_SCHEMA},
    segment::{self, SegmentWriter, Written},
    store::{State, StoredRecord},
    tail::{self, TailFault},
};

/// Records that are not sealed yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pending {
    /// How many records.
    pub records: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// The instant of the first one.
    pub oldest: Option<Timestamp>,
}

/// Data that was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expired {
    /// Of which segments.
    pub segments: Vec<u64>,
    /// How many bytes.
    pub bytes: u64,
}

impl Ledger {
    /// Records that are not sealed yet, of all classes.
    pub fn pending(&self) -> Pending {
        self.pending.values().fold(Pending::default(), |sum, one| Pending {
            records: sum.records + one.records,
            bytes: sum.bytes + one.bytes,
            oldest: sum.oldest.into_iter().chain(one.oldest).min(),
        })
    }

    /// Seals pending records of one class into one segment, raw windows first; `None` if there are none. Segments
    /// are bounded: call it until it returns `None` to seal everything.
    pub fn seal(&mut self, now: Timestamp) -> Result<Option<Manifest>, LedgerError> {
        if self.needs_recovery {
            self.recover()?;
        }
        fence(self.store.state()?.as_ref(), self.epoch)?;
        let waits = |class: &Class| self.pending.get(class).is_some_and(|pending| pending.records > 0);
        let Some(class) = Class::ALL.into_iter().find(waits) else {
            self.store.shrink();
            return Ok(None);
        };
        self.needs_recovery = true;
        let name = SegmentName { number: self.state.segment + 1, class };
        let manifest = self.write_segment(name, now).inspect_err(|_| {
            // Frees space for other writes. With its manifest in place a segment is valid.
            if !self.folder.segment(name, Part::Manifest).exists() {
                segment::discard(&self.folder, name);
            }
        })?;
        self.needs_recovery = false;
        self.store.shrink();
        Ok(manifest)
    }

    fn write_segment(&mut self, name: SegmentName, now: Timestamp) -> Result<Option<Manifest>, LedgerError> {
        let mut writer = SegmentWriter::create(&self.folder, name)?;
        let (mut count, mut bytes) = (0, 0);
        let (mut anchor, mut ran_out) = (self.state.tail.get(name.class).anchor, true);
        self.store.each(
            *self.state.sealed.get(name.class),
            Some(name.class),
            &mut |StoredRecord { record, .. }| {
                count += 1;
                bytes += record.body.len() as u64;
                anchor = tail::link(anchor, tail::Row::from_record(&record).digest());
                ran_out = writer.push(&record)? < self.settings.segment_bytes && count < self.settings.segment_records;
                Ok(ran_out)
            },
        )?;
        if ran_out && anchor != self.state.tail.get(name.class).last {
            return Err(self.changed_tail()?);
        }
        let Some(written) = writer.finish()? else {
            segment::discard(&self.folder, name);
            return Ok(None);
        };
        let last = written.span.last;
        // A clock that was set back must not let data expire early.
        let latest = self.state.latest.max(now);
        let keep_until = match name.class {
            Class::Windows => Some(later(latest, self.settings.keep_windows)),
            Class::Lasting => None,
            Class::People => Some(later(latest, self.settings.keep_people)),
        };
        let manifest = self.manifest(name, written, keep_until, now);
        let signed = manifest.sign(&self.signer);
        let path = self.folder.segment(name, Part::Manifest);
        files::write_atomically(&path, &signed.to_bytes(), "seal: manifest written")?;
        kill_point::pass("seal: manifest in place");
        self.change(|change, state| {
            state.follow(&signed.manifest, signed.hash);
            state.latest = latest;
            state.tail.get_mut(name.class).anchor = anchor;
            change.remove_sealed(state)?;
            kill_point::pass("seal: before the mark");
            Ok(())
        })?;
        kill_point::pass("seal: after the mark");
        let pending = self.pending.entry(name.class).or_default();
        *pending = Pending {
            records: pending.records.saturating_sub(count),
            bytes: pending.bytes.saturating_sub(bytes),
            oldest: self.store.first(name.class, last)?,
        };
        self.kept.extend(keep_until.map(|until| (name, until)));
        Ok(Some(signed.manifest))
    }

    /// The manifest of a segment whose data and leaves are in place, the next one.
    pub(super) fn manifest(
        &self,
        name: SegmentName,
        Written { records, span, root, data, leaves }: Written,
        keep_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Manifest {
        Manifest {
            schema: Manifest::schema(),
            format: FORMAT,
            number: name.number,
            class: name.class,
            records,
            first_record: span.first,
            last_record: span.last,
            from: span.from,
            to: span.to,
            record_schema: RECORD_SCHEMA.to_owned(),
            root,
            data,
            leaves,
            previous: self.state.head,
            writer_epoch: self.epoch,
            sealed_at: now,
            keep_until,
            key_id: self.signer.public().id(),
            key_change: None,
        }
    }

    /// Finds the unsealed record that is not the one that was appended.
    fn changed_tail(&self) -> Result<LedgerError, LedgerError> {
        let ours = KeyChain::new(self.signer.public());
        let fault = tail::fault(&self.store, &ours)?;
        let (fault, key) = fault.unwrap_or((TailFault::Records(None), self.signer.public()));
        Ok(LedgerError::TailChanged(Box::new(fault.into_finding(&key))))
    }

    /// Removes data whose retention period is over and that no hold keeps; manifests stay.
    pub fn expire(&mut self, now: Timestamp) -> Result<Expired, LedgerError> {
        fence(self.store.state()?.as_ref(), self.epoch)?;
        let mut expired = Expired::default();
        let is_held = Class::ALL.map(|class| (class, self.holds.is_held(class, now)));
        let is_due =
            |(name, until): &(&SegmentName, &Timestamp)| **until <= now && !is_held.contains(&(name.class, true));
        let due: Vec<SegmentName> = self.kept.iter().filter(is_due).map(|(name, _)| *name).collect();
        for name in due {
            let data = self.folder.segment(name, Part::Data);
            expired.bytes += std::fs::metadata(&data).map_or(0, |metadata| metadata.len());
            files::remove(&data)?;
            kill_point::pass("expire: data removed");
            files::remove(&self.folder.segment(name, Part::Leaves))?;
            self.kept.remove(&name);
            expired.segments.push(name.number);
        }
        if !expired.segments.is_empty() {
            self.folder.sync_segments()?;
        }
        Ok(expired)
    }

    /// Counts the records that are not sealed yet.
    pub(super) fn count_all(&mut self) -> Result<(), LedgerError> {
        for class in Class::ALL {
            let sealed = *self.state.sealed.get(class);
            let ((records, bytes), oldest) = (self.store.count(class, sealed)?, self.store.first(class, sealed)?);
            self.pending.insert(class, Pending { records, bytes, oldest });
        }
        Ok(())
    }

    pub(super) fn count_pending(&mut self, class: Class, records: u64, bytes: u64, at: Timestamp) {
        if records > 0 {
            let pending = self.pending.entry(class).or_default();
            pending.records += records;
            pending.bytes += bytes;
            pending.oldest = pending.oldest.into_iter().chain([at]).min();
        }
    }
}

impl State {
    /// Takes the next segment into account.
    pub(super) fn follow(&mut self, manifest: &Manifest, hash: crate::Digest) {
        let Manifest { number, class, last_record, .. } = *manifest;
        self.segment = number;
        self.head = Some(hash);
        self.last_record = self.last_record.max(last_record);
        let sealed = self.sealed.get_mut(class);
        *sealed = (*sealed).max(last_record);
    }
}

/// Saturates at the last instant.
fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}
