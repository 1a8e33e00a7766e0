//! Decoded text under one key, read through a window of fixed size.

use landfall_observation::{FindingCertainty, Place};

use crate::{
    detectors::{self, Detector, Match, Window, address, name},
    key::{Key, Route},
    siblings::Siblings,
    tally::Tally,
};

/// Size of the window.
const CAPACITY: usize = 4096;
/// Bytes behind a candidate's start that a detector may need to decide.
const LOOKAHEAD: usize = 512;
/// Bytes before a candidate's start that a detector may look at.
const CONTEXT: usize = 128;
/// The longest value that the key route reads.
const MAX_VALUE: usize = 256;

/// The passage being read, and the tally of the record.
///
/// Windows are cut at positions that depend on the text alone, so the chunks that it came in leave
/// no trace in the result.
#[derive(Default)]
pub(crate) struct Passage {
    text: Text,
    /// Where matches may start; what is before was judged and is context.
    from: usize,
    /// Where the last match of the window before ends.
    claimed: usize,
    /// Whether a window of this passage was judged before.
    continued: bool,
    percent: Percent,
    query: Query,
    offsets: Offsets,
    matches: Vec<Match>,
    /// The key that the passage stands under.
    pub(crate) key: Key,
    /// Whether the passage is itself a key.
    pub(crate) is_key: bool,
    /// Whether key is the name of a header.
    pub(crate) is_header: bool,
    pub(crate) tally: Tally,
}

/// The window's bytes. The buffer has its full size from the first byte on, so that no copy of text
/// stays behind in memory that was given back.
#[derive(Default)]
struct Text {
    buffer: Vec<u8>,
    len: usize,
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

/// Maps positions in the window to offsets in the record; kept only where spans are wanted.
#[derive(Default)]
struct Offsets {
    /// Position and offset of each run in which both advance together.
    runs: Vec<(usize, u64)>,
    /// The offset behind the last byte.
    next: u64,
}

// === impl Passage ===

impl Passage {
    /// Adds bytes that stand in the record as they are, from offset `at`.
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

    /// Ends the passage and judges what is left of it; `siblings` are those of its key.
    pub(crate) fn end(&mut self, siblings: Option<&mut Siblings>) {
        self.flush_percent();
        if self.text.len() > 0 {
            self.judge(self.text.len());
            if !self.is_key && !self.continued && self.key.is_present() && self.text.len() <= MAX_VALUE {
                self.follow_key(siblings);
            }
        }
        self.clear();
    }

    /// Ends the passage as a key, which is the current key from here on.
    pub(crate) fn end_as_key(&mut self) {
        self.flush_percent();
        let mut personal = self.continued;
        if self.text.len() > 0 {
            personal |= self.judge(self.text.len());
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
        self.offsets.runs.clear();
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

    /// Follows a URL's query string; gives the byte to read in place of `byte`.
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
            self.offsets.note(self.text.len(), at, at + len);
        }
        while !bytes.is_empty() {
            bytes = self.text.fill(bytes);
            if self.text.len() == CAPACITY {
                self.slide();
            }
        }
    }

    /// Judges the full window and keeps its end as the beginning of the next.
    fn slide(&mut self) {
        let limit = self.text.len() - LOOKAHEAD;
        self.judge(limit);
        let drop = limit - CONTEXT;
        self.text.drop_front(drop);
        self.claimed = self.claimed.saturating_sub(drop);
        self.from = CONTEXT;
        self.continued = true;
        self.offsets.shift(drop);
    }

    /// Counts the matches that start before `limit`; tells whether there are any.
    fn judge(&mut self, limit: usize) -> bool {
        let mut matches = std::mem::take(&mut self.matches);
        matches.clear();
        let window = Window::new(self.text.bytes(), self.from..limit, self.claimed, self.key.meaning(), self.is_key);
        detectors::detect(&window, &mut matches);
        let mut found = false;
        for Match { start, end, detector, certainty } in &matches {
            self.claimed = self.claimed.max(*end);
            if let Some(detector) = detector {
                self.count(*detector, *certainty, *start, *end);
                found = true;
            }
        }
        self.matches = matches;
        found
    }

    /// Judges a whole value by its key.
    fn follow_key(&mut self, mut siblings: Option<&mut Siblings>) {
        let route = self.key.meaning().route;
        let Ok(value) = str::from_utf8(self.text.bytes()) else { return };
        let start = value.len() - value.trim_start().len();
        let value = value.trim();
        let end = start + value.len();
        let seen = |detector| self.matches.iter().any(|m| m.detector == Some(detector));
        let detector = match route {
            Route::None | Route::Ip => None,
            Route::Name => name::fits(value).then_some(Detector::Name),
            Route::MaybeName { titled } => {
                if let Some(siblings) = siblings.as_deref_mut()
                    && name::fits(value)
                {
                    let (place, span) = (self.place(), self.span(start, end));
                    siblings.ask(place, span, name::is_full(value), titled).then_some(Detector::Name)
                } else {
                    None
                }
            }
            Route::Street => address::fits_street(value).then_some(Detector::Address),
            Route::Address => address::fits_address(value).then_some(Detector::Address),
            Route::Postcode => {
                if let Some(siblings) = siblings
                    && address::fits_postcode(value)
                {
                    let (place, span) = (self.place(), self.span(start, end));
                    siblings.postcode(place, span);
                }
                return;
            }
            Route::City => {
                if let Some(siblings) = siblings
                    && address::fits_city(value)
                {
                    siblings.city();
                }
                return;
            }
            Route::Phone => (!seen(Detector::Phone) && detectors::phone::fits(value)).then_some(Detector::Phone),
            Route::Email => (!seen(Detector::Email) && detectors::email::fits(value)).then_some(Detector::Email),
            Route::Iban => (!seen(Detector::Iban) && detectors::iban::fits(value)).then_some(Detector::Iban),
            Route::Card => {
                (!seen(Detector::PaymentCard) && detectors::payment_card::fits(value)).then_some(Detector::PaymentCard)
            }
        };
        if let Some(detector) = detector {
            if detector == Detector::Address
                && let Some(siblings) = siblings
            {
                siblings.street();
            }
            // Check digits prove a number under any key.
            let certainty = match detector {
                Detector::Iban | Detector::PaymentCard => FindingCertainty::Validated,
                _ => FindingCertainty::Contextual,
            };
            self.count(detector, certainty, start, end);
        }
    }

    fn count(&mut self, detector: Detector, certainty: FindingCertainty, start: usize, end: usize) {
        let span = self.span(start, end);
        self.tally.count(detector, certainty, self.place(), span);
    }

    fn span(&self, start: usize, end: usize) -> (u64, u64) {
        if self.tally.wants_spans() {
            (self.offsets.of(start), self.offsets.behind(end, self.text.len()))
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
    pub(crate) fn held(&self) -> usize {
        self.text.buffer.capacity()
            + self.matches.capacity() * size_of::<Match>()
            + self.offsets.runs.capacity() * size_of::<(usize, u64)>()
    }

    /// Whether nothing of a record is left.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.len == 0
            && self.text.buffer.iter().all(|b| *b == 0)
            && !self.key.is_present()
            && self.percent.len == 0
    }
}

// === impl Text ===

impl Text {
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    fn len(&self) -> usize {
        self.len
    }

    /// Takes as many of `bytes` as there is room for; gives back the rest.
    fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.buffer.is_empty() {
            self.buffer = vec![0; CAPACITY];
        }
        let (taken, rest) = bytes.split_at(bytes.len().min(CAPACITY - self.len));
        self.buffer[self.len..self.len + taken.len()].copy_from_slice(taken);
        self.len += taken.len();
        rest
    }

    fn drop_front(&mut self, len: usize) {
        self.buffer.copy_within(len..self.len, 0);
        self.len -= len;
    }

    fn clear(&mut self) {
        self.len = 0;
    }

    fn wipe(&mut self) {
        self.len = 0;
        self.buffer.fill(0);
        // The fill must not be optimised away before the memory is freed.
        std::hint::black_box(&self.buffer);
    }
}

// === impl Offsets ===

impl Offsets {
    /// Notes that the byte at `position` stands at `offset`, and the next one at `next`.
    fn note(&mut self, position: usize, offset: u64, next: u64) {
        if self.runs.is_empty() || self.next != offset || self.of(position) != offset {
            self.runs.push((position, offset));
        }
        self.next = next;
    }

    fn of(&self, position: usize) -> u64 {
        let index = self.runs.partition_point(|(start, _)| *start <= position);
        match self.runs.get(index.wrapping_sub(1)) {
            Some((start, offset)) => offset + (position - start) as u64,
            None => 0,
        }
    }

    fn behind(&self, end: usize, len: usize) -> u64 {
        if end >= len { self.next } else { self.of(end) }
    }

    fn shift(&mut self, by: usize) {
        let first = self.of(by);
        self.runs.retain_mut(|(start, _)| {
            let stays = *start > by;
            *start = start.saturating_sub(by);
            stays
        });
        self.runs.insert(0, (0, first));
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}
