//! Observations as bytes of a segment.

use jiff::Timestamp;

use super::{
    Entry,
    record::{MAX_LINE, Record},
};

/// Records one after the other.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    /// Where each ends.
    pub(super) ends: Vec<usize>,
    /// The highest epoch.
    pub(super) epoch: u64,
}

/// Adds an observation; false if it is too long for a record.
pub(super) fn encode(Entry { epoch, seq, line }: &Entry, encoded: &mut Encoded) -> bool {
    if line.len() > MAX_LINE {
        return false;
    }
    let written = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
    Record { written, epoch: *epoch, seq: *seq, line }.write(&mut encoded.bytes);
    encoded.ends.push(encoded.bytes.len());
    encoded.epoch = encoded.epoch.max(*epoch);
    true
}
