//! Putting right what a crash left behind. The segments are right, and the database follows: a manifest
//! that is in place was synced after everything that it stands for.

use std::{collections::BTreeMap, fs::File};

use super::Ledger;
use crate::{
    Class, LedgerError, Manifest, RecordKind, Records, SignedManifest,
    files::{self, Listing, Part, SegmentName},
    segment,
    store::{State, Waiting},
    tail::{self, Strand},
};

impl Ledger {
    /// Brings folder and database to the same state, whichever is behind.
    pub(super) fn recover(&mut self) -> Result<(), LedgerError> {
        let Listing { manifests, data, leaves, unfinished } = self.folder.list()?;
        for path in unfinished {
            files::remove(&path)?;
            self.recovery.removed.push(path);
        }
        let beyond = manifests.range(self.state.segment + 1..).flat_map(|(_, names)| names.clone());
        for name in beyond.collect::<Vec<_>>() {
            self.adopt(name)?;
        }
        // Of a segment that a crash kept from its manifest the records are still in the database.
        let last = self.state.segment;
        let remains: Vec<SegmentName> = data.values().flatten().chain(&leaves).copied().collect();
        for name in remains.into_iter().filter(|name| name.number > last) {
            self.recovery.removed.push(self.folder.segment(name, Part::Data));
            segment::discard(&self.folder, name);
        }
        self.kept.clear();
        for name in data.into_values().flatten().filter(|name| name.class != Class::Lasting && name.number <= last) {
            // One that cannot be read is for `verify` to tell; it must not keep others from being written.
            match self.folder.read_manifest(name) {
                Ok(signed) if signed.is_signed_by(&self.signer.public()) => {
                    self.kept.extend(signed.manifest.keep_until.map(|until| (name, until)));
                }
                Ok(_) => tracing::warn!(
                    segment = name.number,
                    "Manifest of data that will expire is not signed with our key"
                ),
                Err(error) => {
                    tracing::warn!(%error, segment = name.number, "Manifest of data that will expire is unreadable")
                }
            }
        }
        self.count_all()?;
        self.unsure = false;
        let recovery = &self.recovery;
        if *recovery != super::Recovery::default() {
            tracing::warn!(removed = recovery.removed.len(), adopted = ?recovery.adopted, "Ledger recovered");
        }
        Ok(())
    }

    /// Takes a segment into account that the database does not know: it was being marked, or the
    /// database lost what it knew.
    fn adopt(&mut self, name: SegmentName) -> Result<(), LedgerError> {
        let signed = self.folder.read_manifest(name)?;
        let not_next = |why| LedgerError::NotNext {
            path: self.folder.segment(name, Part::Manifest),
            after: self.state.segment,
            why,
        };
        if let Some(why) = misfit(&self.state, name, &signed, self) {
            return Err(not_next(why));
        }
        let mut origins = BTreeMap::new();
        self.each_origin(name, &mut |source, seq| {
            let highest = origins.entry(source).or_insert(seq);
            *highest = seq.max(*highest);
        })?;
        let strand = self.strand_after(&signed.manifest)?;
        self.change(|change, state| {
            *state.tail.get_mut(name.class) = strand;
            for (source, seq) in &origins {
                let held = change.progress(source)?;
                let missed = held.map_or(0, |held| held.missed);
                let acknowledged = held.map_or(*seq, |held| held.acknowledged.max(*seq));
                change.set_progress(source, acknowledged, missed)?;
            }
            state.follow(&signed.manifest, signed.hash);
            state.latest = state.latest.max(signed.manifest.sealed_at).max(signed.manifest.to);
            change.remove_sealed(state)
        })?;
        self.recovery.adopted.push(name.number);
        Ok(())
    }

    /// The chain over what still waits once a segment is known. A database that was lost, or is older than the segment,
    /// has not all of the segment's records: a chain begins anew then, if nothing waits.
    fn strand_after(&self, manifest: &Manifest) -> Result<Strand, LedgerError> {
        let Manifest { class, records, last_record, .. } = *manifest;
        let held = *self.state.tail.get(class);
        let (mut anchor, mut count, mut waits) = (held.anchor, 0, false);
        self.store.each(*self.state.sealed.get(class), Some(class), &mut |Waiting { record, .. }| {
            waits = record.id > last_record;
            if !waits {
                anchor = tail::link(anchor, tail::Row::of(&record).digest());
                count += 1;
            }
            Ok(!waits)
        })?;
        Ok(if count == records || waits { Strand { anchor, ..held } } else { Strand::default() })
    }

    /// Every source and number in the data of a segment; nothing if the data has expired.
    fn each_origin(&self, name: SegmentName, take: &mut dyn FnMut(crate::Source, u64)) -> Result<(), LedgerError> {
        let path = self.folder.segment(name, Part::Data);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LedgerError::file(&path)(error)),
        };
        let mut records = Records::new(file).map_err(LedgerError::file(&path))?;
        while let Some(record) = records.next() {
            let line = records.number();
            let record = record.map_err(|source| LedgerError::Record { path: path.clone(), line, source })?;
            if record.kind == RecordKind::Observation
                && let Some(origin) = record.origin
            {
                take(origin.source, origin.seq);
            }
        }
        Ok(())
    }
}

/// Why a manifest is not the one that follows; `None` if it is.
fn misfit(state: &State, name: SegmentName, signed: &SignedManifest, ledger: &Ledger) -> Option<&'static str> {
    let manifest = &signed.manifest;
    if (manifest.number, manifest.class) != (name.number, name.class) {
        Some("it is of another segment")
    } else if !signed.is_signed_by(&ledger.signer.public()) {
        Some("it is not signed with our key")
    } else if manifest.number != state.segment + 1 {
        Some("the ones between are missing")
    } else if manifest.previous != state.head {
        Some("it follows another one")
    } else if manifest.writer_epoch > ledger.epoch {
        Some("its writer has a higher epoch than ours")
    } else {
        None
    }
}
