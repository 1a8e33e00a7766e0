//! Compressed bodies, decompressed within bounds.

use std::fmt;

use flate2::{Decompress, FlushDecompress, Status};

use crate::{parse::Parse, reassembly::Buffer};

/// Maximum number of bytes of text that are read of one body.
const MAX_TEXT: u64 = 1 << 20;
/// Maximum compression ratio beyond the first `FREE_TEXT` bytes. Ordinary text stays below 20, logs below 60; only
/// malicious data comes near the format's maximum of 1,032.
const MAX_RATIO: u64 = 128;
/// Bytes of text to which the maximum ratio does not apply.
const FREE_TEXT: u64 = 64 * 1024;
/// The longest gzip header, with a file name and a comment.
const MAX_HEADER: usize = 4096;
/// Memory of the decompressor: its window of 32 KiB and its tables.
const INFLATE_BYTES: usize = 44 * 1024;
/// Number of bytes of text per step.
const STEP: usize = 8 * 1024;

/// A compressed body.
pub(super) struct Inflate {
    layout: Layout,
    /// The buffered part of the header.
    header: Buffer,
    decompress: Option<Decompress>,
    taken: u64,
    made: u64,
}

/// The header before the compressed bytes.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or nothing.
    ZlibOrNone,
}

/// Whether decompression continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    More,
    Done,
    /// A limit is reached.
    TooMuch,
    Malformed,
}

impl Inflate {
    pub(super) fn gzip() -> Self {
        Self::new(Layout::Gzip)
    }

    pub(super) fn deflate() -> Self {
        Self::new(Layout::ZlibOrNone)
    }

    fn new(layout: Layout) -> Self {
        Self { layout, header: Buffer::default(), decompress: None, taken: 0, made: 0 }
    }

    /// Decompresses the next bytes and passes the text to `more`, until it declines.
    pub(super) fn feed(&mut self, bytes: &[u8], mut more: impl FnMut(&[u8]) -> bool) -> Decoded {
        self.taken += bytes.len() as u64;
        if let Some(decompress) = &mut self.decompress {
            return run(decompress, bytes, self.taken, &mut self.made, &mut more);
        }
        self.header.extend(bytes);
        let (skip, zlib) = match (self.layout, self.header.as_slice()) {
            (Layout::Gzip, held) => match gzip_header(held) {
                Parse::Value(len) => (len, false),
                Parse::NeedMore if held.len() < MAX_HEADER => return Decoded::More,
                Parse::NeedMore | Parse::NotThis => return Decoded::Malformed,
            },
            // The check bits of RFC 1950, 2.2; a raw stream has them by chance, once in a while.
            (Layout::ZlibOrNone, [a, b, ..]) => (0, a & 0x0f == 8 && u16::from_be_bytes([*a, *b]).is_multiple_of(31)),
            (Layout::ZlibOrNone, _) => return Decoded::More,
        };
        let held = std::mem::take(&mut self.header);
        let decompress = self.decompress.insert(Decompress::new(zlib));
        run(decompress, &held.as_slice()[skip..], self.taken, &mut self.made, &mut more)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.header.heap_bytes() + self.decompress.as_ref().map_or(0, |_| INFLATE_BYTES)
    }
}

fn run(
    decompress: &mut Decompress,
    mut bytes: &[u8],
    taken: u64,
    made: &mut u64,
    more: &mut impl FnMut(&[u8]) -> bool,
) -> Decoded {
    let mut text = [0; STEP];
    let outcome = loop {
        let (before_in, before_out) = (decompress.total_in(), decompress.total_out());
        let status = decompress.decompress(bytes, &mut text, FlushDecompress::None);
        let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(0);
        let used = count(decompress.total_in(), before_in);
        let got = count(decompress.total_out(), before_out).min(STEP);
        bytes = bytes.get(used..).unwrap_or_default();
        *made += got as u64;
        if got > 0 && !more(&text[..got]) {
            break Decoded::Done;
        }
        if *made >= MAX_TEXT || *made > FREE_TEXT + MAX_RATIO * taken {
            break Decoded::TooMuch;
        }
        match status {
            Err(_) => break Decoded::Malformed,
            Ok(Status::StreamEnd) => break Decoded::Done,
            Ok(Status::Ok | Status::BufError) if bytes.is_empty() && got < STEP => break Decoded::More,
            Ok(Status::Ok | Status::BufError) if used == 0 && got == 0 => break Decoded::Malformed,
            Ok(Status::Ok | Status::BufError) => {}
        }
    };
    text.fill(0);
    std::hint::black_box(&text);
    outcome
}

/// Length of a gzip header (RFC 1952, 2.3).
fn gzip_header(bytes: &[u8]) -> Parse<usize> {
    const HEADER_CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xe0;
    let magic = [0x1f, 0x8b, 8];
    if bytes.iter().zip(magic).any(|(a, b)| *a != b) || bytes.get(3).is_some_and(|flags| flags & RESERVED != 0) {
        return Parse::NotThis;
    }
    let len = || {
        let flags = *bytes.get(3)?;
        let mut at = 10;
        if flags & EXTRA != 0 {
            let len = bytes.get(at..at + 2)?;
            at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
        }
        for text in [NAME, COMMENT] {
            if flags & text != 0 {
                at += memchr::memchr(0, bytes.get(at..)?)? + 1;
            }
        }
        if flags & HEADER_CRC != 0 {
            at += 2;
        }
        (at <= bytes.len()).then_some(at)
    };
    len().map_or(Parse::NeedMore, Parse::Value)
}

impl fmt::Debug for Inflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { layout, header: _, decompress: _, taken, made } = self;
        f.debug_struct("Inflate").field("layout", layout).field("taken", taken).field("made", made).finish()
    }
}

#[cfg(test)]
mod tests;
