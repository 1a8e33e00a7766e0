//! The classic pcap format: one header, then records.

use pcap_parser::{
    PcapError, PcapHeader,
    nom::IResult,
    pcap::{LegacyPcapBlock, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified, parse_pcap_header},
};

use super::{
    LinkType, SourceError,
    capture_file::{Input, Located, MAX_LENGTH, instant},
};

/// Length of the file header.
const FILE_HEADER: usize = 24;
/// Bits of the link type field that hold the link type; the others describe the frame check sequence.
const LINK_TYPE_BITS: u32 = 0xffff;
/// First bytes of a file: µs and ns in both byte orders, and Kuznetzov's longer records.
const MAGICS: [[u8; 4]; 5] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x34, 0xcd, 0xb2, 0xa1],
];

type Parse = fn(&[u8]) -> IResult<&[u8], LegacyPcapBlock<'_>, PcapError<&[u8]>>;

/// How to read the records of one file.
pub(super) struct Pcap {
    link: LinkType,
    parse: Parse,
    big_endian: bool,
    record_header: usize,
    nanoseconds_per_tick: u32,
}

impl Pcap {
    pub(super) fn is_magic(bytes: &[u8]) -> bool {
        MAGICS.iter().any(|magic| bytes == magic)
    }

    /// Reads the file header.
    pub(super) fn begin(input: &mut Input) -> Result<Self, SourceError> {
        let bytes = input.require(FILE_HEADER, "a pcap file header")?;
        let Ok((_, header)) = parse_pcap_header(bytes) else {
            return Err(input.malformed("a pcap file header", "another magic number"));
        };
        let number = header.network.0.cast_unsigned() & LINK_TYPE_BITS;
        let link = match LinkType::from_number(number) {
            // It applies to all frames, so the file can be rejected at once.
            LinkType::Unread(number) => return Err(input.unread_link(number)),
            link => link,
        };
        input.buffer.consume(FILE_HEADER);
        Ok(Self::from_header(&header, link))
    }

    fn from_header(header: &PcapHeader, link: LinkType) -> Self {
        let big_endian = header.is_bigendian();
        let (parse, record_header): (Parse, usize) = match (big_endian, header.is_modified_format()) {
            (true, _) => (|bytes| parse_pcap_frame_be(bytes), 16),
            (false, true) => (|bytes| parse_pcap_frame_modified(bytes), 24),
            (false, false) => (|bytes| parse_pcap_frame(bytes), 16),
        };
        let nanoseconds_per_tick = if header.is_nanosecond_precision() { 1 } else { 1000 };
        Self { link, parse, big_endian, record_header, nanoseconds_per_tick }
    }

    /// Consumes the next record.
    pub(super) fn locate(&mut self, input: &mut Input) -> Result<Option<Located>, SourceError> {
        if input.fill(self.record_header)?.is_empty() {
            return Ok(None);
        }
        let header = input.require(self.record_header, "the header of a pcap record")?;
        let length = [header[8], header[9], header[10], header[11]];
        let length = if self.big_endian { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) };
        if length > MAX_LENGTH {
            return Err(input.malformed("a pcap record of at most 16 MiB", format!("a length of {length} bytes")));
        }
        let whole = self.record_header + length as usize;
        let Ok((_, record)) = (self.parse)(input.require(whole, "a pcap record")?) else {
            return Err(input.malformed("a pcap record", "bytes that are none"));
        };
        let LegacyPcapBlock { ts_sec, ts_usec, caplen: _, origlen, data } = record;
        // Some broken writers have fractions of more than a second.
        let nanoseconds = u64::from(ts_usec) * u64::from(self.nanoseconds_per_tick);
        let seconds = i64::from(ts_sec) + (nanoseconds / 1_000_000_000).cast_signed();
        let at = instant(seconds, i32::try_from(nanoseconds % 1_000_000_000).unwrap_or_default());
        let captured = data.len();
        let record = input.buffer.consume(whole);
        Ok(Some(Located { at, link: self.link, original_len: origlen, bytes: record.end - captured..record.end }))
    }
}
