//! Observations and a state that become durable together: whoever accounts for what was read does so by the state, so that
//! nothing is accounted for twice or not at all.
//!
//! ```text
//! segments written aside ─► state file {committed, pending} ─► segments renamed, in order ─► state file {committed}
//! ```
//!
//! The rename of the last segment decides: before it the old state is in force and none of the observations, from it on the new
//! state and all of them. What the state file says of segments that are gone is told by the checkpoint: they were delivered.

mod state_file;

use std::{fs, io, path::PathBuf};

use landfall_process::file::{self, AtomicFile};
use serde_json::Value;

use self::state_file::Contents;
use super::{
    Entry, Position, QuarantinedRecord, Reason, Spool, SpoolError,
    encoding::{Encoded, encode},
    segment::Segment,
};

/// The state beside the observations, and a commit that is not completed.
#[derive(Debug, Default)]
pub(super) struct Committed {
    state: Option<Value>,
    /// The group that the state file still names.
    pending: Option<Pending>,
}

/// A group of segments that the state file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pending {
    group: Group,
    outcome: Outcome,
}

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Committed,
    /// It failed, and must be removed before anything else is written.
    Failed,
}

/// Segments of one commit, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Group {
    first: u64,
    last: u64,
}

/// Segments that have no name yet.
#[derive(Debug, Default)]
struct Aside {
    files: Vec<AtomicFile>,
    segments: Vec<Segment>,
    too_long: Vec<usize>,
    records: u64,
}

// === impl Spool ===

impl Spool {
    /// Appends observations and replaces the state, both or neither, durably. As [`append`](Self::append) it goes beyond the
    /// cap, and a line that is too long for a record goes to the quarantine.
    ///
    /// After an error neither is in force. Should the process end before the next call, both may be in force when the spool is
    /// opened again.
    pub fn commit(&mut self, entries: &[Entry], state: &Value) -> Result<(), SpoolError> {
        self.try_commit(entries, state).map_err(|source| self.failed("commit observations", source))
    }

    /// The state of the last commit.
    pub fn state(&self) -> Option<&Value> {
        self.committed.state.as_ref()
    }

    fn try_commit(&mut self, entries: &[Entry], state: &Value) -> io::Result<()> {
        self.settle()?;
        let mut aside = self.aside(entries).or_else(|error| {
            // The disk may be full.
            let before = self.segments.len();
            self.remove_acknowledged(0);
            if self.segments.len() < before { self.aside(entries) } else { Err(error) }
        })?;
        passed();
        if let (Some(first), Some(last)) = (aside.segments.first(), aside.segments.last()) {
            let group = Group { first: first.number, last: last.number };
            // Only the last segment is ever synced from outside.
            if let Some(last) = self.segments.back().filter(|_| self.unsynced) {
                last.file().sync_data()?;
                self.unsynced = false;
            }
            if let Err(error) = self.name(group, std::mem::take(&mut aside.files), state) {
                self.committed.pending = Some(Pending { group, outcome: Outcome::Failed });
                if let Err(error) = self.undo_failed_commit() {
                    tracing::warn!(%error, "Failed to undo a commit to the spool; it is tried again");
                }
                return Err(error);
            }
            self.next_number = group.last + 1;
            self.segments.extend(aside.segments);
            self.counters.appended += aside.records;
            self.committed.pending = Some(Pending { group, outcome: Outcome::Committed });
        }
        let settled = self.write_state(Some(state), None);
        match (settled, self.committed.pending) {
            (Ok(()), _) => self.committed.pending = None,
            // The next commit tries it again.
            (Err(error), Some(_)) => tracing::warn!(%error, "Failed to write the state of the spool after a commit"),
            (Err(error), None) => return Err(error),
        }
        self.committed.state = Some(state.clone());
        passed();
        for index in aside.too_long {
            self.refuse_too_long(&entries[index]);
        }
        Ok(())
    }

    /// Writes observations to segments without a name.
    fn aside(&self, entries: &[Entry]) -> io::Result<Aside> {
        let mut aside = Aside::default();
        let length = self.segment_bytes() as usize;
        let mut encoded = Encoded::default();
        let mut number = self.next_number;
        for (index, entry) in entries.iter().enumerate() {
            if !encode(entry, &mut encoded) {
                aside.too_long.push(index);
            }
            let is_last = index + 1 == entries.len();
            if (is_last || encoded.bytes.len() >= length) && !encoded.ends.is_empty() {
                let Encoded { bytes, ends, epoch } = std::mem::take(&mut encoded);
                let (file, segment) = Segment::aside(&self.folder, number, &bytes, &ends, epoch)?;
                aside.records += ends.len() as u64;
                aside.files.push(file);
                aside.segments.push(segment);
                number += 1;
                passed();
            }
        }
        Ok(aside)
    }

    /// Names a group in the state file, then gives its segments their names, each durably before the next.
    fn name(&self, group: Group, files: Vec<AtomicFile>, state: &Value) -> io::Result<()> {
        self.write_state(self.committed.state.as_ref(), Some((group, state)))?;
        passed();
        for file in files {
            file.persist()?;
            passed();
        }
        Ok(())
    }

    /// Completes or undoes the last commit, so that the state file names no group.
    fn settle(&mut self) -> io::Result<()> {
        self.undo_failed_commit()?;
        if self.committed.pending.is_some() {
            self.write_state(self.committed.state.as_ref(), None)?;
            self.committed.pending = None;
        }
        Ok(())
    }

    /// Removes what a failed commit has left, so that it can never count as complete.
    pub(super) fn undo_failed_commit(&mut self) -> io::Result<()> {
        let Some(Pending { group, outcome: Outcome::Failed }) = self.committed.pending else { return Ok(()) };
        self.undo(group)?;
        self.committed.pending = None;
        Ok(())
    }

    /// The last segment goes first, since it decides.
    fn undo(&self, Group { first, last }: Group) -> io::Result<()> {
        for number in (first..=last).rev() {
            match fs::remove_file(Segment::path(&self.folder, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            if number == last {
                file::sync_folder(&self.folder)?;
            }
            passed();
        }
        // Numbers are used again once nothing names them any more.
        file::sync_folder(&self.folder)?;
        self.write_state(self.committed.state.as_ref(), None)
    }

    /// Before a segment is removed whose name tells that a commit is complete, the checkpoint must tell it.
    pub(super) fn may_remove(&self, number: u64) -> io::Result<()> {
        match self.committed.pending {
            Some(Pending { group, .. }) if group.last == number => self.checkpoint.set_durably(self.head),
            _ => Ok(()),
        }
    }

    /// Reads the state of an earlier run, and completes or undoes its last commit. Returns where a damaged file was put.
    pub(super) fn recover_state(&mut self) -> io::Result<Option<PathBuf>> {
        Segment::remove_unnamed(&self.folder)?;
        let Some(Contents { committed, pending }) = state_file::read(&self.folder)? else {
            let aside = state_file::put_aside(&self.folder)?;
            tracing::warn!(path = %aside.display(), "The state of the spool cannot be read; it was set aside");
            return Ok(Some(aside));
        };
        self.committed.state = committed;
        let Some((group, state)) = pending else { return Ok(None) };
        let Position { segment: delivered, .. } = self.head;
        if delivered >= group.last || Segment::path(&self.folder, group.last).try_exists()? {
            self.committed.state = Some(state);
            self.write_state(self.committed.state.as_ref(), None)?;
        } else {
            self.undo(group)?;
        }
        Ok(None)
    }

    fn write_state(&self, committed: Option<&Value>, pending: Option<(Group, &Value)>) -> io::Result<()> {
        state_file::write(&self.folder, committed, pending)
    }

    pub(super) fn refuse_too_long(&mut self, Entry { epoch, seq, line }: &Entry) {
        self.put_in_quarantine(&[QuarantinedRecord {
            reason: Reason::TooLong,
            message: "too long for a record",
            identity: Some((*epoch, *seq)),
            bytes: line.as_bytes(),
        }]);
    }
}

/// A step is done: tests look here at what a crash would leave.
fn passed() {
    #[cfg(test)]
    super::tests::commit::passed();
}
