//! A part of a message as JSON text, with the names in it that a schema declares.

use std::io::Write;

use super::DecodeError;

/// Values and names of a part. Each counts, also what takes no bytes: an array of Avro may hold any number of nulls.
const MAX_VALUES: usize = 1 << 18;
/// Records, lists and maps inside each other, as many as paths have.
pub(super) const MAX_NESTING: usize = 64;

/// The text.
#[derive(Default)]
pub(super) struct Rendering {
    text: Vec<u8>,
    /// Where the names begin that a schema declares, behind their quotation marks, in order.
    declared: Vec<usize>,
    /// Bytes that the text may have, or a little more.
    limit: usize,
    /// Values and names that were written.
    values: usize,
}

/// A state of the text to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checkpoint {
    text: usize,
    declared: usize,
}

// === impl Rendering ===

impl Rendering {
    /// Nothing yet, of up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where the names begin that a schema declares, in order.
    pub(super) fn declared(&self) -> &[usize] {
        &self.declared
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { text: self.text.len(), declared: self.declared.len() }
    }

    /// Takes back what was written since. The values stay counted: they were worked on.
    pub(super) fn go_back(&mut self, to: Checkpoint) {
        self.text.truncate(to.text);
        self.declared.truncate(to.declared);
    }

    /// Opens an object or a list.
    pub(super) fn open(&mut self, bracket: u8) -> Result<(), DecodeError> {
        self.begin()?;
        self.text.push(bracket);
        Ok(())
    }

    pub(super) fn close(&mut self, bracket: u8) {
        self.text.push(bracket);
    }

    /// Writes a name in an object.
    pub(super) fn name(&mut self, name: &str, is_declared: bool) -> Result<(), DecodeError> {
        self.begin()?;
        self.text.push(b'"');
        if is_declared {
            self.declared.push(self.text.len());
        }
        self.escape(name);
        self.text.extend_from_slice(b"\":");
        Ok(())
    }

    pub(super) fn string(&mut self, text: &str) -> Result<(), DecodeError> {
        self.begin()?;
        self.text.push(b'"');
        self.escape(text);
        self.text.push(b'"');
        Ok(())
    }

    /// Writes a number, `true`, `false` or `null`.
    pub(super) fn literal(&mut self, value: impl std::fmt::Display) -> Result<(), DecodeError> {
        self.begin()?;
        // Writing to memory does not fail.
        let _ = write!(self.text, "{value}");
        Ok(())
    }

    pub(super) fn float(&mut self, value: f64) -> Result<(), DecodeError> {
        if value.is_finite() { self.literal(value) } else { self.literal("null") }
    }

    /// Begins a name or a value.
    fn begin(&mut self) -> Result<(), DecodeError> {
        if self.text.len() >= self.limit || self.values >= MAX_VALUES {
            return Err(DecodeError::TooLarge);
        }
        self.values += 1;
        if self.text.last().is_some_and(|last| matches!(last, b'"' | b'}' | b']') || last.is_ascii_alphanumeric()) {
            self.text.push(b',');
        }
        Ok(())
    }

    /// Writes a text into a string, as much of it as is allowed.
    fn escape(&mut self, text: &str) {
        let left = self.limit.saturating_sub(self.text.len());
        let text = text.get(..text.floor_char_boundary(left)).unwrap_or(text);
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.text.extend_from_slice(&[b'\\', byte]),
                b'\n' => self.text.extend_from_slice(b"\\n"),
                b'\r' => self.text.extend_from_slice(b"\\r"),
                b'\t' => self.text.extend_from_slice(b"\\t"),
                // No detector wants one.
                0..0x20 => self.text.push(b' '),
                _ => self.text.push(byte),
            }
        }
    }
}

/// How much deeper a value may go inside another one.
pub(super) fn nested(depth: usize) -> Result<usize, DecodeError> {
    depth.checked_sub(1).ok_or(DecodeError::TooDeep)
}
