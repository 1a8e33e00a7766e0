//! Key rotation: the last segment that the old key signs hands over to the new one.

use std::path::Path;

use jiff::Timestamp;

use super::{Ledger, Settings, write_public_key};
use crate::{
    Class, Handover, KeyChange, KeyChangeReason, LedgerError, Owner, PublicKey, Record, RecordKind, Signer,
    files::{self, Folder, Part, SegmentName},
    key_change::KeyChain,
    kill_point, owner,
    segment::{self, SegmentWriter, Written},
    store::State,
};

impl Ledger {
    /// Opens the ledger with `signer`; if it is still signed with `previous`, that key hands over first.
    pub fn open_after(
        folder: &Path,
        signer: Signer,
        previous: &Signer,
        writer_epoch: u64,
        settings: Settings,
        (reason, now): (KeyChangeReason, Timestamp),
    ) -> Result<Self, LedgerError> {
        match Self::open_with(folder, signer.copy(), writer_epoch, settings) {
            Err(LedgerError::KeyChanged { held, .. }) if held == previous.public().id().to_string() => {
                let mut ledger = Self::open_with(folder, previous.copy(), writer_epoch, settings)?;
                ledger.rotate_key(signer, reason, now)?;
                Ok(ledger)
            }
            opened => opened,
        }
    }

    /// Hands over to `signer`: seals pending records, then a record of the change in a segment of its own, the last one
    /// signed with the old key. What is appended afterwards is signed with the new one. No-op if it signs already.
    pub fn rotate_key(&mut self, signer: Signer, reason: KeyChangeReason, now: Timestamp) -> Result<(), LedgerError> {
        let (from, to) = (self.signer.public(), signer.public());
        if from == to {
            return Ok(());
        }
        if self.keys()?.all().any(|key| *key == to) {
            return Err(LedgerError::KeyUsed(to.id()));
        }
        while self.seal(now)?.is_some() {}
        let change = KeyChange {
            schema: KeyChange::SCHEMA.to_owned(),
            at: now,
            from: from.id(),
            to: to.id(),
            reason: reason.into(),
        };
        let name = SegmentName { number: self.state.segment + 1, class: Class::Lasting };
        self.needs_recovery = true;
        self.hand_over(name, signer, &change, now).inspect_err(|_| {
            if !self.folder.segment(name, Part::Manifest).exists() {
                segment::discard(&self.folder, name);
            }
        })?;
        self.needs_recovery = false;
        write_public_key(&self.folder, &to)
    }

    fn hand_over(
        &mut self,
        name: SegmentName,
        new: Signer,
        change: &KeyChange,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let record = Record {
            id: self.state.last_record + 1,
            at: now,
            kind: RecordKind::KeyChange.into(),
            origin: None,
            body: serde_json::to_string(change).expect("a change's keys are texts"),
        };
        let mut writer = SegmentWriter::create(&self.folder, name)?;
        writer.push(&record)?;
        let Some(written) = writer.finish()? else { return Ok(()) };
        let Written { root, .. } = written;
        let handover = Handover::new(&self.signer.public(), &new, name.number, self.state.head, root);
        let mut manifest = self.manifest(name, written, None, now);
        manifest.key_change = Some(handover);
        let signed = manifest.sign(&self.signer);
        let path = self.folder.segment(name, Part::Manifest);
        files::write_atomically(&path, &signed.to_bytes(), "seal: manifest written")?;
        kill_point::pass("seal: manifest in place");
        // With its manifest in place the change is valid, even if the database is not updated.
        self.signer = new;
        let latest = self.state.latest.max(now);
        let key_id = self.signer.public().id().to_string();
        self.change(|change, state| {
            state.follow(&signed.manifest, signed.hash);
            state.latest = latest;
            state.key_id = key_id;
            change.remove_sealed(state)
        })
    }

    /// The number of the segment that is sealed next.
    pub fn next_segment(&self) -> u64 {
        self.state.segment + 1
    }

    /// The keys that sign this ledger so far.
    pub(super) fn keys(&self) -> Result<KeyChain, LedgerError> {
        Ok(KeyChain::complete(&self.folder, &self.folder.list()?, &self.signer.public()))
    }
}

/// The id of the key that signs the next segment, and the key that signed the tail in the database if it is still the
/// previous one: the process may have ended between a handover and the update of the database.
pub(super) fn in_force(
    folder: &Folder,
    state: Option<&State>,
) -> Result<(Option<String>, Option<PublicKey>), LedgerError> {
    let listing = folder.list()?;
    let Some(state) = state else {
        // The database was lost; the last manifest names the key.
        return Ok((owner::owner_from_segments(folder, &listing)?.map(|Owner { key_id, .. }| key_id), None));
    };
    let mut key_id = state.key_id.clone();
    let mut signed_so_far = None;
    for name in listing.manifests.range(state.segment + 1..).flat_map(|(_, names)| names) {
        let Ok(signed) = folder.read_manifest(*name) else { continue };
        if let Some(handover) = &signed.manifest.key_change
            && handover.from.id().to_string() == key_id
            && handover.is_proven(&signed, &handover.from)
        {
            signed_so_far.get_or_insert_with(|| handover.from.clone());
            key_id = handover.to.id().to_string();
        }
    }
    Ok((Some(key_id), signed_so_far))
}
