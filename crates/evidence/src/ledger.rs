//! The ledger's single writer.

mod append;
mod holding;
mod recover;
mod rotate;
mod seal;
#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::BTreeMap,
    fs,
    fs::File,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

pub use append::{Batch, BatchOutcome};
pub use seal::{Expired, Pending};

use crate::{
    Class, Holds, LedgerError, PublicKey, Signer,
    class::PerClass,
    files::{self, Folder, SegmentName},
    key_change::KeyChain,
    kill_point, restoration,
    store::{Change, State, Store},
    tail::{self, SignedTail, Tail},
};

/// A ledger, with exclusive write access.
///
/// What a call appends is on disk when it returns; a failed call appends nothing. After `kill -9` at any
/// point, [`Ledger::open`] finds everything that was acknowledged exactly once.
///
/// A clock that steps back does no harm: records are ordered by id, and the retention period runs from the
/// latest instant that the ledger has seen. A clock that stepped forward by mistake makes data be kept
/// longer, unless [`Ledger::expire`] is called with that instant.
#[derive(Debug)]
pub struct Ledger {
    folder: Folder,
    signer: Signer,
    epoch: u64,
    settings: Settings,
    store: Store,
    state: State,
    pending: BTreeMap<Class, Pending>,
    /// Segments whose data exists and will expire, and until when it is kept.
    kept: BTreeMap<SegmentName, Timestamp>,
    /// Legal holds, which delay expiry.
    holds: Holds,
    recovery: Recovery,
    /// Whether a seal failed half-way, so that there may be files that the database does not list.
    needs_recovery: bool,
    /// Held until the ledger is dropped.
    _lock: File,
}

/// How a ledger seals segments and how long it keeps data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long raw windows are kept, from their sealing.
    pub keep_windows: SignedDuration,
    /// How long records that name people are kept, from their sealing.
    pub keep_people: SignedDuration,
    /// The most records of a segment.
    pub segment_records: u64,
    /// A segment ends with the record that reaches this many bytes (before compression). It bounds how long a
    /// seal blocks other appends.
    pub segment_bytes: u64,
}

/// What [`Ledger::open`] found and repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Files of an interrupted seal, which were removed; their records are in the database.
    pub removed: Vec<PathBuf>,
    /// Segments that the database did not list.
    pub adopted: Vec<u64>,
}

impl Settings {
    /// A week.
    pub const KEEP_WINDOWS: SignedDuration = SignedDuration::from_hours(7 * 24);

    /// Four years. Claims for damages (Art. 82 GDPR) lapse three years after the end of the year in which they arose
    /// (§§ 195, 199 BGB), fines after three years (§ 31 OWiG): until then decisions and declarations are needed as
    /// proof, and must not be kept longer (Art. 5(1)(e) GDPR).
    pub const KEEP_PEOPLE: SignedDuration = SignedDuration::from_hours(1461 * 24);
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keep_windows: Self::KEEP_WINDOWS,
            keep_people: Self::KEEP_PEOPLE,
            segment_records: 100_000,
            segment_bytes: 8 << 20,
        }
    }
}

impl Ledger {
    /// Opens the ledger in `folder`, or creates one. `writer_epoch` is a fencing token: after a writer with a
    /// higher epoch, no older one can write.
    pub fn open(folder: &Path, signer: Signer, writer_epoch: u64) -> Result<Self, LedgerError> {
        Self::open_with(folder, signer, writer_epoch, Settings::default())
    }

    /// As [`Self::open`], with other settings.
    pub fn open_with(
        folder: &Path,
        signer: Signer,
        writer_epoch: u64,
        settings: Settings,
    ) -> Result<Self, LedgerError> {
        let folder = Folder::new(folder);
        refuse_later(&folder)?;
        restoration::refuse_unfinished(&folder)?;
        folder.create()?;
        let lock = folder.lock()?;
        let store = Store::open(&folder.database())?;
        let state = take_over(&folder, &store, &signer, writer_epoch)?;
        write_public_key(&folder, &signer.public())?;
        // The directory entries of the folder and of the files just created in it.
        folder.sync()?;
        let mut ledger = Self {
            folder,
            signer,
            epoch: writer_epoch,
            settings,
            store,
            state,
            pending: BTreeMap::new(),
            kept: BTreeMap::new(),
            holds: Holds::default(),
            recovery: Recovery::default(),
            needs_recovery: false,
            _lock: lock,
        };
        ledger.recover()?;
        Ok(ledger)
    }

    /// The key with which what is appended can be verified.
    pub fn public_key(&self) -> PublicKey {
        self.signer.public()
    }

    /// What opening it found and repaired.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Id of the last record; 0 if there is none.
    pub fn last_record(&self) -> u64 {
        self.state.last_record
    }

    /// Changes the database in one synced transaction; fails if a later writer took over.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Change<'_>, &mut State) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let transaction = self.store.begin()?;
        fence(transaction.state()?.as_ref(), self.epoch)?;
        let mut state = self.state.clone();
        let result = change(&transaction, &mut state)?;
        if state != self.state {
            transaction.set_state(&state)?;
            transaction.set_tail(&SignedTail::sign(&state, &self.signer))?;
        }
        transaction.commit()?;
        self.state = state;
        Ok(result)
    }
}

/// Refuses a ledger that a later version of the program has sealed, before anything of it is changed.
fn refuse_later(folder: &Folder) -> Result<(), LedgerError> {
    for name in folder.list()?.manifests.into_values().next_back().into_iter().flatten() {
        // Other errors are for recovery and verification to report.
        if let Err(error @ LedgerError::Later { .. }) = folder.read_manifest(name) {
            return Err(error);
        }
    }
    Ok(())
}

/// Stores our epoch in the database and returns its state.
fn take_over(folder: &Folder, store: &Store, signer: &Signer, writer_epoch: u64) -> Result<State, LedgerError> {
    let ours = signer.public().id().to_string();
    let change = store.begin()?;
    let held = change.state()?;
    fence(held.as_ref(), writer_epoch)?;
    let (in_force, signed_so_far) = rotate::in_force(folder, held.as_ref())?;
    if let Some(held) = in_force.filter(|held| *held != ours) {
        return Err(LedgerError::KeyChanged { held, ours });
    }
    let state = match held {
        Some(state) => {
            let tail = held_tail(store, signed_so_far.unwrap_or_else(|| signer.public()))?;
            State { key_id: ours, writer_epoch, tail, ..state }
        }
        None => State {
            key_id: ours,
            writer_epoch,
            last_record: 0,
            latest: Timestamp::MIN,
            segment: 0,
            head: None,
            sealed: PerClass::default(),
            tail: Tail::default(),
        },
    };
    change.set_state(&state)?;
    change.set_tail(&SignedTail::sign(&state, signer))?;
    kill_point::pass("open: before the epoch is stored");
    change.commit()?;
    Ok(state)
}

/// The tail of the database, after checking that the unsealed records are those that were appended, so that changed
/// records are never signed.
fn held_tail(store: &Store, key: PublicKey) -> Result<Tail, LedgerError> {
    if let Some((fault, key)) = tail::fault(store, &KeyChain::new(key))? {
        return Err(LedgerError::TailChanged(Box::new(fault.into_finding(&key))));
    }
    Ok(store.tail()?.map(|signed| signed.tail).unwrap_or_default())
}

fn fence(state: Option<&State>, ours: u64) -> Result<(), LedgerError> {
    match state {
        Some(state) if state.writer_epoch > ours => Err(LedgerError::Fenced { held: state.writer_epoch, ours }),
        _ => Ok(()),
    }
}

/// Writes the public key to the folder, for convenience: it proves nothing against somebody who can change the folder.
fn write_public_key(folder: &Folder, key: &PublicKey) -> Result<(), LedgerError> {
    let (path, pem) = (folder.public_key(), key.to_pem());
    if fs::read(&path).is_ok_and(|held| held == pem.as_bytes()) {
        return Ok(());
    }
    files::write_atomically(&path, pem.as_bytes(), "open: public key written")
}
