//! Restoring a ledger into an empty folder. Until it is complete, no writer opens the folder: a ledger of which some
//! segments are missing would otherwise be continued as another history.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use jiff::Timestamp;
use landfall_process::file;
use serde::{Deserialize, Serialize};

use crate::{
    LedgerError,
    files::{Folder, MODE},
    segments::exists,
};

/// Where segments are put until all of them are there.
const STAGE: &str = ".restoring";
/// Where a restored ledger comes from.
const MARK: &str = "restored.json";
/// What an empty folder may hold: a file system's own folder, and what an interrupted restoration left.
const EMPTY: [&str; 3] = [STAGE, "lost+found", "ledger.lock"];

/// A restoration in progress. If it is dropped before [`Self::finish`], what was written stays for the next one.
#[derive(Debug)]
pub struct Restoration {
    folder: Folder,
    stage: Folder,
    /// Excludes writers and other restorations.
    _lock: File,
}

/// From what a ledger was restored. It is no evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The copy's place.
    pub from: String,
    /// When.
    pub at: Timestamp,
    /// The end of the copy, `NUMBER:RECORDS:HASH`.
    pub head: String,
    /// The highest writer's epoch in the copy. Who writes the restored ledger begins above it.
    pub writer_epoch: u64,
}

impl Restoration {
    /// Begins in `folder`, which is created if it is missing. It must be empty, but for what an earlier restoration left.
    pub fn begin(folder: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(folder).map_err(LedgerError::file(folder))?;
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.map_err(LedgerError::file(folder))? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !EMPTY.contains(&name.as_str()) {
                return Err(LedgerError::NotEmpty { folder: folder.to_owned(), found: name });
            }
        }
        let (folder, stage) = (Folder::new(folder), Folder::new(&folder.join(STAGE)));
        let lock = folder.lock()?;
        stage.create()?;
        folder.sync()?;
        Ok(Self { folder, stage, _lock: lock })
    }

    /// A ledger's folder for the segments. They need not be synced, but after a crash of the machine may be damaged:
    /// whoever continues compares them with their digests.
    pub fn stage(&self) -> &Path {
        self.stage.root()
    }

    /// Puts the segments in their place: from now on the folder is a ledger.
    pub fn finish(self, restored: &Restored) -> Result<(), LedgerError> {
        let Self { folder, stage, _lock } = self;
        let mark = folder.root().join(MARK);
        let text = serde_json::to_vec(restored).expect("its keys are texts");
        file::replace(&mark, MODE, &text).map_err(LedgerError::file(&mark))?;
        for entry in fs::read_dir(stage.segments()).map_err(LedgerError::file(&stage.segments()))? {
            let path = entry.map_err(LedgerError::file(&stage.segments()))?.path();
            File::open(&path).and_then(|file| file.sync_all()).map_err(LedgerError::file(&path))?;
        }
        stage.sync_segments()?;
        let segments = folder.segments();
        fs::rename(stage.segments(), &segments).map_err(LedgerError::file(&segments))?;
        fs::remove_dir_all(stage.root()).map_err(LedgerError::file(stage.root()))?;
        folder.sync()
    }
}

/// From what the ledger in `folder` was restored; `None` if it was not.
pub fn restored(folder: &Path) -> Result<Option<Restored>, LedgerError> {
    let path = folder.join(MARK);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LedgerError::file(&path)(error)),
    };
    // Without the epoch a writer could continue under one that another writer had.
    serde_json::from_slice(&text).map(Some).map_err(|error| LedgerError::file(&path)(error.into()))
}

/// Fails if a restoration into this folder has not finished.
pub(crate) fn refuse_unfinished(folder: &Folder) -> Result<(), LedgerError> {
    if exists(&folder.root().join(STAGE))? {
        return Err(LedgerError::Restoring(folder.root().to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Digest, Head, Ledger, NewRecord, Part, PublicKey, RecordKind, SegmentName, Signer, verify};

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn mark(epoch: u64) -> Restored {
        let head = Head { number: 1, records: 1, hash: Digest::hash(b"head") }.to_string();
        Restored { from: "file:///copy".to_owned(), at: AT, head, writer_epoch: epoch }
    }

    fn sealed(folder: &Path, signer: Signer) -> PublicKey {
        let mut ledger = Ledger::open(folder, signer, 3).unwrap();
        ledger.append(&[NewRecord { kind: RecordKind::Rollup, at: AT, body: b"{}" }]).unwrap();
        ledger.seal(AT).unwrap().unwrap();
        ledger.public_key()
    }

    #[test]
    fn a_folder_is_no_ledger_until_the_restoration_is_complete() {
        let (made, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signer = Signer::generate().unwrap();
        let pem = signer.to_pem().to_owned();
        let signer = || Signer::from_pem(&pem).unwrap();
        let key = sealed(made.path(), signer());
        let name = SegmentName::find(made.path(), 1).unwrap();
        let copy = |restoration: &Restoration, part| {
            fs::copy(name.path(made.path(), part), name.path(restoration.stage(), part)).unwrap();
        };

        let restoration = Restoration::begin(target.path()).unwrap();
        assert!(matches!(Restoration::begin(target.path()), Err(LedgerError::Locked(_))));
        copy(&restoration, Part::Manifest);
        drop(restoration);
        // It would begin another history.
        let opened = Ledger::open(target.path(), signer(), 4);
        assert!(matches!(opened, Err(LedgerError::Restoring(_))), "{opened:?}");

        // A second attempt goes on where the first one ended.
        let restoration = Restoration::begin(target.path()).unwrap();
        assert!(name.path(restoration.stage(), Part::Manifest).exists());
        copy(&restoration, Part::Data);
        copy(&restoration, Part::Leaves);
        restoration.finish(&mark(3)).unwrap();
        assert_eq!(restored(target.path()).unwrap(), Some(mark(3)));
        assert_eq!(restored(made.path()).unwrap(), None);
        let report = verify(target.path(), &key, AT).unwrap();
        assert_eq!((report.segments, report.findings.as_slice()), (1, &[][..]));
        let ledger = Ledger::open(target.path(), signer(), 4).unwrap();
        assert_eq!(ledger.last_record(), 1);
        drop(ledger);

        let again = Restoration::begin(target.path());
        assert!(matches!(again, Err(LedgerError::NotEmpty { .. })), "{again:?}");
    }

    #[test]
    fn a_folder_with_anything_in_it_is_left_alone() {
        let target = tempfile::tempdir().unwrap();
        fs::create_dir(target.path().join("lost+found")).unwrap();
        drop(Restoration::begin(target.path()).unwrap());
        fs::write(target.path().join("notes.txt"), "mine").unwrap();
        let error = Restoration::begin(target.path()).unwrap_err();
        assert!(error.to_string().ends_with("expected an empty folder, found notes.txt"), "{error}");
    }

    #[test]
    fn what_has_expired_and_is_not_held_is_listed() {
        let made = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(made.path(), Signer::generate().unwrap(), 0).unwrap();
        for kind in [RecordKind::Rollup, RecordKind::Decision] {
            ledger.append(&[NewRecord { kind, at: AT, body: b"{}" }]).unwrap();
        }
        while ledger.seal(AT).unwrap().is_some() {}
        let late = AT.checked_add(jiff::SignedDuration::from_hours(24 * 1461)).unwrap();
        let expired = |ledger: &Ledger, now| crate::expired(made.path(), ledger.holds(), now).unwrap();
        assert_eq!(expired(&ledger, AT), []);
        let people = expired(&ledger, late);
        assert_eq!(people.iter().map(|name| name.class).collect::<Vec<_>>(), [Class::People]);
        let hold = crate::Hold {
            name: "claim".to_owned(),
            classes: [Class::People].into(),
            until: None,
            reason: "claim".to_owned(),
            by: None,
        };
        ledger.set_hold(hold, AT).unwrap();
        assert_eq!(expired(&ledger, late), []);
    }
}
