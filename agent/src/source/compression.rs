//! Opens a byte stream (plain, gzip or zstd, detected by its first bytes), counting bytes before decompression.

use std::{
    io::{self, BufReader, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use flate2::bufread::MultiGzDecoder;

/// First bytes of a gzip member (RFC 1952), with deflate as the method.
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
/// First bytes of a zstd frame (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Size of a read from the operating system.
const CHUNK: usize = 256 * 1024;

/// A stream after decompression.
pub(super) type Stream = Box<dyn Read + Send>;

/// Counts the bytes read.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Explains the errors of decoders: zstd, for example, reports `Dictionary mismatch` for any damaged header.
struct Decompressed<R> {
    inner: R,
    format: &'static str,
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.inner.read(into).map_err(|error| match (error.raw_os_error(), error.kind()) {
            // Reading failed, not decompression; or the read was interrupted.
            (Some(_), _) | (_, io::ErrorKind::Interrupted) => error,
            (None, kind) => io::Error::new(kind, DamagedCompression { format: self.format, why: error.to_string() }),
        })
    }
}

/// Compressed data that cannot be read further.
#[derive(Debug, thiserror::Error)]
#[error(
    "the {format} data is damaged, cut off or not {format} from there on ({why}); `{format} -t` tests the file, take \
     another copy of it"
)]
struct DamagedCompression {
    format: &'static str,
    why: String,
}

/// Decompresses `inner` if it is compressed; `count` grows by the bytes read from it.
pub(super) fn decompress(inner: impl Read + Send + 'static, count: Arc<AtomicU64>) -> io::Result<Stream> {
    let mut counted = Counted { inner, count };
    let mut magic = Vec::with_capacity(ZSTD.len());
    counted.by_ref().take(ZSTD.len() as u64).read_to_end(&mut magic)?;
    let (gzip, zstd) = (magic.starts_with(&GZIP), magic.starts_with(&ZSTD));
    let whole = Cursor::new(magic).chain(BufReader::with_capacity(CHUNK, counted));
    if gzip {
        // Consecutive gzip members, as from log rotation and parallel gzip, are one stream.
        Ok(Box::new(Decompressed { inner: MultiGzDecoder::new(whole), format: "gzip" }))
    } else if zstd {
        Ok(Box::new(Decompressed { inner: zstd::stream::read::Decoder::with_buffer(whole)?, format: "zstd" }))
    } else {
        Ok(Box::new(whole))
    }
}
