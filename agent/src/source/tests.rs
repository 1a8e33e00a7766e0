//! Capture files built in code, in every format and byte order.

use std::io::{Cursor, Write as _};

use super::*;

mod damage;
mod formats;
mod runs;

/// Writes numbers in one byte order.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

const LITTLE: Order = Order { big: false };
const BIG: Order = Order { big: true };

impl Order {
    fn u16(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// A classic header; the magic says µs or ns.
    fn pcap(self, magic: u32, link: u32) -> Vec<u8> {
        let mut bytes = self.u32(magic).to_vec();
        bytes.extend(self.u16(2));
        bytes.extend(self.u16(4));
        for field in [0, 0, 65535, link] {
            bytes.extend(self.u32(field));
        }
        bytes
    }

    fn record(self, seconds: u32, fraction: u32, original: u32, data: &[u8]) -> Vec<u8> {
        let captured = u32::try_from(data.len()).unwrap();
        let mut bytes: Vec<u8> =
            [seconds, fraction, captured, original].iter().flat_map(|field| self.u32(*field)).collect();
        bytes.extend(data);
        bytes
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.u32(kind).to_vec();
        let padded = body.len().next_multiple_of(4);
        let length = self.u32(u32::try_from(padded + 12).unwrap());
        bytes.extend(length);
        bytes.extend(body);
        bytes.resize(8 + padded, 0);
        bytes.extend(length);
        bytes
    }

    fn section(self) -> Vec<u8> {
        let mut body = self.u32(0x1a2b_3c4d).to_vec();
        body.extend(self.u16(1));
        body.extend(self.u16(0));
        body.extend([0xff; 8]);
        self.block(0x0a0d_0d0a, &body)
    }

    /// An interface with `if_tsresol` and, where it is not 0, `if_tsoffset`.
    fn interface(self, link: u16, snap_length: u32, resolution: u8, offset: i64) -> Vec<u8> {
        let mut body = self.u16(link).to_vec();
        body.extend([0, 0]);
        body.extend(self.u32(snap_length));
        body.extend(self.u16(9));
        body.extend(self.u16(1));
        body.extend([resolution, 0, 0, 0]);
        if offset != 0 {
            body.extend(self.u16(14));
            body.extend(self.u16(8));
            body.extend(if self.big { offset.to_be_bytes() } else { offset.to_le_bytes() });
        }
        body.extend([0; 4]);
        self.block(1, &body)
    }

    fn enhanced(self, interface: u32, ticks: u64, original: u32, data: &[u8]) -> Vec<u8> {
        let mut body: Vec<u8> = self.u32(interface).to_vec();
        body.extend(self.ticks(ticks));
        body.extend(self.u32(u32::try_from(data.len()).unwrap()));
        body.extend(self.u32(original));
        body.extend(data);
        self.block(6, &body)
    }

    fn obsolete(self, interface: u16, ticks: u64, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        let mut body: Vec<u8> = self.u16(interface).to_vec();
        body.extend(self.u16(7));
        body.extend(self.ticks(ticks));
        body.extend(self.u32(length));
        body.extend(self.u32(length));
        body.extend(data);
        self.block(2, &body)
    }

    fn simple(self, original: u32, data: &[u8]) -> Vec<u8> {
        self.block(3, &[&self.u32(original), data].concat())
    }

    fn ticks(self, ticks: u64) -> Vec<u8> {
        [self.u32((ticks >> 32) as u32), self.u32(u32::try_from(ticks & 0xffff_ffff).unwrap())].concat()
    }
}

/// The parts of a frame that tests compare.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    at: Timestamp,
    link: LinkType,
    original_len: u32,
    data: Vec<u8>,
}

fn seen(at: &str, link: LinkType, original_len: u32, data: &[u8]) -> Seen {
    Seen { at: at.parse().unwrap(), link, original_len, data: data.to_vec() }
}

/// All frames, and how the reading ends.
fn read(bytes: Vec<u8>) -> (Vec<Seen>, Result<(), SourceError>) {
    let mut frames = Vec::new();
    let mut file = match CaptureFile::from_reader("x.pcap", Cursor::new(bytes)) {
        Ok(file) => file,
        Err(error) => return (frames, Err(error)),
    };
    loop {
        match file.next_frame() {
            Ok(Some(Frame { at, link, original_len, data })) => {
                frames.push(Seen { at, link, original_len, data: data.to_vec() });
            }
            Ok(None) => {
                assert_eq!(file.progress().frames, frames.len() as u64);
                return (frames, Ok(()));
            }
            Err(error) => {
                assert!(matches!(file.next_frame(), Ok(None)), "an error is the end");
                return (frames, Err(error));
            }
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).unwrap()
}

/// A small pcapng file with every kind of block, in both byte orders.
fn motley() -> Vec<u8> {
    [
        LITTLE.section(),
        LITTLE.interface(1, 0, 6, 0),
        LITTLE.interface(101, 4, 9, 0),
        LITTLE.enhanced(1, 1_700_000_000_000_000_001, 9, b"abcd"),
        LITTLE.block(5, b"statistics"),
        LITTLE.enhanced(0, 1_700_000_001_000_002, 3, b"efg"),
        LITTLE.simple(5, b"hijkl"),
        BIG.section(),
        BIG.interface(113, 4, 0x8a, 60),
        BIG.enhanced(0, 1_700_000_000 * 1024 + 512, 1, b"m"),
        BIG.simple(6, b"nopq"),
        BIG.obsolete(0, 1_700_000_001 * 1024, b"rstuv"),
    ]
    .concat()
}
