//! One file of the spool: a header, then records.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use landfall_process::file::{self, AtomicFile};

use super::record::{Part, Parts, Record, read};

/// The header: magic with the version as its last byte, the segment's number, a checksum.
const MAGIC: [u8; 8] = *b"LFSPOOL\x01";
pub(super) const HEADER: usize = 20;
/// Maximum size of a file that is read as a segment; segments are far smaller.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
const EXTENSION: &str = "spool";

/// A segment and where its records begin.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    path: PathBuf,
    file: Arc<File>,
    /// Length up to the last valid record.
    length: u32,
    /// Start and end of each valid record.
    records: Vec<(u32, u32)>,
    /// Highest epoch of its records.
    pub(super) epoch: u64,
    /// Whether bytes after `length` could not be truncated, so that nothing more may be appended.
    pub(super) is_closed: bool,
}

/// The result of opening a file.
#[derive(Debug)]
pub(super) enum Opened {
    Segment(Segment, Damage),
    /// The header is incomplete.
    Empty,
    /// The header is not that of a segment, or the file is too large.
    Foreign,
}

/// What could not be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Damage {
    /// Bytes that are followed by valid records, or are in a segment other than the last.
    pub(super) damaged: Vec<Vec<u8>>,
    /// Bytes that were truncated at the end of the last segment.
    pub(super) torn: u64,
}

impl Segment {
    /// The numbers of the segments in a folder, ascending.
    pub(super) fn list(folder: &Path) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
            let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| is_segment && stem.len() == 20);
            numbers.extend(stem.and_then(|stem| stem.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
        folder.join(format!("{number:020}.{EXTENSION}"))
    }

    pub(super) fn create(folder: &Path, number: u64) -> io::Result<Self> {
        let path = Self::path(folder, number);
        let mut file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(&path)?;
        if let Err(error) = file.write_all(&header(number)) {
            // A full disk may reject even the header; a file without a header is not a segment.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        // The file's name must survive a crash of the machine, as its records do.
        File::open(folder)?.sync_all()?;
        let length = u32::try_from(HEADER).expect("a header is short");
        Ok(Self { number, path, file: Arc::new(file), length, records: Vec::new(), epoch: 0, is_closed: false })
    }

    /// Writes a whole segment, synced, that gets its name later. Nothing can be appended to it.
    pub(super) fn aside(
        folder: &Path,
        number: u64,
        bytes: &[u8],
        ends: &[usize],
        epoch: u64,
    ) -> io::Result<(AtomicFile, Self)> {
        let path = Self::path(folder, number);
        let mut aside = AtomicFile::create(&path, 0o600)?;
        aside.write_all(&header(number))?;
        aside.write_all(bytes)?;
        aside.file().sync_all()?;
        let file = Arc::new(File::open(file::unfinished(&path))?);
        let length = offset(HEADER + bytes.len());
        let begins = std::iter::once(HEADER).chain(ends.iter().map(|end| HEADER + end));
        let records = begins.zip(ends).map(|(begin, end)| (offset(begin), offset(HEADER + end))).collect();
        Ok((aside, Self { number, path, file, length, records, epoch, is_closed: true }))
    }

    /// Removes segments that never got their name.
    pub(super) fn remove_unnamed(folder: &Path) -> io::Result<()> {
        let suffix = format!(".{EXTENSION}{}", file::UNFINISHED);
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.ends_with(&suffix)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Reads a segment of an earlier run. An incomplete record at the end of the last segment is truncated.
    pub(super) fn open(folder: &Path, number: u64, is_last: bool) -> io::Result<Opened> {
        let path = Self::path(folder, number);
        let mut file = OpenOptions::new().read(true).append(true).open(&path)?;
        if file.metadata()?.len() > MAX_BYTES {
            return Ok(Opened::Foreign);
        }
        let mut bytes = Vec::new();
        (&mut file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        let expected = header(number);
        if bytes.len() < HEADER && expected.starts_with(&bytes) {
            return Ok(Opened::Empty);
        }
        if !bytes.starts_with(&expected) {
            return Ok(Opened::Foreign);
        }
        let mut damage = Damage::default();
        let mut segment = Self {
            number,
            path,
            file: Arc::new(file),
            length: offset(HEADER),
            records: Vec::new(),
            epoch: 0,
            is_closed: true,
        };
        for part in Parts::new(&bytes, HEADER) {
            match part {
                Part::Record(range, record) => {
                    segment.records.push((offset(range.start), offset(range.end)));
                    segment.epoch = segment.epoch.max(record.epoch);
                    segment.length = offset(range.end);
                }
                Part::Torn(range) if is_last => {
                    damage.torn = range.len() as u64;
                    segment.file.set_len(range.start as u64)?;
                }
                Part::Damaged(range) | Part::Torn(range) => damage.damaged.push(bytes[range].to_vec()),
            }
        }
        Ok(Opened::Segment(segment, damage))
    }

    /// Appends `bytes`, records that end at `ends`, all or none.
    pub(super) fn append(&mut self, bytes: &[u8], ends: &[usize], epoch: u64) -> io::Result<()> {
        if let Err(error) = (&*self.file).write_all(bytes) {
            self.is_closed = self.file.set_len(u64::from(self.length)).is_err();
            return Err(error);
        }
        let begin = self.length as usize;
        let mut start = begin;
        for end in ends {
            self.records.push((offset(start), offset(begin + end)));
            start = begin + end;
        }
        self.length = offset(begin + bytes.len());
        self.epoch = self.epoch.max(epoch);
        Ok(())
    }

    /// The bytes between two boundaries of records.
    pub(super) fn bytes(&self, from: u32, to: u32) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; to.saturating_sub(from) as usize];
        self.file.read_exact_at(&mut bytes, u64::from(from))?;
        Ok(bytes)
    }

    /// When the record from `start` to `end` was written, in milliseconds since 1970.
    pub(super) fn written(&self, start: u32, end: u32) -> Option<u64> {
        let bytes = self.bytes(start, end).ok()?;
        let (_, Record { written, .. }) = read(&bytes, 0)?;
        Some(written)
    }

    /// Start and end of each record from `offset` on.
    pub(super) fn records_from(&self, offset: u32) -> &[(u32, u32)] {
        &self.records[self.records.partition_point(|(start, _)| *start < offset)..]
    }

    pub(super) fn length(&self) -> u32 {
        self.length
    }

    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

fn header(number: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&MAGIC);
    header[8..16].copy_from_slice(&number.to_le_bytes());
    let checksum = crc32fast::hash(&header[..16]);
    header[16..].copy_from_slice(&checksum.to_le_bytes());
    header
}

fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("segments are shorter than MAX_BYTES")
}
