//! Errors of the spool.

use std::{io, path::PathBuf};

/// Why the spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process has locked it.
    #[error("failed to lock the spool {}: another agent uses it", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder cannot be opened, read or written.
    #[error("failed to {action} in the spool {}", folder.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Not all observations could be appended.
#[derive(Debug, thiserror::Error)]
#[error("failed to write to the spool {}", folder.display())]
pub struct AppendError {
    /// How many were appended; the rest must be appended again.
    pub appended: usize,
    /// The folder.
    pub folder: PathBuf,
    /// Why.
    pub source: io::Error,
}
