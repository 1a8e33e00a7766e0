//! Capture files: detects the format and yields the frames.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;

use super::{
    Frame, Item, LinkType, Progress, Source, SourceError,
    buffer::ReadBuffer,
    compression::{self, Stream},
    link_name,
    pcap::Pcap,
    pcapng::PcapNg,
};

/// Maximum length of a record or block; a longer one counts as damage.
pub(super) const MAX_LENGTH: u32 = 16 * 1024 * 1024;
/// First bytes of a pcapng file, the same in both byte orders.
const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// A capture file in one of the formats of tcpdump and Wireshark, compressed or not.
pub struct CaptureFile {
    input: Input,
    format: Format,
    count: Arc<AtomicU64>,
    total: Option<u64>,
    frames: u64,
    /// The error about the first frame, while all frames so far have an unsupported link type.
    unread: Option<SourceError>,
    ended: bool,
}

enum Format {
    Pcap(Pcap),
    PcapNg(PcapNg),
}

/// The bytes of a file and its name, which every error carries.
pub(super) struct Input {
    pub(super) file: String,
    pub(super) buffer: ReadBuffer,
}

/// A frame whose bytes are still in the buffer.
pub(super) struct Located {
    pub(super) at: Timestamp,
    pub(super) link: LinkType,
    pub(super) original_len: u32,
    pub(super) bytes: Range<usize>,
}

// === impl CaptureFile ===

impl CaptureFile {
    /// Opens a file, or standard input for `-`, and reads its header.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let path = path.as_ref();
        let count = Arc::new(AtomicU64::new(0));
        if path.as_os_str() == "-" {
            let file = "standard input".to_owned();
            let stream = compression::decompress(io::stdin(), Arc::clone(&count));
            return Self::begin(file, stream, count, None);
        }
        let name = path.display().to_string();
        let failed = |source| SourceError::Open { file: name.clone(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let total = metadata.is_file().then_some(metadata.len());
        let stream = compression::decompress(file, Arc::clone(&count));
        Self::begin(name, stream, count, total)
    }

    /// Reads a capture from a reader; `name` identifies it in messages.
    pub fn from_reader(name: &str, reader: impl Read + Send + 'static) -> Result<Self, SourceError> {
        let count = Arc::new(AtomicU64::new(0));
        let stream = compression::decompress(reader, Arc::clone(&count));
        Self::begin(name.to_owned(), stream, count, None)
    }

    fn begin(
        file: String,
        stream: io::Result<Stream>,
        count: Arc<AtomicU64>,
        total: Option<u64>,
    ) -> Result<Self, SourceError> {
        let stream = match stream {
            Ok(stream) => stream,
            Err(source) => return Err(SourceError::Read { file, offset: 0, source }),
        };
        let mut input = Input { file, buffer: ReadBuffer::new(stream) };
        let available = input.fill(PCAPNG.len())?;
        let magic = available.first_chunk::<4>().map_or(available, <[u8; 4]>::as_slice);
        let format = if magic == PCAPNG {
            Format::PcapNg(PcapNg::begin(&mut input)?)
        } else if Pcap::is_magic(magic) {
            Format::Pcap(Pcap::begin(&mut input)?)
        } else {
            let found = if magic.is_empty() { "an empty file".to_owned() } else { hexadecimal(magic) };
            return Err(SourceError::NotACapture { file: input.file, found });
        };
        Ok(Self { input, format, count, total, frames: 0, unread: None, ended: false })
    }
}

impl Source for CaptureFile {
    type Error = SourceError;

    const IS_LIVE: bool = false;

    fn next(&mut self) -> Result<Option<Item<'_>>, SourceError> {
        Ok(self.next_frame()?.map(Item::Frame))
    }
}

impl CaptureFile {
    /// The next frame, or `None` at the end. The frame borrows from the file until the next call.
    ///
    /// Frames before damage are yielded first; after an error the file is at its end. Frames of an unsupported link
    /// type are yielded as [`LinkType::Unread`], so that they are counted.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        let located = match &mut self.format {
            Format::Pcap(pcap) => pcap.locate(&mut self.input),
            Format::PcapNg(pcapng) => pcapng.locate(&mut self.input),
        };
        let located = match located {
            Ok(Some(located)) => located,
            Ok(None) => {
                self.ended = true;
                return self.unread.take().map_or(Ok(None), Err);
            }
            Err(error) => {
                self.ended = true;
                return Err(error);
            }
        };
        let Located { at, link, original_len, bytes } = located;
        match link {
            LinkType::Unread(number) if self.frames == 0 => self.unread = Some(self.input.unread_link(number)),
            LinkType::Unread(_) => {}
            _ => self.unread = None,
        }
        self.frames += 1;
        Ok(Some(Frame { at, link, original_len, data: self.input.buffer.range(bytes) }))
    }

    /// How far the file was read.
    pub fn progress(&self) -> Progress {
        Progress { bytes_read: self.count.load(Ordering::Relaxed), bytes_total: self.total, frames: self.frames }
    }
}

impl fmt::Debug for CaptureFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureFile")
            .field("file", &self.input.file)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

// === impl Input ===

impl Input {
    /// Reads until `count` bytes are available; returns fewer only at the end of the file.
    pub(super) fn fill(&mut self, count: usize) -> Result<&[u8], SourceError> {
        match self.buffer.fill(count) {
            // Returning the slice from `fill` would keep the borrow alive in the error arm.
            Ok(_) => Ok(self.buffer.available()),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// Reads until `count` bytes are available and fails if the file ends before them.
    pub(super) fn require(&mut self, count: usize, expected: &'static str) -> Result<&[u8], SourceError> {
        if self.fill(count)?.len() < count {
            return Err(SourceError::Truncated {
                file: self.file.clone(),
                offset: self.buffer.offset(),
                expected,
                needed: count as u64,
                available: self.buffer.available().len() as u64,
            });
        }
        Ok(self.buffer.available())
    }

    /// An error: the bytes at the current offset are malformed.
    pub(super) fn malformed(&self, expected: &'static str, found: impl Into<String>) -> SourceError {
        let (file, offset) = (self.file.clone(), self.buffer.offset());
        SourceError::Malformed { file, offset, expected, found: found.into() }
    }

    /// An error: the frames around the current offset have an unsupported link type.
    pub(super) fn unread_link(&self, number: u32) -> SourceError {
        let (file, offset) = (self.file.clone(), self.buffer.offset());
        SourceError::LinkType { file, offset, number, name: link_name(number) }
    }

    fn failed(&self, source: io::Error) -> SourceError {
        let offset = self.buffer.offset() + self.buffer.available().len() as u64;
        SourceError::Read { file: self.file.clone(), offset, source }
    }
}

/// An instant from a possibly wrong clock, clamped to the range of [`Timestamp`].
pub(super) fn instant(seconds: i64, nanoseconds: i32) -> Timestamp {
    Timestamp::new(seconds, nanoseconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::from("the bytes");
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, " {byte:02x}");
    }
    text
}
