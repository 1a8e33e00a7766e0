//! Why the spool is of no use.

use std::{io, path::PathBuf};

/// Why the spool is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Another process has it.
    #[error("failed to lock the spool {}: another agent uses it", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder does not open, read or write.
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
    /// How many were: the rest is to be appended again.
    pub appended: usize,
    /// The folder.
    pub folder: PathBuf,
    /// Why.
    pub source: io::Error,
}
