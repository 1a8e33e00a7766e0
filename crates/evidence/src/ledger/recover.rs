//! Recovery after a crash. The segments are authoritative and the database follows them: a manifest in place
//! was synced after everything it covers.

use std::{collections::BTreeMap, fs::File};

use super::{Ledger, holding::remember_record};
use crate::{
    Class, HoldRecord, LedgerError, Manifest, Origin, PublicKey, Record, RecordKind, Records, SignedManifest,
    files::{self, Listing, Part, SegmentName},
    key_change::KeyChain,
    segment,
    store::StoredRecord,
    tail::{self, ClassChain},
};

impl Ledger {
    /// Brings folder and database to the same state.
    pub(super) fn recover(&mut self) -> Result<(), LedgerError> {
        let listing = self.folder.list()?;
        let keys = KeyChain::complete(&self.folder, &listing, &self.signer.public());
        let Listing { manifests, data, leaves, unfinished } = listing;
        for path in unfinished {
            files::remove(&path)?;
            self.recovery.removed.push(path);
        }
        let beyond = manifests.range(self.state.segment + 1..).flat_map(|(_, names)| names.clone());
        for name in beyond.collect::<Vec<_>>() {
            self.adopt(name, keys.at(name.number))?;
        }
        // The records of a segment without a manifest are still in the database.
        let last = self.state.segment;
        let remains: Vec<SegmentName> = data.values().flatten().chain(&leaves).copied().collect();
        for name in remains.into_iter().filter(|name| name.number > last) {
            self.recovery.removed.push(self.folder.segment(name, Part::Data));
            segment::discard(&self.folder, name);
        }
        self.kept.clear();
        for name in data.into_values().flatten().filter(|name| name.class != Class::Lasting && name.number <= last) {
            // An unreadable one is for `verify` to report; it must not stop the writer.
            match self.folder.read_manifest(name) {
                Ok(signed) if signed.is_signed_by(keys.at(name.number)) => {
                    self.kept.extend(signed.manifest.keep_until.map(|until| (name, until)));
                }
                Ok(_) => tracing::warn!(
                    segment = name.number,
                    "Manifest of data that will expire is not signed with the ledger's key"
                ),
                Err(error) => {
                    tracing::warn!(%error, segment = name.number, "Manifest of data that will expire is unreadable");
                }
            }
        }
        self.count_all()?;
        self.recall_holds()?;
        self.needs_recovery = false;
        let recovery = &self.recovery;
        if *recovery != super::Recovery::default() {
            tracing::warn!(removed = recovery.removed.len(), adopted = ?recovery.adopted, "Ledger recovered");
        }
        Ok(())
    }

    /// Adopts a segment that the database does not know: the crash came before it was marked, or the database
    /// was lost.
    fn adopt(&mut self, name: SegmentName, key: &PublicKey) -> Result<(), LedgerError> {
        let signed = self.folder.read_manifest(name)?;
        let not_next = |why| LedgerError::NotNext {
            path: self.folder.segment(name, Part::Manifest),
            after: self.state.segment,
            why,
        };
        if let Some(why) = misfit(self, name, &signed, key) {
            return Err(not_next(why));
        }
        let (mut origins, mut decisions) = (BTreeMap::new(), Vec::new());
        self.each_record(name, &mut |record| {
            if record.kind == RecordKind::Observation
                && let Some(Origin { source, seq }) = record.origin
            {
                let highest = origins.entry(source).or_insert(seq);
                *highest = seq.max(*highest);
            } else if HoldRecord::from_record(&record).is_some() {
                decisions.push(record);
            }
        })?;
        let chain = self.chain_after(&signed.manifest)?;
        self.change(|change, state| {
            *state.tail.get_mut(name.class) = chain;
            for (source, seq) in &origins {
                let held = change.progress(source)?;
                let missed = held.map_or(0, |held| held.missed);
                let acknowledged = held.map_or(*seq, |held| held.acknowledged.max(*seq));
                change.set_progress(source, acknowledged, missed)?;
            }
            decisions.iter().try_for_each(|record| remember_record(change, record))?;
            state.follow(&signed.manifest, signed.hash);
            state.latest = state.latest.max(signed.manifest.sealed_at).max(signed.manifest.to);
            change.remove_sealed(state)
        })?;
        self.recovery.adopted.push(name.number);
        Ok(())
    }

    /// The chain over the records that remain unsealed after a segment is adopted. A database that was lost, or is
    /// older than the segment, lacks some of its records: then a new chain begins if no unsealed record remains.
    fn chain_after(&self, manifest: &Manifest) -> Result<ClassChain, LedgerError> {
        let Manifest { class, records, last_record, .. } = *manifest;
        let chain = *self.state.tail.get(class);
        let (mut anchor, mut count, mut waits) = (chain.anchor, 0, false);
        self.store.each(*self.state.sealed.get(class), Some(class), &mut |StoredRecord { record, .. }| {
            waits = record.id > last_record;
            if !waits {
                anchor = tail::link(anchor, tail::Row::from_record(&record).digest());
                count += 1;
            }
            Ok(!waits)
        })?;
        Ok(if count == records || waits { ClassChain { anchor, ..chain } } else { ClassChain::default() })
    }

    /// Every record in the data of a segment; nothing if the data has expired.
    fn each_record(&self, name: SegmentName, take: &mut dyn FnMut(Record)) -> Result<(), LedgerError> {
        let path = self.folder.segment(name, Part::Data);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LedgerError::file(&path)(error)),
        };
        let mut records = Records::new(file).map_err(LedgerError::file(&path))?;
        while let Some(record) = records.next() {
            let line = records.number();
            take(record.map_err(|source| LedgerError::Record { path: path.clone(), line, source })?);
        }
        Ok(())
    }
}

/// Why a manifest does not continue the chain; `None` if it does.
fn misfit(ledger: &Ledger, name: SegmentName, signed: &SignedManifest, key: &PublicKey) -> Option<&'static str> {
    let Ledger { state, epoch, .. } = ledger;
    let manifest = &signed.manifest;
    if (manifest.number, manifest.class) != (name.number, name.class) {
        Some("it is of another segment")
    } else if !signed.is_signed_by(key) {
        Some("it is not signed with the ledger's key")
    } else if manifest.number != state.segment + 1 {
        Some("the ones between are missing")
    } else if manifest.previous != state.head {
        Some("it follows another one")
    } else if manifest.writer_epoch > *epoch {
        Some("its writer has a higher epoch than ours")
    } else {
        None
    }
}
