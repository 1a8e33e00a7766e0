//! `name=value&…`, percent-encoded with `+` for a space (WHATWG URL, 5.1).

use super::hex;
use crate::{key::Key, passage::Passage, siblings::Siblings};

/// Reader of a form or query string.
#[derive(Default)]
pub(crate) struct Form {
    /// Whether a pair has begun.
    begun: bool,
    /// Whether the `=` of the pair was read.
    in_value: bool,
    percent: Percent,
    siblings: Siblings,
}

/// Progress through an escape, and the offset of its `%`.
#[derive(Debug, Default, Clone, Copy)]
enum Percent {
    #[default]
    None,
    Sign(u64),
    High(u64, u8),
}

impl Form {
    /// Reads the bytes at offset `at`.
    pub(crate) fn read(&mut self, mut bytes: &[u8], mut at: u64, passage: &mut Passage) {
        while let [byte, rest @ ..] = bytes {
            self.begin(passage);
            let plain = match self.percent {
                Percent::None => bytes.iter().position(|b| is_syntax(*b)).unwrap_or(bytes.len()),
                _ => 0,
            };
            if plain > 0 {
                passage.push(&bytes[..plain], at);
                bytes = &bytes[plain..];
                at += plain as u64;
            } else {
                self.step(*byte, at, passage);
                bytes = rest;
                at += 1;
            }
        }
    }

    /// Ends the form.
    pub(crate) fn finish(&mut self, passage: &mut Passage) {
        if self.begun {
            self.flush(passage);
            self.end_pair(passage);
        }
        self.siblings.finish(&mut passage.tally);
        passage.key = Key::default();
        *self = Self::default();
    }

    fn begin(&mut self, passage: &mut Passage) {
        if !self.begun {
            self.begun = true;
            self.in_value = false;
            passage.is_key = true;
        }
    }

    fn step(&mut self, byte: u8, at: u64, passage: &mut Passage) {
        match (self.percent, byte) {
            (Percent::None, b'%') => self.percent = Percent::Sign(at),
            (Percent::None, b'+') => passage.push_decoded(b" ", at, 1),
            // A query string may come with its question mark, or inside another one.
            (Percent::None, b'&' | b'?' | b'\r' | b'\n') => self.end_pair(passage),
            (Percent::None, b'=') if !self.in_value => {
                passage.end_as_key();
                passage.is_key = false;
                self.siblings.add_key(&passage.key);
                self.in_value = true;
            }
            (Percent::None, _) => passage.push(&[byte], at),
            (Percent::Sign(start), _) if byte.is_ascii_hexdigit() => self.percent = Percent::High(start, byte),
            (Percent::High(start, high), _) if byte.is_ascii_hexdigit() => {
                self.percent = Percent::None;
                passage.push_decoded(&[hex(high) << 4 | hex(byte)], start, at + 1 - start);
            }
            _ => {
                self.flush(passage);
                self.step(byte, at, passage);
            }
        }
    }

    /// Passes on the bytes of an incomplete escape as they are.
    fn flush(&mut self, passage: &mut Passage) {
        match std::mem::take(&mut self.percent) {
            Percent::None => {}
            Percent::Sign(at) => passage.push_decoded(b"%", at, 1),
            Percent::High(at, high) => {
                passage.push_decoded(b"%", at, 1);
                passage.push_decoded(&[high], at + 1, 1);
            }
        }
    }

    fn end_pair(&mut self, passage: &mut Passage) {
        self.begun = false;
        if !self.in_value {
            // Without `=` the text is read as a value without a key.
            passage.is_key = false;
            passage.key = Key::default();
        }
        passage.end(Some(&mut self.siblings));
        passage.key = Key::default();
    }
}

/// Whether a byte is part of the syntax.
fn is_syntax(byte: u8) -> bool {
    matches!(byte, b'&' | b'=' | b'+' | b'%' | b'?' | b'\r' | b'\n')
}
