//! Header lines of HTTP/1 (RFC 9112, 5): `Name: value`.

use crate::{key::Key, passage::Passage};

/// Reader of header lines.
#[derive(Default)]
pub(crate) struct Headers {
    line: Line,
}

/// Where in a line the reader is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Line {
    #[default]
    Start,
    Name,
    Value,
}

impl Headers {
    /// Reads the bytes at offset `at`.
    pub(crate) fn read(&mut self, mut bytes: &[u8], mut at: u64, passage: &mut Passage) {
        passage.is_header = true;
        while let [byte, ..] = bytes {
            let plain = match self.line {
                Line::Start => 0,
                Line::Name => bytes.iter().position(|b| !is_token(*b)).unwrap_or(bytes.len()),
                Line::Value => memchr::memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len()),
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

    /// Ends the headers.
    pub(crate) fn finish(&mut self, passage: &mut Passage) {
        self.end_line(passage);
        passage.key = Key::default();
        passage.is_header = false;
        *self = Self::default();
    }

    fn step(&mut self, byte: u8, at: u64, passage: &mut Passage) {
        match (self.line, byte) {
            (_, b'\r' | b'\n') => self.end_line(passage),
            // RFC 9112, 5.2: a folded line continues the value above.
            (Line::Start, b' ' | b'\t') if passage.key.is_present() => {
                passage.is_key = false;
                self.line = Line::Value;
            }
            (Line::Start, _) => {
                passage.is_key = true;
                self.line = Line::Name;
                self.step(byte, at, passage);
            }
            (Line::Name, b':') => {
                passage.end_as_key();
                passage.is_key = false;
                self.line = Line::Value;
            }
            (Line::Name, _) if !is_token(byte) => {
                // A start line, or no header at all.
                passage.is_key = false;
                passage.key = Key::default();
                self.line = Line::Value;
                passage.push(&[byte], at);
            }
            (Line::Name | Line::Value, _) => passage.push(&[byte], at),
        }
    }

    fn end_line(&mut self, passage: &mut Passage) {
        if self.line == Line::Name {
            passage.is_key = false;
            passage.key = Key::default();
        }
        if self.line != Line::Start {
            passage.end(None);
            self.line = Line::Start;
        }
    }
}

/// Whether a byte may be in the name of a header (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}
