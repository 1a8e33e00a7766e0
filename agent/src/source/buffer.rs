//! A growing read buffer that returns ranges of its content.

use std::{
    io::{self, Read},
    ops::Range,
};

use super::compression::Stream;

/// Initial size; it grows only for longer records.
const INITIAL: usize = 512 * 1024;

/// Bytes that were read and not consumed yet.
pub(super) struct ReadBuffer {
    stream: Stream,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset in the stream of the first byte that is not consumed.
    offset: u64,
    ended: bool,
    /// A read error, reported once the bytes before it are consumed.
    failure: Option<io::Error>,
}

impl ReadBuffer {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, bytes: vec![0; INITIAL], start: 0, end: 0, offset: 0, ended: false, failure: None }
    }

    /// Offset in the stream of the first byte that is not consumed.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes that were read and not consumed.
    pub(super) fn available(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Reads until `count` bytes are available; returns fewer only at the end of the stream.
    ///
    /// A read error is reported once the bytes before it do not suffice.
    pub(super) fn fill(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.end - self.start < count && !self.ended {
            if let Some(failure) = self.failure.take() {
                self.ended = true;
                return Err(failure);
            }
            self.make_room(count);
            match self.stream.read(&mut self.bytes[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failure = Some(error),
            }
        }
        Ok(self.available())
    }

    /// Consumes `count` available bytes; they stay readable through [`Self::range`] until the next fill.
    pub(super) fn consume(&mut self, count: usize) -> Range<usize> {
        let range = self.start..self.start + count.min(self.end - self.start);
        self.start = range.end;
        self.offset += range.len() as u64;
        range
    }

    /// Bytes that were consumed since the last fill.
    pub(super) fn range(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// Makes room for at least one more byte. Doubles the buffer only as bytes arrive, so that a claimed length alone
    /// allocates nothing.
    fn make_room(&mut self, count: usize) {
        if self.end < self.bytes.len() && self.start + count <= self.bytes.len() {
            return;
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }
}
