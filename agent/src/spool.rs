//! The spool: keeps observations on disk until they are acknowledged.
//!
//! ```text
//! append ─► segments (numbered files of checksummed records) ─► peek ─► deliver ─► acknowledge ─► files removed
//!                                   damaged or refused ─► quarantine.ndjson
//! ```
//!
//! When [`Spool::append`] returns, the kernel has the record, so it survives the end of the process. It survives a
//! crash of the machine once the file of [`Spool::to_sync`] is synced, which the daemon does every few seconds. After a
//! crash the incomplete record at the end of the last segment is truncated. Other bytes that cannot be read are
//! counted, reported and kept in the quarantine file.
//!
//! Observations of which something else keeps account are appended by [`Spool::commit`], together with a state.
//!
//! The cap is a soft limit: [`Spool::has_room`] is checked before windows are closed, and existing observations are
//! appended even above it, so that none is lost.

mod append;
mod commit;
mod delivery;
mod encoding;
mod error;
mod quarantine;
mod record;
mod recovery;
mod report;
mod segment;
#[cfg(test)]
pub(crate) mod small_disk;
mod state;
mod undeliverable;

use std::{
    collections::{BTreeSet, VecDeque},
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use self::{commit::Committed, quarantine::Quarantine, segment::Segment, state::Checkpoint};
pub use self::{
    error::{AppendError, SpoolError},
    quarantine::{QuarantinedRecord, Reason},
    report::{Recovered, SpoolCounters, Usage},
};

/// Observations on disk, oldest first.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    cap: u64,
    /// Locks the folder: two agents in one folder would send each other's records.
    _lock: File,
    segments: VecDeque<Segment>,
    next_number: u64,
    /// The end of the last acknowledged record.
    head: Position,
    checkpoint: Checkpoint,
    committed: Committed,
    /// Records after `head` that are in the quarantine.
    quarantined: BTreeSet<Position>,
    quarantine: Quarantine,
    counters: SpoolCounters,
    unsynced: bool,
}

/// Where a record ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    segment: u64,
    offset: u32,
}

/// An observation to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Epoch of its identity.
    pub epoch: u64,
    /// Number in its epoch.
    pub seq: u64,
    /// The observation in wire format, without a line break.
    pub line: String,
}

/// An observation in the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpooledRecord {
    /// Where it ends.
    pub position: Position,
    /// Number in its epoch.
    pub seq: u64,
    /// The observation in wire format, without a line break.
    pub line: String,
}

/// The next observations to deliver, all of one epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peeked {
    /// The epoch.
    pub epoch: u64,
    /// Ascending.
    pub records: Vec<SpooledRecord>,
}

// === impl Spool ===

impl Spool {
    /// Opens the spool in a folder, creates it if it is missing, and recovers what an earlier run left.
    pub fn open(folder: &Path, cap: u64) -> Result<(Self, Recovered), SpoolError> {
        let fail = |action| move |source| SpoolError::Io { action, folder: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fail("create the folder"))?;
        let lock = recovery::lock(folder)?;
        let quarantine = Quarantine::open(folder).map_err(fail("open the quarantine file"))?;
        let (checkpoint, head) = Checkpoint::open(folder).map_err(fail("open the checkpoint"))?;
        let head = head.unwrap_or_default();
        let mut spool = Self {
            folder: folder.to_owned(),
            cap,
            _lock: lock,
            segments: VecDeque::new(),
            next_number: head.segment + 1,
            head,
            checkpoint,
            committed: Committed::default(),
            quarantined: BTreeSet::new(),
            quarantine,
            counters: SpoolCounters::default(),
            unsynced: false,
        };
        let foreign = spool.recover_state().map_err(fail("read the state"))?;
        let mut recovered = spool.recover().map_err(fail("read the segments"))?;
        recovered.foreign.extend(foreign);
        Ok((spool, recovered))
    }

    /// Starts an epoch: milliseconds since 1970, but later than any other in this spool. It is written to disk before
    /// it is returned.
    pub fn begin_epoch(&mut self, now: Timestamp) -> Result<u64, SpoolError> {
        let known = state::newest_epoch(&self.folder).map_err(|source| self.failed("read the epoch", source))?;
        let spooled = self.segments.iter().map(|segment| segment.epoch).max();
        let newest = known.max(spooled);
        let epoch = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let epoch = newest.map_or(epoch, |newest| epoch.max(newest + 1));
        state::set_newest_epoch(&self.folder, epoch).map_err(|source| self.failed("write the epoch", source))?;
        Ok(epoch)
    }

    /// Whether the spool is below its cap.
    pub fn has_room(&self) -> bool {
        self.bytes() < self.cap
    }

    /// Counters since the spool was opened.
    pub fn counters(&self) -> SpoolCounters {
        self.counters
    }

    /// How full it is.
    pub fn usage(&self) -> Usage {
        let oldest = self.segments.iter().find_map(|segment| {
            let (position, start) = self.left_of(segment).next()?;
            segment.written(start, position.offset)
        });
        let records = self.segments.iter().map(|segment| self.left_of(segment).count()).sum::<usize>();
        Usage {
            bytes: self.bytes(),
            records: (records - self.quarantined.len()) as u64,
            oldest: oldest.and_then(|written| Timestamp::from_millisecond(i64::try_from(written).ok()?).ok()),
        }
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.length())).sum()
    }

    fn failed(&self, action: &'static str, source: io::Error) -> SpoolError {
        SpoolError::Io { action, folder: self.folder.clone(), source }
    }
}

#[cfg(test)]
mod tests;
