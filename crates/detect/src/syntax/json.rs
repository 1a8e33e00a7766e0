//! JSON (RFC 8259), one document or many, complete or cut.

use crate::{key::Key, passage::Passage, siblings::Siblings};

/// Most levels whose keys are remembered.
const MAX_DEPTH: usize = 32;

/// Reader of JSON.
#[derive(Default)]
pub(crate) struct Json {
    position: Position,
    levels: Vec<Level>,
    /// Levels open beyond [`MAX_DEPTH`].
    deeper: u64,
    escape: Escape,
}

/// Where the reader is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Between tokens.
    #[default]
    Between,
    /// In a number, a literal or anything that is not JSON.
    Bare,
    /// In a string.
    Text,
}

/// Progress through an escape: where it began, and what is known of its code unit.
#[derive(Debug, Default, Clone, Copy)]
enum Escape {
    #[default]
    None,
    Backslash {
        start: u64,
    },
    Unicode {
        start: u64,
        digits: u8,
        unit: u16,
        /// The first half of a surrogate pair.
        high: Option<u16>,
    },
    /// A first half waits for `\u`.
    Pair {
        start: u64,
        high: u16,
        backslash: bool,
    },
}

/// An open object or array.
struct Level {
    is_object: bool,
    /// Whether the next string is a key.
    expects_key: bool,
    /// The key of the object or array itself.
    key: Key,
    siblings: Siblings,
}

impl Json {
    /// Reads the bytes at offset `at`.
    pub(crate) fn read(&mut self, mut bytes: &[u8], mut at: u64, passage: &mut Passage) {
        while let [byte, ..] = bytes {
            let plain = match (self.position, self.escape) {
                (Position::Text, Escape::None) => memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len()),
                (Position::Bare, _) => bytes.iter().position(|b| ends_bare(*b)).unwrap_or(bytes.len()),
                _ => 0,
            };
            if plain > 0 {
                passage.push(&bytes[..plain], at);
            } else {
                self.step(*byte, at, passage);
            }
            let read = plain.max(1);
            bytes = &bytes[read..];
            at += read as u64;
        }
    }

    /// Ends the document, complete or not.
    pub(crate) fn finish(&mut self, passage: &mut Passage) {
        self.flush_escape(passage);
        if self.position != Position::Between {
            self.end_passage(passage);
        }
        while let Some(mut level) = self.levels.pop() {
            level.siblings.finish(&mut passage.tally);
        }
        self.deeper = 0;
        passage.is_key = false;
        passage.key = Key::default();
    }

    /// Starts over, at the top of a document.
    pub(crate) fn reset(&mut self) {
        self.levels.clear();
        self.position = Position::Between;
        self.escape = Escape::None;
        self.deeper = 0;
    }

    fn step(&mut self, byte: u8, at: u64, passage: &mut Passage) {
        match self.position {
            Position::Text => self.step_text(byte, at, passage),
            Position::Bare => {
                self.end_passage(passage);
                self.step(byte, at, passage);
            }
            Position::Between => match byte {
                b'{' | b'[' => self.open(byte == b'{', passage),
                b'}' | b']' => self.close(passage),
                b',' => self.expect_key(true),
                b':' => self.expect_key(false),
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => {
                    passage.is_key =
                        self.deeper == 0 && self.levels.last().is_some_and(|l| l.is_object && l.expects_key);
                    self.position = Position::Text;
                }
                _ => {
                    passage.is_key = false;
                    self.position = Position::Bare;
                    passage.push(&[byte], at);
                }
            },
        }
    }

    fn expect_key(&mut self, expected: bool) {
        if let Some(level) = self.levels.last_mut() {
            level.expects_key = expected;
        }
    }

    fn open(&mut self, is_object: bool, passage: &mut Passage) {
        if self.levels.len() == MAX_DEPTH {
            // Beyond this depth objects and arrays are not told apart, and no key is known.
            self.deeper += 1;
            passage.key = Key::hidden();
            return;
        }
        if self.levels.capacity() == 0 {
            self.levels.reserve_exact(MAX_DEPTH);
        }
        let siblings = Siblings::under(&passage.key);
        self.levels.push(Level { is_object, expects_key: is_object, key: passage.key, siblings });
        if is_object {
            passage.key = Key::default();
        }
    }

    fn close(&mut self, passage: &mut Passage) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(mut level) = self.levels.pop() {
            level.siblings.finish(&mut passage.tally);
            passage.key = level.key;
        }
    }

    fn end_passage(&mut self, passage: &mut Passage) {
        self.position = Position::Between;
        if passage.is_key {
            passage.end_as_key();
            passage.is_key = false;
            if let Some(level) = self.levels.last_mut() {
                level.siblings.add_key(&passage.key);
                // A value without its colon is read as a value all the same.
                level.expects_key = false;
            }
        } else {
            // Names in an array belong to the object around it.
            let object = self.levels.iter_mut().rev().find(|level| level.is_object);
            let siblings = object.map(|level| &mut level.siblings);
            passage.end(siblings);
        }
    }

    fn step_text(&mut self, byte: u8, at: u64, passage: &mut Passage) {
        match (self.escape, byte) {
            (Escape::None, b'"') => self.end_passage(passage),
            (Escape::None, b'\\') => self.escape = Escape::Backslash { start: at },
            (Escape::None, _) => passage.push(&[byte], at),
            (Escape::Backslash { start }, b'u') => {
                self.escape = Escape::Unicode { start, digits: 0, unit: 0, high: None };
            }
            (Escape::Backslash { start }, _) => {
                self.escape = Escape::None;
                let decoded = match byte {
                    b'n' | b'r' => b'\n',
                    b't' | b'b' | b'f' => b' ',
                    byte => byte,
                };
                passage.push_decoded(&[decoded], start, at + 1 - start);
            }
            (Escape::Unicode { start, digits, unit, high }, _) if byte.is_ascii_hexdigit() => {
                let unit = unit << 4 | u16::from(super::hex(byte));
                if digits < 3 {
                    self.escape = Escape::Unicode { start, digits: digits + 1, unit, high };
                } else {
                    self.end_unit(start, at + 1, unit, high, passage);
                }
            }
            (Escape::Pair { start, high, backslash: false }, b'\\') => {
                self.escape = Escape::Pair { start, high, backslash: true };
            }
            (Escape::Pair { start, high, backslash: true }, b'u') => {
                self.escape = Escape::Unicode { start, digits: 0, unit: 0, high: Some(high) };
            }
            (Escape::Pair { backslash: true, .. }, _) => {
                passage.push_decoded(&REPLACEMENT, at - 1, 0);
                self.escape = Escape::Backslash { start: at - 1 };
                self.step_text(byte, at, passage);
            }
            (Escape::Unicode { .. } | Escape::Pair { .. }, _) => {
                self.flush_escape(passage);
                self.step_text(byte, at, passage);
            }
        }
    }

    /// Takes a complete code unit of UTF-16.
    fn end_unit(&mut self, start: u64, end: u64, unit: u16, high: Option<u16>, passage: &mut Passage) {
        self.escape = Escape::None;
        let units = [high.unwrap_or(unit), unit];
        let units = if high.is_some() { &units[..] } else { &units[..1] };
        match (char::decode_utf16(units.iter().copied()).next(), high, unit) {
            (Some(Ok(decoded)), ..) => {
                passage.push_decoded(decoded.encode_utf8(&mut [0; 4]).as_bytes(), start, end - start);
            }
            (_, None, 0xd800..0xdc00) => self.escape = Escape::Pair { start, high: unit, backslash: false },
            _ => passage.push_decoded(&REPLACEMENT, start, end - start),
        }
    }

    /// Replaces an escape that was cut or broken.
    fn flush_escape(&mut self, passage: &mut Passage) {
        match std::mem::take(&mut self.escape) {
            Escape::None => {}
            Escape::Backslash { start } | Escape::Unicode { start, .. } | Escape::Pair { start, .. } => {
                passage.push_decoded(&REPLACEMENT, start, 1);
            }
        }
    }
}

#[cfg(test)]
impl Json {
    /// Bytes held on the heap.
    pub(crate) fn heap_size(&self) -> usize {
        self.levels.capacity() * size_of::<Level>() + self.levels.iter().map(|l| l.siblings.heap_size()).sum::<usize>()
    }
}

/// U+FFFD in UTF-8.
const REPLACEMENT: [u8; 3] = [0xef, 0xbf, 0xbd];

/// Whether a byte ends a token without quotes.
fn ends_bare(byte: u8) -> bool {
    matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'\n' | b'\r')
}
