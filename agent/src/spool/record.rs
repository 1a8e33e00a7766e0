//! Records of a segment: a marker, the length, a checksum, and the observation as a line.
//!
//! ```text
//! marker 4 │ length of the line 4 │ CRC-32 of the length and the rest 4 │ written at 8 │ epoch 8 │ seq 8 │ line
//! ```
//!
//! Numbers are little-endian. The marker lets a reader find the next record after a damaged one.

use std::ops::Range;

use crc32fast::Hasher;
use memchr::memmem;

/// Maximum length of a line, about a thousand times that of an observation.
pub(super) const MAX_LINE: usize = 1024 * 1024;

const MARKER: [u8; 4] = [0xf1, b'L', b'R', 0x01];
const HEADER: usize = 36;
/// Bound of the search for valid records in a damaged segment, as a multiple of its length.
const MAX_SEARCH_FACTOR: usize = 8;

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Milliseconds since 1970.
    pub(super) written: u64,
    pub(super) epoch: u64,
    pub(super) seq: u64,
    pub(super) line: &'a str,
}

/// A part of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Record(Range<usize>, Record<'a>),
    /// Bytes that are not a record, followed by a record.
    Damaged(Range<usize>),
    /// Bytes that are not a record, up to the end.
    Torn(Range<usize>),
}

/// Iterates over the parts of a segment, from a given offset.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    bytes: &'a [u8],
    next: usize,
    /// How many bytes may still be checked before the search is given up.
    search_budget: usize,
}

impl Record<'_> {
    /// Appends the record to `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self { written, epoch, seq, line } = *self;
        let length = u32::try_from(line.len()).expect("lines are shorter than MAX_LINE");
        let start = out.len();
        out.extend(MARKER);
        out.extend(length.to_le_bytes());
        out.extend([0; 4]);
        out.extend(written.to_le_bytes());
        out.extend(epoch.to_le_bytes());
        out.extend(seq.to_le_bytes());
        out.extend(line.as_bytes());
        let checksum = checksum(&out[start + 4..start + 8], &out[start + 12..]);
        out[start + 8..start + 12].copy_from_slice(&checksum.to_le_bytes());
    }
}

/// The record that begins at `at`, and where it ends.
pub(super) fn read(bytes: &[u8], at: usize) -> Option<(Range<usize>, Record<'_>)> {
    let (range, body) = framed(bytes, at)?;
    let stored = u32::from_le_bytes(*bytes.get(at + 8..)?.first_chunk()?);
    if checksum(bytes.get(at + 4..at + 8)?, body) != stored {
        return None;
    }
    let number = |from: usize| body.get(from..)?.first_chunk().copied().map(u64::from_le_bytes);
    let line = std::str::from_utf8(body.get(24..)?).ok()?;
    Some((range, Record { written: number(0)?, epoch: number(8)?, seq: number(16)?, line }))
}

/// The range of a record that begins at `at`, and the bytes that its checksum covers.
fn framed(bytes: &[u8], at: usize) -> Option<(Range<usize>, &[u8])> {
    let header = bytes.get(at..at.checked_add(HEADER)?)?;
    let length = u32::from_le_bytes(*header.get(4..)?.first_chunk()?) as usize;
    if !header.starts_with(&MARKER) || length > MAX_LINE {
        return None;
    }
    let range = at..at + HEADER + length;
    Some((range.clone(), bytes.get(at + 12..range.end)?))
}

fn checksum(length: &[u8], body: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(length);
    hasher.update(body);
    hasher.finalize()
}

impl<'a> Parts<'a> {
    pub(super) fn new(bytes: &'a [u8], from: usize) -> Self {
        Self { bytes, next: from, search_budget: bytes.len().saturating_mul(MAX_SEARCH_FACTOR) }
    }

    /// The start of the next valid record after a damaged one.
    fn search(&mut self, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        for found in memmem::find_iter(rest, &MARKER) {
            let at = from + found;
            let cost = framed(self.bytes, at).map_or(0, |(range, _)| range.len());
            self.search_budget = self.search_budget.checked_sub(cost)?;
            if read(self.bytes, at).is_some() {
                return Some(at);
            }
        }
        None
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let at = self.next;
        if at >= self.bytes.len() {
            return None;
        }
        if let Some((range, record)) = read(self.bytes, at) {
            self.next = range.end;
            return Some(Part::Record(range, record));
        }
        if let Some(good) = self.search(at + 1) {
            self.next = good;
            return Some(Part::Damaged(at..good));
        }
        self.next = self.bytes.len();
        Some(Part::Torn(at..self.next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 3] = ["{\"a\":1}", "", "{\"b\":\"\u{e4}\"}"];

    fn record(seq: u64, line: &str) -> Record<'_> {
        Record { written: 1_700_000_000_000, epoch: 7, seq, line }
    }

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        for (seq, line) in (0..).zip(LINES) {
            record(seq, line).write(&mut bytes);
        }
        bytes
    }

    fn seqs(bytes: &[u8]) -> (Vec<u64>, usize, usize) {
        let (mut seqs, mut damaged, mut torn) = (Vec::new(), 0, 0);
        for part in Parts::new(bytes, 0) {
            match part {
                Part::Record(_, record) => seqs.push(record.seq),
                Part::Damaged(range) => damaged += range.len(),
                Part::Torn(range) => torn += range.len(),
            }
        }
        (seqs, damaged, torn)
    }

    #[test]
    fn records_are_read_as_written() {
        let bytes = sample();
        let read: Vec<_> = Parts::new(&bytes, 0)
            .map(|part| match part {
                Part::Record(_, record) => (record.written, record.epoch, record.seq, record.line),
                part => panic!("{part:?}"),
            })
            .collect();
        let expected: Vec<_> = (0..).zip(LINES).map(|(seq, line)| (1_700_000_000_000, 7, seq, line)).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn every_prefix_yields_the_complete_records_and_a_torn_rest() {
        let bytes = sample();
        let ends: Vec<usize> =
            (1..=LINES.len()).map(|count| LINES[..count].iter().map(|line| HEADER + line.len()).sum()).collect();
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let torn = cut - if whole == 0 { 0 } else { ends[whole - 1] };
            assert_eq!(seqs(&bytes[..cut]), ((0..whole as u64).collect(), 0, torn), "{cut} bytes");
        }
    }

    #[test]
    fn a_damaged_byte_loses_only_its_record() {
        let bytes = sample();
        let first = HEADER + LINES[0].len();
        let second = first + HEADER;
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            let expected = if at < first {
                (vec![1, 2], first, 0)
            } else if at < second {
                (vec![0, 2], second - first, 0)
            } else {
                (vec![0, 1], 0, bytes.len() - second)
            };
            assert_eq!(seqs(&damaged), expected, "byte {at}");
        }
    }

    #[test]
    fn the_search_in_a_segment_of_markers_is_bounded() {
        let mut bytes = Vec::new();
        while bytes.len() < 4 * 1024 * 1024 {
            bytes.extend(MARKER);
            bytes.extend(u32::try_from(MAX_LINE).unwrap().to_le_bytes());
        }
        assert_eq!(seqs(&bytes), (vec![], 0, bytes.len()));
    }
}
