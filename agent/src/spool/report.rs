//! Counters and fill level of the spool.

use std::path::PathBuf;

use jiff::Timestamp;

/// Counters since the spool was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpoolCounters {
    /// Records appended.
    pub appended: u64,
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Records for the quarantine, in the order of [`super::Reason::ALL`].
    pub quarantine: [u64; 3],
    /// Records that were lost because the quarantine was full.
    pub not_kept: u64,
}

/// What was found when the spool was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Records that are yet to be delivered.
    pub records: u64,
    /// Bytes of an incomplete record, as a crash leaves it.
    pub torn_bytes: u64,
    /// Places where bytes could not be read; they are in the quarantine.
    pub damaged: u64,
    /// Files that are not segments or the state of a spool; they were renamed to `*.foreign`.
    pub foreign: Vec<PathBuf>,
}

/// Fill level of the spool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all segments.
    pub bytes: u64,
    /// Records that are yet to be delivered.
    pub records: u64,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
}
