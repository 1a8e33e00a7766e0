//! Delivery and acknowledgement.

use std::cmp::Ordering;

use super::{Peeked, Position, Spool, SpoolError, SpooledRecord, record::read, segment::Segment};

/// The current segment is removed too if all of it is acknowledged and it is longer than this.
const IDLE_BYTES: u32 = 256 * 1024;

impl Spool {
    /// The next records to deliver, at least one if there is any. `max_bytes` includes a line break per record.
    pub fn peek(&mut self, max_records: usize, max_bytes: usize) -> Result<Peeked, SpoolError> {
        let mut peeked = Peeked::default();
        let mut damaged = Vec::new();
        let mut left = max_bytes;
        'full: for segment in &self.segments {
            for (position, start) in self.left_of(segment).filter(|(position, _)| !self.quarantined.contains(position))
            {
                let bytes = segment.bytes(start, position.offset);
                let bytes = bytes.map_err(|source| self.failed("read a segment", source))?;
                let Some((_, record)) = read(&bytes, 0) else {
                    // It was readable when the spool was opened: the disk is failing.
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
                peeked.records.push(SpooledRecord { position, seq: record.seq, line: record.line.to_owned() });
            }
        }
        for (position, bytes) in damaged {
            self.quarantine_damaged(&bytes);
            self.quarantined.insert(position);
        }
        self.skip_quarantined();
        Ok(peeked)
    }

    /// All records up to this one are delivered, or in the quarantine.
    pub fn acknowledge(&mut self, through: Position) -> Result<(), SpoolError> {
        self.advance(through);
        self.skip_quarantined();
        self.checkpoint.set(self.head).map_err(|source| self.failed("write the checkpoint", source))?;
        self.remove_idle();
        Ok(())
    }

    /// End and start of each unacknowledged record of a segment.
    pub(super) fn left_of<'a>(&self, segment: &'a Segment) -> impl ExactSizeIterator<Item = (Position, u32)> + use<'a> {
        let number = segment.number;
        let records = match number.cmp(&self.head.segment) {
            Ordering::Less => &[],
            Ordering::Equal => segment.records_from(self.head.offset),
            Ordering::Greater => segment.records_from(0),
        };
        records.iter().map(move |&(start, end)| (Position { segment: number, offset: end }, start))
    }

    pub(super) fn advance(&mut self, through: Position) {
        let done = self.segments.iter().flat_map(|segment| self.left_of(segment));
        let done = done.filter(|(position, _)| *position <= through && !self.quarantined.contains(position)).count();
        self.counters.acknowledged += done as u64;
        self.head = self.head.max(through);
        self.quarantined =
            self.quarantined.split_off(&Position { offset: self.head.offset.saturating_add(1), ..self.head });
    }

    /// Removes acknowledged segments, except the current one while it is shorter than `idle`.
    pub(super) fn remove_acknowledged(&mut self, idle: u32) {
        while let Some(first) = self.segments.front() {
            let is_done = self.left_of(first).len() == 0;
            let is_written = self.segments.len() == 1 && !first.is_closed && first.length() < idle;
            if !is_done || is_written {
                return;
            }
            if let Err(error) = self.may_remove(first.number) {
                tracing::warn!(%error, "Failed to write the checkpoint of the spool; a segment stays");
                return;
            }
            if let Some(first) = self.segments.pop_front()
                && let Err(error) = first.remove()
            {
                // Nothing in it is needed any more; the next start removes it.
                tracing::warn!(%error, "Failed to remove a segment of the spool");
            }
        }
    }

    /// Removes acknowledged segments, except the current one while it is short.
    pub(super) fn remove_idle(&mut self) {
        self.remove_acknowledged(IDLE_BYTES.min(self.segment_bytes()));
    }
}
