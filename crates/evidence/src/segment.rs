//! The data of a segment: one record per line, compressed, and in a second file the first bytes of each leaf hash.
//! The root proves that the records are those that were sealed; if they are not, the leaves show which one differs.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::Path,
};

use jiff::Timestamp;
use landfall_process::file::{AtomicFile, unfinished};
use sha2::{Digest as _, Sha256};
use zstd::stream::{read::Decoder, write::Encoder};

use crate::{
    Accumulator, Digest, Hash, LedgerError, Record,
    files::{self, Folder, Part, SegmentName},
    kill_point,
    manifest::FileDigest,
    record::MAX_LINE,
};

/// How many bytes of each leaf hash are kept: enough to identify a changed record; the root proves the change.
pub(crate) const LEAF_PART: usize = 4;

/// The beginning of a leaf hash.
pub(crate) type LeafPart = [u8; LEAF_PART];

/// Compression level: a higher one saves a tenth in size at half the speed.
const LEVEL: i32 = 3;

/// The largest window of compressed data that is accepted, as a power of two.
const WINDOW_LOG: u32 = 27;

/// Writes the data and leaves of a segment.
pub(crate) struct SegmentWriter<'a> {
    folder: &'a Folder,
    name: SegmentName,
    out: Encoder<'static, BufWriter<Hashing<AtomicFile>>>,
    tree: Accumulator,
    leaves: Vec<u8>,
    span: Option<Span>,
    lines: u64,
    bytes: u64,
}

/// From the first record to the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// A segment whose data and leaves are in place.
pub(crate) struct Written {
    pub(crate) records: u64,
    pub(crate) span: Span,
    pub(crate) root: Digest,
    pub(crate) data: FileDigest,
    pub(crate) leaves: FileDigest,
}

/// Hashes what goes through.
pub(crate) struct Hashing<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

/// The records of a segment's data, one after the other. Memory is bounded by the longest line.
pub struct Records<'a, R: Read> {
    lines: BufReader<Decoder<'a, BufReader<R>>>,
    line: Vec<u8>,
    number: u64,
}

// === impl SegmentWriter ===

impl<'a> SegmentWriter<'a> {
    pub(crate) fn create(folder: &'a Folder, name: SegmentName) -> Result<Self, LedgerError> {
        let path = folder.segment(name, Part::Data);
        let file = AtomicFile::create(&path, files::MODE).map_err(LedgerError::file(&path))?;
        let mut out = Encoder::new(BufWriter::new(Hashing::new(file)), LEVEL).map_err(LedgerError::file(&path))?;
        out.include_checksum(true).map_err(LedgerError::file(&path))?;
        let (tree, leaves) = (Accumulator::default(), Vec::new());
        Ok(Self { folder, name, out, tree, leaves, span: None, lines: 0, bytes: 0 })
    }

    /// Adds a record; gives how many bytes of lines there are now.
    pub(crate) fn push(&mut self, record: &Record) -> Result<u64, LedgerError> {
        let path = || self.folder.segment(self.name, Part::Data);
        let mut line = record.to_line().map_err(|error| LedgerError::Record {
            path: self.folder.database(),
            line: record.id,
            source: error.into(),
        })?;
        let leaf = self.tree.push(&line);
        self.leaves.extend_from_slice(&leaf_part(leaf));
        line.push(b'\n');
        self.out.write_all(&line).map_err(|error| LedgerError::file(&path())(error))?;
        self.lines += 1;
        self.bytes += line.len() as u64;
        let Record { id, at, .. } = *record;
        let span = self.span.get_or_insert(Span { first: id, last: id, from: at, to: at });
        *span = Span { first: span.first, last: id, from: span.from.min(at), to: span.to.max(at) };
        if self.lines == 2 {
            kill_point::pass("seal: some records written");
        }
        Ok(self.bytes)
    }

    /// Puts data and leaves in place, synced; `None` without records.
    pub(crate) fn finish(self) -> Result<Option<Written>, LedgerError> {
        let Self { folder, name, out, tree, leaves, span, lines, bytes: _ } = self;
        let Some(span) = span else { return Ok(None) };
        let path = folder.segment(name, Part::Data);
        let out = out.finish().map_err(LedgerError::file(&path))?;
        let Hashing { inner: file, hash, bytes } =
            out.into_inner().map_err(io::IntoInnerError::into_error).map_err(LedgerError::file(&path))?;
        files::put_in_place(file, &path, "seal: data written")?;
        let data = FileDigest { bytes, sha256: Digest(hash.finalize().into()) };
        kill_point::pass("seal: data in place");
        files::write_atomically(&folder.segment(name, Part::Leaves), &leaves, "seal: leaves written")?;
        kill_point::pass("seal: leaves in place");
        let leaves = FileDigest { bytes: leaves.len() as u64, sha256: Digest::hash(&leaves) };
        Ok(Some(Written { records: lines, span, root: Digest(tree.root()), data, leaves }))
    }
}

/// Removes the files of a segment that has no manifest.
pub(crate) fn discard(folder: &Folder, name: SegmentName) {
    for part in [Part::Data, Part::Leaves, Part::Manifest] {
        let path = folder.segment(name, part);
        let _ = fs::remove_file(unfinished(&path));
        if part != Part::Manifest {
            let _ = fs::remove_file(&path);
        }
    }
}

/// The beginning of a leaf hash.
pub(crate) fn leaf_part(leaf: Hash) -> LeafPart {
    [leaf[0], leaf[1], leaf[2], leaf[3]]
}

// === impl Records ===

impl<R: Read> Records<'_, R> {
    /// Reads compressed data.
    pub fn new(compressed: R) -> io::Result<Self> {
        let mut decoder = Decoder::new(compressed)?;
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Self { lines: BufReader::with_capacity(1 << 16, decoder), line: Vec::new(), number: 0 })
    }

    /// The next line, without its end.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let limit = MAX_LINE as u64 + 1;
        self.number += 1;
        if self.lines.by_ref().take(limit).read_until(b'\n', &mut self.line).map_err(damaged)? == 0 {
            return Ok(None);
        }
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Some(&self.line));
        }
        let what = if self.line.len() as u64 == limit { "a line is too long" } else { "the last line has no end" };
        Err(io::Error::new(io::ErrorKind::InvalidData, what))
    }

    /// The number of the line read last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn into_inner(self) -> R {
        self.lines.into_inner().finish().into_inner()
    }
}

/// Explains the decoder's error: it says `Dictionary mismatch` of any damaged header.
fn damaged(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(_) => error,
        None => io::Error::new(error.kind(), format!("damaged, cut off or no zstd data: {error}")),
    }
}

impl<R: Read> Iterator for Records<'_, R> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_line() {
            Ok(line) => line.map(|line| Record::from_line(line).map_err(io::Error::from)),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<R: Read> std::fmt::Debug for Records<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("number", &self.number).finish_non_exhaustive()
    }
}

// === impl Hashing ===

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    pub(crate) fn digest(self) -> FileDigest {
        FileDigest { bytes: self.bytes, sha256: Digest(self.hash.finalize().into()) }
    }
}

impl Hashing<File> {
    /// Length and digest of a file.
    pub(crate) fn digest_file(path: &Path) -> io::Result<FileDigest> {
        let mut file = Hashing::new(File::open(path)?);
        io::copy(&mut file, &mut io::sink())?;
        Ok(file.digest())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, RecordKind};

    fn records(count: u64) -> Vec<Record> {
        let at = Timestamp::UNIX_EPOCH;
        let body = |id| format!(r#"{{"n":{id}}}"#);
        (1..=count).map(|id| Record { id, at, kind: RecordKind::Notice.into(), origin: None, body: body(id) }).collect()
    }

    fn written(records: &[Record]) -> (Vec<u8>, Written) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path());
        folder.create().unwrap();
        let name = SegmentName { number: 1, class: Class::Lasting };
        let mut writer = SegmentWriter::create(&folder, name).unwrap();
        for record in records {
            writer.push(record).unwrap();
        }
        let written = writer.finish().unwrap().unwrap();
        (fs::read(folder.segment(name, Part::Data)).unwrap(), written)
    }

    #[test]
    fn records_come_back_as_they_were_written() {
        let expected = records(500);
        let (data, written) = written(&expected);
        let read: io::Result<Vec<Record>> = Records::new(data.as_slice()).unwrap().collect();
        assert_eq!(read.unwrap(), expected);
        assert_eq!((written.records, written.leaves.bytes, written.data.bytes), (500, 2000, data.len() as u64));
        let lines: Vec<_> = expected.iter().map(|record| record.to_line().unwrap()).collect();
        assert_eq!((written.root.0, written.data.sha256), (crate::root(&lines), Digest::hash(&data)));
    }

    #[test]
    fn every_prefix_gives_the_first_records_and_then_an_error() {
        let expected = records(40);
        let (data, _) = written(&expected);
        for end in 0..data.len() {
            let read: Vec<_> = Records::new(&data[..end]).unwrap().take(1000).collect();
            let good: Vec<_> = read.iter().map_while(|record| record.as_ref().ok()).collect();
            assert_eq!(good, expected.iter().take(good.len()).collect::<Vec<_>>());
            assert!(good.len() < 40 || end > 0, "{end}");
            assert!(end == 0 || read.iter().any(Result::is_err), "{end}");
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory_without_end() {
        let bomb = zstd::encode_all(io::repeat(b'x').take(64 << 20), 3).unwrap();
        let mut records = Records::new(bomb.as_slice()).unwrap();
        assert!(records.next_line().is_err());
        assert!(records.line.capacity() < 2 * MAX_LINE + 4096);
    }
}
