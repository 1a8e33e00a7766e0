//! Decoded text under one key, read through a window of fixed size.

mod offsets;
mod text;

use landfall_observation::{FindingCertainty, Place};

use crate::{
    detectors::{self, DetectorId, Match, Window},
    key::Key,
    siblings::{Located, Siblings},
    syntax::hex,
    tally::Tally,
};
use offsets::Offsets;
use text::{CAPACITY, Text};

/// Bytes after a candidate's start that a detector may need to decide.
const LOOKAHEAD: usize = 512;
/// Bytes before a candidate's start that a detector may look at.
const CONTEXT: usize = 128;
/// The longest value that is judged by its key, in bytes.
const MAX_VALUE: usize = 256;

/// The passage being read, and the tally of the record.
///
/// Windows are cut at positions that depend on the text alone, so that the result does not depend on the chunks in which
/// it came.
#[derive(Default)]
pub(crate) struct Passage {
    text: Text,
    /// Where matches may start; what is before was searched and is context.
    from: usize,
    /// Where the last match of the previous window ends.
    claimed: usize,
    /// Whether a window of this passage was searched before.
    continued: bool,
    percent: Percent,
    query: Query,
    offsets: Offsets,
    matches: Vec<Match>,
    /// The key of the passage.
    pub(crate) key: Key,
    /// Whether the passage is itself a key.
    pub(crate) is_key: bool,
    /// Whether the key is the name of a header.
    pub(crate) is_header: bool,
    pub(crate) tally: Tally,
}

/// Progress through a percent-encoded byte: its bytes so far and where they began.
#[derive(Default)]
struct Percent {
    bytes: [u8; 3],
    len: usize,
    at: u64,
}

/// Whether the text is inside the query string of a URL, where `+` is a space.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Query {
    #[default]
    Outside,
    /// Behind `?`, before the first `=`.
    Name,
    Inside,
}

// === impl Passage ===

impl Passage {
    /// Adds bytes that are in the record as they are, from offset `at`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut at: u64) {
        while !bytes.is_empty() {
            let plain = if self.percent.len > 0 || self.query != Query::Outside {
                0
            } else {
                memchr::memchr2(b'%', b'?', bytes).unwrap_or(bytes.len())
            };
            if plain > 0 {
                self.append(&bytes[..plain], at, plain as u64);
            } else {
                self.step(bytes[0], at, 1);
            }
            let read = plain.max(1);
            at += read as u64;
            bytes = &bytes[read..];
        }
    }

    /// Adds bytes that were decoded from the `len` bytes of the record at offset `at`.
    pub(crate) fn push_decoded(&mut self, bytes: &[u8], at: u64, len: u64) {
        for byte in bytes {
            self.step(*byte, at, len);
        }
    }

    /// Ends the passage and searches what is left of it; `siblings` are those of its key.
    pub(crate) fn end(&mut self, siblings: Option<&mut Siblings>) {
        self.flush_percent();
        if self.text.len() > 0 {
            self.search(self.text.len());
            if !self.is_key && !self.continued && self.key.is_present() && self.text.len() <= MAX_VALUE {
                self.judge_by_key(siblings);
            }
        }
        self.clear();
    }

    /// Ends a passage that is itself a key; the next passages are under it.
    pub(crate) fn end_as_key(&mut self) {
        self.flush_percent();
        let mut personal = self.continued;
        if self.text.len() > 0 {
            personal |= self.search(self.text.len());
        }
        self.key = Key::new(self.text.bytes(), personal);
        self.clear();
    }

    /// Overwrites the text.
    pub(crate) fn wipe(&mut self) {
        self.clear();
        self.key = Key::default();
        self.text.wipe();
        self.percent = Percent::default();
    }

    fn clear(&mut self) {
        self.text.clear();
        self.from = 0;
        self.claimed = 0;
        self.continued = false;
        self.query = Query::Outside;
        self.offsets.clear();
    }

    fn step(&mut self, byte: u8, at: u64, len: u64) {
        match (self.percent.len, byte) {
            (0, b'%') => self.percent = Percent { bytes: [b'%', 0, 0], len: 1, at },
            (0, _) => {
                let byte = self.step_query(byte);
                self.append(&[byte], at, len);
            }
            (1, _) if byte.is_ascii_hexdigit() => {
                self.percent.bytes[1] = byte;
                self.percent.len = 2;
            }
            (2, _) if byte.is_ascii_hexdigit() => {
                let decoded = hex(self.percent.bytes[1]) << 4 | hex(byte);
                // Control characters and bytes of other encodings stay as they are written.
                if matches!(decoded, b' '..=b'~') {
                    let start = self.percent.at;
                    self.percent.len = 0;
                    self.append(&[decoded], start, at + len - start);
                } else {
                    self.percent.bytes[2] = byte;
                    self.percent.len = 3;
                    self.flush_percent();
                }
            }
            _ => {
                self.flush_percent();
                self.step(byte, at, len);
            }
        }
    }

    /// Keeps track of the query string of a URL; returns the byte to read in place of `byte`.
    fn step_query(&mut self, byte: u8) -> u8 {
        let ends = matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'<' | b'>' | b'`');
        let is_name = byte.is_ascii_alphanumeric() || b"?_-.[]".contains(&byte);
        self.query = match self.query {
            Query::Outside if byte == b'?' => Query::Name,
            Query::Name if byte == b'=' => Query::Inside,
            Query::Name if is_name => Query::Name,
            Query::Inside if !ends => Query::Inside,
            _ => Query::Outside,
        };
        if byte == b'+' && self.query == Query::Inside { b' ' } else { byte }
    }

    fn flush_percent(&mut self) {
        let Percent { bytes, len, at } = std::mem::take(&mut self.percent);
        if len > 0 {
            self.append(&bytes[..len], at, len as u64);
        }
    }

    fn append(&mut self, mut bytes: &[u8], at: u64, len: u64) {
        if self.tally.wants_spans() {
            self.offsets.add(self.text.len(), at, at + len);
        }
        while !bytes.is_empty() {
            bytes = self.text.fill(bytes);
            if self.text.len() == CAPACITY {
                self.slide();
            }
        }
    }

    /// Searches the full window and keeps its end as the beginning of the next.
    fn slide(&mut self) {
        let limit = self.text.len() - LOOKAHEAD;
        self.search(limit);
        let drop = limit - CONTEXT;
        self.text.drop_front(drop);
        self.claimed = self.claimed.saturating_sub(drop);
        self.from = CONTEXT;
        self.continued = true;
        self.offsets.shift(drop);
    }

    /// Counts the matches that start before `limit`; returns whether there are any.
    fn search(&mut self, limit: usize) -> bool {
        let mut matches = std::mem::take(&mut self.matches);
        matches.clear();
        let window = Window::new(self.text.bytes(), self.from..limit, self.claimed, self.key.meaning(), self.is_key);
        detectors::detect(&window, &mut matches);
        let mut found = false;
        for Match { start, end, finding } in &matches {
            self.claimed = self.claimed.max(*end);
            if let Some((detector, certainty)) = finding {
                self.count(*detector, *certainty, *start, *end);
                found = true;
            }
        }
        self.matches = matches;
        found
    }

    /// Judges a whole value by its key, unless the detector for such keys has found something in it.
    fn judge_by_key(&mut self, siblings: Option<&mut Siblings>) {
        let Some((detector, rule)) = self.key.meaning().value.and_then(detectors::key_rule) else { return };
        if self.matches.iter().any(|found| found.finding.is_some_and(|(id, _)| id == detector)) {
            return;
        }
        let Ok(text) = str::from_utf8(self.text.bytes()) else { return };
        let start = text.len() - text.trim_start().len();
        let end = start + text.trim().len();
        let value = (rule.judge)(text.trim());
        let certainty = match siblings {
            Some(siblings) => {
                let (place, span) = (self.place(), self.span(start, end));
                siblings.add_value(value, Located { detector, place, span })
            }
            None => value.certainty(),
        };
        if let Some(certainty) = certainty {
            self.count(detector, certainty, start, end);
        }
    }

    fn count(&mut self, detector: DetectorId, certainty: FindingCertainty, start: usize, end: usize) {
        let span = self.span(start, end);
        self.tally.count(detector, certainty, self.place(), span);
    }

    fn span(&self, start: usize, end: usize) -> (u64, u64) {
        if self.tally.wants_spans() {
            (self.offsets.at(start), self.offsets.after(end, self.text.len()))
        } else {
            (0, 0)
        }
    }

    fn place(&self) -> Place {
        match (self.is_key, self.is_header) {
            (true, true) => Place::Header(None),
            (true, false) => Place::Key(None),
            (false, is_header) => self.key.place(is_header),
        }
    }
}

#[cfg(test)]
impl Passage {
    /// Bytes held on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        self.text.heap_size() + self.matches.capacity() * size_of::<Match>() + self.offsets.heap_size()
    }

    /// Whether nothing of a record is left.
    pub(crate) fn is_wiped(&self) -> bool {
        self.text.is_wiped() && !self.key.is_present() && self.percent.len == 0
    }
}
