//! The pcapng format: sections of blocks, each section with a byte order and interfaces of its own.

mod interface;

use std::ops::Range;

use jiff::Timestamp;
use pcap_parser::pcapng::{
    parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le, parse_sectionheaderblock,
};

use self::interface::Interface;
use super::{
    SourceError,
    capture_file::{Input, Located, MAX_LENGTH},
};

/// Block types.
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// The obsolete packet block, which the enhanced one replaced.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// A block without body: type, length, and the length again.
const SMALLEST_BLOCK: u32 = 12;
/// Type, length and the byte-order magic of a section header.
const ORDER_END: usize = 12;
/// Maximum number of interfaces of a section: the obsolete packet block has 16 bits for it.
const MAX_INTERFACES: usize = 1 << 16;

/// The state of the section that is read.
pub(super) struct PcapNg {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// Time of the last frame that has one; simple packets have none.
    latest: Timestamp,
}

/// The fields of a packet block.
struct PacketFields {
    interface: u32,
    ticks: Option<u64>,
    captured: u32,
    original: u32,
    data: usize,
}

impl PcapNg {
    /// Peeks at the first section header.
    pub(super) fn begin(input: &mut Input) -> Result<Self, SourceError> {
        let mut this = Self { big_endian: false, interfaces: Vec::new(), latest: Timestamp::UNIX_EPOCH };
        this.next_block(input)?;
        Ok(this)
    }

    /// Consumes blocks up to and including the next packet.
    pub(super) fn locate(&mut self, input: &mut Input) -> Result<Option<Located>, SourceError> {
        while let Some((kind, length)) = self.next_block(input)? {
            let block = &input.buffer.available()[..length];
            match kind {
                SECTION_HEADER => self.begin_section(input, length)?,
                INTERFACE_DESCRIPTION => self.add_interface(input, length)?,
                ENHANCED_PACKET | PACKET | SIMPLE_PACKET => {
                    let Some(fields) = self.packet_fields(kind, block) else {
                        return Err(input.malformed("a pcapng packet block", "one too short for its fields"));
                    };
                    return self.packet(input, length, &fields).map(Some);
                }
                _ => {}
            }
            input.buffer.consume(length);
        }
        Ok(None)
    }

    /// Buffers the next complete block; returns its type and length, `None` at the end of the file.
    fn next_block(&mut self, input: &mut Input) -> Result<Option<(u32, usize)>, SourceError> {
        if input.fill(8)?.is_empty() {
            return Ok(None);
        }
        let head = input.require(8, "the head of a pcapng block")?;
        if head[..4] == SECTION_HEADER.to_le_bytes() {
            let head = input.require(ORDER_END, "a pcapng section header")?;
            self.big_endian = match &head[8..ORDER_END] {
                [0x4d, 0x3c, 0x2b, 0x1a] => false,
                [0x1a, 0x2b, 0x3c, 0x4d] => true,
                _ => return Err(input.malformed("the byte-order magic of pcapng", "something else")),
            };
        }
        let head = input.buffer.available();
        let (Some(kind), Some(length)) = (self.u32_at(head, 0), self.u32_at(head, 4)) else {
            return Err(input.malformed("the head of a pcapng block", "less"));
        };
        if !(SMALLEST_BLOCK..=MAX_LENGTH).contains(&length) || !length.is_multiple_of(4) {
            return Err(input.malformed(
                "a pcapng block of 12 bytes to 16 MiB in steps of four",
                format!("a length of {length} bytes"),
            ));
        }
        let whole = length as usize;
        let block = input.require(whole, "a pcapng block")?;
        let trailer = self.u32_at(block, whole - 4);
        if trailer != Some(length) {
            return Err(input.malformed("the same length at both ends of a pcapng block", "two lengths"));
        }
        Ok(Some((kind, whole)))
    }

    fn begin_section(&mut self, input: &Input, length: usize) -> Result<(), SourceError> {
        match parse_sectionheaderblock(&input.buffer.available()[..length]) {
            Ok((_, section)) if section.major_version == 1 => {
                self.interfaces.clear();
                Ok(())
            }
            Ok((_, section)) => {
                Err(input.malformed("version 1 of pcapng", format!("version {}", section.major_version)))
            }
            Err(_) => Err(input.malformed("a pcapng section header", "bytes that are none")),
        }
    }

    fn add_interface(&mut self, input: &Input, length: usize) -> Result<(), SourceError> {
        let block = &input.buffer.available()[..length];
        let parsed = if self.big_endian {
            parse_interfacedescriptionblock_be(block)
        } else {
            parse_interfacedescriptionblock_le(block)
        };
        let Ok((_, description)) = parsed else {
            return Err(input.malformed("a pcapng interface description", "bytes that are none"));
        };
        let Some(interface) = Interface::describe(&description, self.big_endian) else {
            return Err(input.malformed("a clock of a pcapng interface", "a resolution beyond 64 bits"));
        };
        if self.interfaces.len() == MAX_INTERFACES {
            return Err(input.malformed("at most 65536 interfaces in a pcapng section", "more"));
        }
        self.interfaces.push(interface);
        Ok(())
    }

    /// Reads the fixed fields of a packet block. By hand, because the library's parsers collect the options of each
    /// packet in a vector.
    fn packet_fields(&self, kind: u32, block: &[u8]) -> Option<PacketFields> {
        let ticks = |high, low| Some(u64::from(self.u32_at(block, high)?) << 32 | u64::from(self.u32_at(block, low)?));
        Some(match kind {
            SIMPLE_PACKET => {
                let original = self.u32_at(block, 8)?;
                // The captured length is that of the block, apart from padding.
                let room = u32::try_from(block.len().checked_sub(16)?).ok()?;
                PacketFields { interface: 0, ticks: None, captured: room, original, data: 12 }
            }
            PACKET => PacketFields {
                interface: u32::from(self.u16_at(block, 8)?),
                ticks: Some(ticks(12, 16)?),
                captured: self.u32_at(block, 20)?,
                original: self.u32_at(block, 24)?,
                data: 28,
            },
            _ => PacketFields {
                interface: self.u32_at(block, 8)?,
                ticks: Some(ticks(12, 16)?),
                captured: self.u32_at(block, 20)?,
                original: self.u32_at(block, 24)?,
                data: 28,
            },
        })
    }

    fn packet(&mut self, input: &mut Input, length: usize, fields: &PacketFields) -> Result<Located, SourceError> {
        let PacketFields { interface, ticks, captured, original, data } = *fields;
        let described = usize::try_from(interface).ok().and_then(|index| self.interfaces.get(index));
        let Some(interface) = described else {
            return Err(input.malformed("an interface that the section describes", format!("interface {interface}")));
        };
        let link = interface.link;
        let captured = if ticks.is_none() { interface.cut(captured.min(original)) } else { captured } as usize;
        if captured > length.saturating_sub(data + 4) {
            return Err(
                input.malformed("a pcapng packet inside its block", format!("{captured} bytes in a block of {length}"))
            );
        }
        if let Some(ticks) = ticks {
            self.latest = interface.instant(ticks);
        }
        let Range { start, .. } = input.buffer.consume(length);
        let bytes = start + data..start + data + captured;
        Ok(Located { at: self.latest, link, original_len: original, bytes })
    }

    fn u32_at(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if self.big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) })
    }

    fn u16_at(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = *bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.big_endian { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) })
    }
}
