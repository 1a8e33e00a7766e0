use std::{
    error::Error as _,
    io,
    path::{Path, PathBuf},
};

use landfall_evidence::LedgerError;
use parquet::errors::ParquetError;

/// Why an export ended. Files that were put in place are complete; no other has its final name.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger cannot be read, or is not what was verified.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The disk is full.
    #[error("{}: no space left on the disk; free some and export again", .0.display())]
    NoSpace(PathBuf),
    /// A file or folder cannot be read or written.
    #[error("failed to access {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file cannot be written as Parquet.
    #[error("failed to write {}", path.display())]
    Parquet {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: ParquetError,
    },
    /// A file has the name of one of this export and is something else.
    #[error("{} is no file of an export: nothing replaces it, move it away or export to another folder", path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// A file of another ledger whose cluster has the same name.
    #[error(
        "{} is of another ledger of the cluster {cluster}: nothing replaces it, export to another folder or name this ledger \
         with --cluster",
        path.display()
    )]
    OtherLedger {
        /// Which.
        path: PathBuf,
        /// The name.
        cluster: String,
    },
    /// The folder lies in that of the ledger.
    #[error("{} lies in the folder of the ledger {}; name a folder elsewhere", folder.display(), ledger.display())]
    InLedger {
        /// The folder of the export.
        folder: PathBuf,
        /// The folder of the ledger.
        ledger: PathBuf,
    },
    /// A cluster's name that is too long for a file name.
    #[error("the name of the cluster is too long for the names of files; name the ledger with --cluster")]
    LongName,
}

// === impl ExportError ===

impl ExportError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| if is_full(&source) { Self::NoSpace(path) } else { Self::File { path, source } }
    }

    pub(crate) fn parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        let path = path.to_owned();
        move |source| match source.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            Some(cause) if is_full(cause) => Self::NoSpace(path),
            _ => Self::Parquet { path, source },
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}
