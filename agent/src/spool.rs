//! Observations on disk until they are acknowledged.
//!
//! ```text
//! append ─► segments (numbered files of checksummed records) ─► peek ─► deliver ─► acknowledge ─► files removed
//!                                   damaged or refused ─► quarantine.ndjson
//! ```
//!
//! A record is with the kernel when [`Spool::append`] returns, so it survives any end of the process; it survives a
//! crash of the machine once [`Spool::to_sync`] was synced, which the daemon does every few seconds and which
//! creating a segment does for its name. After a crash the torn tail of the last segment is cut off. Any other bytes that do not
//! read are counted, reported and kept in the quarantine file.
//!
//! The cap bounds what is taken in, not what must be written: [`Spool::has_room`] is asked before observations are
//! made, and what was made is appended even above the cap.

mod error;
mod quarantine;
mod record;
mod report;
mod segment;
#[cfg(test)]
pub(crate) mod small_disk;
mod state;

use std::{
    cmp::Ordering,
    collections::{BTreeSet, VecDeque},
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use landfall_process::file;

pub use self::{
    error::{AppendError, SpoolError},
    quarantine::{Reason, SetAside},
    report::{Recovered, SpoolCounters, Usage},
};
use self::{
    quarantine::Quarantine,
    record::{MAX_LINE, Record, read},
    segment::{Damage, Opened, Segment},
    state::Mark,
};

/// A segment that is longer gets a successor.
const SEGMENT_BYTES: u32 = 4 * 1024 * 1024;
/// A segment that is acknowledged to its end and longer than this is given back at once.
const IDLE_BYTES: u32 = 256 * 1024;
/// How much is written at once, which a disk takes or refuses as a whole.
const WRITE_BYTES: usize = 64 * 1024;

/// Observations on disk, oldest first.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    cap: u64,
    /// Two agents in one folder would send each other's records.
    _lock: File,
    segments: VecDeque<Segment>,
    next_number: u64,
    /// Behind the last record that is acknowledged.
    head: Position,
    mark: Mark,
    /// Records behind `head` that are in the quarantine.
    apart: BTreeSet<Position>,
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

/// An observation that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Epoch of its identity.
    pub epoch: u64,
    /// Number in its epoch.
    pub seq: u64,
    /// The observation on the wire, without a line break.
    pub line: String,
}

/// An observation that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Where it ends.
    pub position: Position,
    /// Number in its epoch.
    pub seq: u64,
    /// The observation on the wire, without a line break.
    pub line: String,
}

/// The next observations to deliver, all of one epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peeked {
    /// The epoch.
    pub epoch: u64,
    /// Ascending.
    pub records: Vec<Spooled>,
}

// === impl Spool ===

impl Spool {
    /// Opens the spool in a folder, which is made if need be, and recovers what an earlier run has left.
    pub fn open(folder: &Path, cap: u64) -> Result<(Self, Recovered), SpoolError> {
        let fail = |action| move |source| SpoolError::Io { action, folder: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fail("make the folder"))?;
        let lock = lock(folder)?;
        let quarantine = Quarantine::open(folder).map_err(fail("open the quarantine file"))?;
        let (mark, head) = Mark::open(folder).map_err(fail("open the mark"))?;
        let head = head.unwrap_or_default();
        let mut spool = Self {
            folder: folder.to_owned(),
            cap,
            _lock: lock,
            segments: VecDeque::new(),
            next_number: head.segment + 1,
            head,
            mark,
            apart: BTreeSet::new(),
            quarantine,
            counters: SpoolCounters::default(),
            unsynced: false,
        };
        let recovered = spool.recover().map_err(fail("read the segments"))?;
        Ok((spool, recovered))
    }

    /// Begins an epoch: milliseconds since 1970, but always later than any other here. It is on disk before it is used.
    pub fn begin_epoch(&mut self, now: Timestamp) -> Result<u64, SpoolError> {
        let known = state::newest_epoch(&self.folder).map_err(|source| self.failed("read the epoch", source))?;
        let spooled = self.segments.iter().map(|segment| segment.epoch).max();
        let newest = known.max(spooled);
        let epoch = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let epoch = newest.map_or(epoch, |newest| epoch.max(newest + 1));
        state::set_newest_epoch(&self.folder, epoch).map_err(|source| self.failed("write the epoch", source))?;
        Ok(epoch)
    }

    /// Whether more may be taken in.
    pub fn has_room(&self) -> bool {
        self.bytes() < self.cap
    }

    /// Takes observations in, even above the cap.
    pub fn append(&mut self, entries: &[Entry]) -> Result<(), AppendError> {
        let written = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
        let (mut bytes, mut ends, mut newest, mut appended) = (Vec::new(), Vec::new(), 0, 0);
        for (index, Entry { epoch, seq, line }) in entries.iter().enumerate() {
            if line.len() > MAX_LINE {
                let message = "longer than a record may be";
                let identity = Some((*epoch, *seq));
                self.keep_apart(&[SetAside { reason: Reason::TooLong, message, identity, bytes: line.as_bytes() }]);
            } else {
                Record { written, epoch: *epoch, seq: *seq, line }.write(&mut bytes);
                ends.push(bytes.len());
                newest = newest.max(*epoch);
            }
            if bytes.len() >= WRITE_BYTES || index + 1 == entries.len() {
                let written = self.write(&bytes, &ends, newest);
                written.map_err(|source| AppendError { appended, folder: self.folder.clone(), source })?;
                appended = index + 1;
                bytes.clear();
                ends.clear();
            }
        }
        Ok(())
    }

    /// The next records to deliver, at least one if there is any; lines count with their line break.
    pub fn peek(&mut self, max_records: usize, max_bytes: usize) -> Result<Peeked, SpoolError> {
        let mut peeked = Peeked::default();
        let mut damaged = Vec::new();
        let mut left = max_bytes;
        'full: for segment in &self.segments {
            for (position, start) in self.left_of(segment).filter(|(position, _)| !self.apart.contains(position)) {
                let bytes = segment.bytes(start, position.offset);
                let bytes = bytes.map_err(|source| self.failed("read a segment", source))?;
                let Some((_, record)) = read(&bytes, 0) else {
                    // It was good when the spool was opened: the disk has lost it.
                    damaged.push((position, bytes));
                    continue;
                };
                let size = record.line.len() + 1;
                let is_next = record.epoch == peeked.epoch && size <= left && peeked.records.len() < max_records;
                if !is_next && !peeked.records.is_empty() {
                    break 'full;
                }
                peeked.epoch = record.epoch;
                left = left.saturating_sub(size);
                peeked.records.push(Spooled { position, seq: record.seq, line: record.line.to_owned() });
            }
        }
        for (position, bytes) in damaged {
            self.keep_apart_damaged(&bytes);
            self.apart.insert(position);
        }
        self.skip_apart();
        Ok(peeked)
    }

    /// All records up to this one are delivered, or kept apart.
    pub fn acknowledge(&mut self, through: Position) -> Result<(), SpoolError> {
        self.advance(through);
        self.skip_apart();
        self.mark.set(self.head).map_err(|source| self.failed("write the mark", source))?;
        self.give_back(IDLE_BYTES.min(self.segment_bytes()));
        Ok(())
    }

    /// Puts records that nobody takes into the quarantine; they are not shown again.
    pub fn set_aside(&mut self, records: &[Spooled], epoch: u64, message: &str) -> Result<(), SpoolError> {
        let reason = Reason::Refused;
        let apart: Vec<_> = records
            .iter()
            .map(|Spooled { seq, line, .. }| SetAside {
                reason,
                message,
                identity: Some((epoch, *seq)),
                bytes: line.as_bytes(),
            })
            .collect();
        self.keep_apart(&apart);
        self.apart.extend(records.iter().map(|record| record.position));
        self.skip_apart();
        self.mark.set(self.head).map_err(|source| self.failed("write the mark", source))?;
        self.give_back(IDLE_BYTES.min(self.segment_bytes()));
        Ok(())
    }

    /// The file that has to be synced for all records to survive a crash of the machine. Syncing takes long and
    /// needs no lock.
    pub fn to_sync(&mut self) -> Option<Arc<File>> {
        if !std::mem::take(&mut self.unsynced) {
            return None;
        }
        self.segments.back().map(Segment::file)
    }

    /// What was counted since the spool was opened.
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
            records: (records - self.apart.len()) as u64,
            oldest: oldest.and_then(|written| Timestamp::from_millisecond(i64::try_from(written).ok()?).ok()),
        }
    }

    /// Where the records of a segment that are not acknowledged end and begin.
    fn left_of<'a>(&self, segment: &'a Segment) -> impl ExactSizeIterator<Item = (Position, u32)> + use<'a> {
        let number = segment.number;
        let records = match number.cmp(&self.head.segment) {
            Ordering::Less => &[],
            Ordering::Equal => segment.records_from(self.head.offset),
            Ordering::Greater => segment.records_from(0),
        };
        records.iter().map(move |&(start, end)| (Position { segment: number, offset: end }, start))
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.length())).sum()
    }

    /// Length of a segment, so that a small cap is made of several.
    fn segment_bytes(&self) -> u32 {
        u32::try_from(self.cap / 8).map_or(SEGMENT_BYTES, |eighth| eighth.clamp(1024, SEGMENT_BYTES))
    }

    fn recover(&mut self) -> io::Result<Recovered> {
        let mut recovered = Recovered::default();
        let numbers = Segment::list(&self.folder)?;
        for &number in &numbers {
            self.next_number = self.next_number.max(number + 1);
            let path = Segment::path(&self.folder, number);
            if number < self.head.segment {
                fs::remove_file(path)?;
                continue;
            }
            match Segment::open(&self.folder, number, Some(&number) == numbers.last())? {
                Opened::Segment(segment, Damage { damaged, torn }) => {
                    recovered.torn_bytes += torn;
                    recovered.damaged += damaged.len() as u64;
                    for bytes in &damaged {
                        self.keep_apart_damaged(bytes);
                    }
                    self.segments.push_back(segment);
                }
                Opened::Empty => fs::remove_file(path)?,
                Opened::Foreign => {
                    let renamed = path.with_extension("foreign");
                    fs::rename(&path, &renamed)?;
                    recovered.foreign.push(renamed);
                }
            }
        }
        self.give_back(IDLE_BYTES.min(self.segment_bytes()));
        recovered.records = self.usage().records;
        Ok(recovered)
    }

    /// Writes records; a disk that is full may have room when what is acknowledged is given back.
    fn write(&mut self, bytes: &[u8], ends: &[usize], epoch: u64) -> io::Result<()> {
        if ends.is_empty() {
            return Ok(());
        }
        let before = self.segments.len();
        self.try_write(bytes, ends, epoch).or_else(|error| {
            self.give_back(0);
            if self.segments.len() < before { self.try_write(bytes, ends, epoch) } else { Err(error) }
        })
    }

    fn try_write(&mut self, bytes: &[u8], ends: &[usize], epoch: u64) -> io::Result<()> {
        let length = self.segment_bytes();
        if self.segments.back().is_none_or(|last| last.is_closed || last.length() >= length) {
            if let Some(last) = self.segments.back().filter(|_| self.unsynced) {
                last.file().sync_data()?;
            }
            let segment = Segment::create(&self.folder, self.next_number)?;
            self.next_number += 1;
            self.segments.push_back(segment);
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.append(bytes, ends, epoch)?;
            self.unsynced = true;
            self.counters.appended += ends.len() as u64;
        }
        Ok(())
    }

    fn advance(&mut self, through: Position) {
        let done = self.segments.iter().flat_map(|segment| self.left_of(segment));
        let done = done.filter(|(position, _)| *position <= through && !self.apart.contains(position)).count();
        self.counters.acknowledged += done as u64;
        self.head = self.head.max(through);
        self.apart = self.apart.split_off(&Position { offset: self.head.offset.saturating_add(1), ..self.head });
    }

    /// Moves the head over records in the quarantine that follow it directly.
    fn skip_apart(&mut self) {
        while let Some((next, _)) = self.segments.iter().find_map(|segment| self.left_of(segment).next())
            && self.apart.remove(&next)
        {
            self.head = next;
        }
    }

    /// Removes the segments that are acknowledged, but not the one in use while it is shorter than `idle`.
    fn give_back(&mut self, idle: u32) {
        while let Some(first) = self.segments.front() {
            let is_done = self.left_of(first).len() == 0;
            let is_written = self.segments.len() == 1 && !first.is_closed && first.length() < idle;
            if !is_done || is_written {
                return;
            }
            if let Some(first) = self.segments.pop_front()
                && let Err(error) = first.remove()
            {
                // It holds nothing that is still needed, and goes at the next start.
                tracing::warn!(%error, "A segment of the spool could not be removed");
            }
        }
    }

    fn keep_apart_damaged(&mut self, bytes: &[u8]) {
        let message = "does not read";
        self.keep_apart(&[SetAside { reason: Reason::Damaged, message, identity: None, bytes }]);
    }

    /// Puts records of one reason into the quarantine, and says so once for all of them.
    fn keep_apart(&mut self, records: &[SetAside<'_>]) {
        let Some(SetAside { reason, message, .. }) = records.first() else { return };
        let place = Reason::ALL.iter().position(|known| known == reason).unwrap_or_default();
        let (count, reason, mut lost) = (records.len() as u64, reason.as_str(), 0_u64);
        for record in records {
            match self.quarantine.put(record) {
                Ok(true) => {}
                Ok(false) => lost += 1,
                Err(error) => {
                    lost += 1;
                    tracing::warn!(reason, %error, "The quarantine file does not take a record");
                }
            }
        }
        self.counters.set_aside[place] += count;
        self.counters.not_kept += lost;
        if lost == 0 {
            tracing::error!(reason, message, count, "Observations that nobody takes are in the quarantine file");
        } else {
            tracing::error!(reason, message, count, lost, "The quarantine file is full; observations are lost");
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> SpoolError {
        SpoolError::Io { action, folder: self.folder.clone(), source }
    }
}

fn lock(folder: &Path) -> Result<File, SpoolError> {
    file::lock(&folder.join("lock"), 0o600).map_err(|error| match error {
        TryLockError::WouldBlock => SpoolError::Locked { folder: folder.to_owned() },
        TryLockError::Error(source) => SpoolError::Io { action: "open the lock", folder: folder.to_owned(), source },
    })
}

#[cfg(test)]
mod tests;
