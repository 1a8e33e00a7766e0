use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use crate::{
    Finding, KeyId, ManifestError,
    record::{MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_RECORD},
};

/// Why a call on the ledger failed. A failed call appends nothing.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process writes to the folder.
    #[error("{}: another process writes to this ledger", .0.display())]
    Locked(PathBuf),
    /// A writer with a higher epoch took over.
    #[error("the ledger is held by writer epoch {held}; epoch {ours} is older and may not write")]
    Fenced {
        /// The highest epoch that wrote.
        held: u64,
        /// Ours.
        ours: u64,
    },
    /// The ledger is signed with another key.
    #[error(
        "the ledger is signed with key {held}, expected {ours}; another key needs another folder, or that one admits it \
         (landfall ledger rotate-key)"
    )]
    KeyChanged {
        /// The key's id in the ledger.
        held: String,
        /// The id of the key given.
        ours: String,
    },
    /// The key signed this ledger before and was replaced; it cannot come back.
    #[error("key {0} signed this ledger before, expected a new one")]
    KeyUsed(KeyId),
    /// The hold is not valid.
    #[error("hold {name:?}: expected {why}")]
    Hold {
        /// Its name.
        name: String,
        /// What is expected.
        why: &'static str,
    },
    /// There is no such hold.
    #[error("no hold is named {0:?}")]
    NoHold(String),
    /// The disk is full. What was appended before is safe; retry when there is space again.
    #[error("{}: no space left on the disk", .0.display())]
    NoSpace(PathBuf),
    /// A record was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A cursor moves neither backwards nor past the last record.
    #[error("cursor {name} stands at record {at} of {last} and cannot go to {asked}")]
    Cursor {
        /// The cursor's name.
        name: String,
        /// Its position.
        at: u64,
        /// The last record.
        last: u64,
        /// Where it was asked to go.
        asked: u64,
    },
    /// An instant or a number beyond what the ledger can hold.
    #[error("{what} is out of range, expected at most {limit}")]
    OutOfRange {
        /// Which.
        what: &'static str,
        /// The limit.
        limit: i64,
    },
    /// A file or folder cannot be read or written.
    #[error("failed to access {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database cannot be read or written.
    #[error("failed to use {}", path.display())]
    Database {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The ledger was written by a later version of the program.
    #[error("{}: written by a later version of landfall: {what} {found}, this one reads up to {known}", path.display())]
    Later {
        /// The manifest, or the database.
        path: PathBuf,
        /// What the version is of: `format` in manifests, `tables` in the database.
        what: &'static str,
        /// Its version.
        found: u64,
        /// The latest version this program knows.
        known: u64,
    },
    /// The database has the tables of an earlier version.
    #[error("{}: made by an earlier version of the ledger ({found}), expected {expected}", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        expected: i64,
    },
    /// A manifest cannot be read.
    #[error("{}: not a manifest of this ledger", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ManifestError,
    },
    /// The manifest in the place of the next segment does not continue the chain.
    #[error("{}: expected the manifest that follows segment {after} ({why})", path.display())]
    NotNext {
        /// The file.
        path: PathBuf,
        /// The last segment known.
        after: u64,
        /// What does not fit.
        why: &'static str,
    },
    /// A record cannot be read back.
    #[error("{}: line {line}: expected a record of the ledger", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Unsealed records were changed by somebody else; they are not signed.
    #[error(
        "{0}; unsealed records are not signed in this state: keep a copy of the folder, then move ledger.db away to \
         continue without them (docs/ledger.md)"
    )]
    TailChanged(Box<Finding>),
    /// The data read is not the data that was sealed.
    #[error("{0}")]
    Unproven(Box<Finding>),
    /// The state that a reader stores in the database cannot be read.
    #[error("{}: failed to read the stored state of {name}", path.display())]
    Memory {
        /// The database.
        path: PathBuf,
        /// Name of the reader.
        name: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// There is no ledger.
    #[error("{}: no ledger found, expected ledger.db or a folder named segments", .0.display())]
    Absent(PathBuf),
    /// The folder does not exist.
    #[error("{}: there is no such folder, expected that of a ledger", .0.display())]
    NoFolder(PathBuf),
    /// A ledger cannot be restored over something else.
    #[error("{}: expected an empty folder, found {found}", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// What is in it.
        found: String,
    },
    /// A restoration into the folder has not finished; a writer would begin another history.
    #[error(
        "{}: a ledger is being restored into this folder; run `landfall ledger restore` again, or empty the folder",
        .0.display()
    )]
    Restoring(PathBuf),
}

/// A record that was refused, and its batch with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {index} of the batch: {reason}")]
pub struct Refusal {
    /// Place in the batch, from 0.
    pub index: usize,
    /// What is wrong.
    pub reason: RefusalReason,
}

/// Why a record was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusalReason {
    /// Too long.
    #[error("{0} bytes long, expected at most {MAX_RECORD}")]
    TooLong(usize),
    /// Not JSON.
    #[error("not one JSON object on one line of UTF-8")]
    NotAnObject,
    /// The numbers of the batch do not ascend.
    #[error("number {seq} after {previous}, expected ascending numbers")]
    NotAscending {
        /// Its number.
        seq: u64,
        /// The number before.
        previous: u64,
    },
    /// A number without a successor that can be stored.
    #[error("number {0}, expected at most 2^63 - 1")]
    NumberTooLarge(u64),
    /// The batch holds too many records.
    #[error("expected at most {MAX_BATCH_RECORDS} records a batch")]
    TooMany,
    /// The batch is too large.
    #[error("expected at most {MAX_BATCH_BYTES} bytes a batch")]
    TooMuch,
    /// The names of the source are too long.
    #[error("cluster or agent longer than 512 bytes")]
    SourceTooLong,
    /// Observations must be appended by [`crate::Ledger::take`], with their source.
    #[error("an observation without its source")]
    NoSource,
}

impl LedgerError {
    /// There is no ledger in `folder`, or no such folder.
    pub(crate) fn absent(folder: &Path) -> Self {
        if folder.exists() { Self::Absent(folder.to_owned()) } else { Self::NoFolder(folder.to_owned()) }
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace(path),
            _ => Self::File { path, source },
        }
    }

    pub(crate) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::NoSpace(path.clone()),
            _ => Self::Database { path: path.clone(), source },
        }
    }

    /// Whether the same call can succeed later without intervention other than freeing disk space.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NoSpace(_) => true,
            Self::Database { source, .. } => {
                matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
            }
            _ => false,
        }
    }
}
