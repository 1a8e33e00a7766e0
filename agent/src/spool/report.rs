//! What the spool tells of itself.

use std::path::PathBuf;

use jiff::Timestamp;

/// What was counted since the spool was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpoolCounters {
    /// Records taken in.
    pub appended: u64,
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Records that nobody takes, by the order of [`super::Reason::ALL`].
    pub set_aside: [u64; 3],
    /// How many of them the quarantine had no room for any more: they are lost.
    pub not_kept: u64,
}

/// What opening found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Records that are yet to be delivered.
    pub records: u64,
    /// Bytes of a record that a crash has cut off.
    pub torn_bytes: u64,
    /// Places where bytes could not be read; they are in the quarantine.
    pub damaged: u64,
    /// Files that are no segments of ours; they have the ending `.foreign` now.
    pub foreign: Vec<PathBuf>,
}

/// How full it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all segments.
    pub bytes: u64,
    /// Records that are yet to be delivered.
    pub records: u64,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
}
