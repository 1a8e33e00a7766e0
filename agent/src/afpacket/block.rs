//! Blocks of a TPACKET_V3 ring. Offsets written by the kernel are checked.
//!
//! ```text
//! block:  version, offset to private area, status, number of frames, offset to the first, length, …
//! frame:  offset to the next, seconds, nanoseconds, captured length, length, status, offsets, …
//! behind it, aligned to 16:  sockaddr_ll: protocol, interface index, hardware type, packet type
//! ```
//!
//! Numbers are in the byte order of the machine, but for the protocol. Layouts are those of
//! `linux/if_packet.h`, which the kernel keeps for ever.

use std::ops::Range;

/// Status of a block that belongs to this process, and of frames in it.
pub(super) const STATUS_USER: u32 = 1;
const STATUS_LOSING: u32 = 1 << 2;
const STATUS_VLAN: u32 = 1 << 4;
const STATUS_VLAN_TYPE: u32 = 1 << 6;

/// Where the status of a block stands.
pub(super) const BLOCK_STATUS: usize = 8;
const BLOCK_FRAMES: usize = 12;
const BLOCK_FIRST: usize = 16;

const FRAME_HEADER: usize = 48;
const ADDRESS: usize = 20;

/// What an 802.1Q tag is called where the kernel does not say.
const ETHERTYPE_VLAN: u16 = 0x8100;

/// A walk over the frames of one block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walk {
    /// Where the next frame's header begins.
    next: usize,
    left: u32,
}

/// A frame as the kernel describes it; its bytes lie in the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFrame {
    /// Seconds of its time stamp.
    pub seconds: u32,
    /// Nanoseconds of its time stamp.
    pub nanoseconds: u32,
    /// Length on the wire.
    pub original_len: u32,
    /// Whether frames were dropped since the statistics were last asked for.
    pub losing: bool,
    /// Tag and type of the VLAN header that the network interface or the kernel took out.
    pub vlan: Option<(u16, u16)>,
    /// Where the captured bytes lie in the block, link header first.
    pub bytes: Range<usize>,
    /// Where the network header lies in the block, not before the bytes and not behind their end.
    pub network: usize,
    /// Protocol of the network layer, an Ethernet type.
    pub protocol: u16,
    /// Index of the interface.
    pub interface: u32,
    /// Hardware type of the interface (ARPHRD).
    pub hardware: u16,
    /// Packet type: outgoing, to this host, broadcast, multicast, or to other hosts.
    pub packet_type: u8,
}

/// The block has impossible content; the rest of it is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a block of the packet ring is damaged: {left} frames of it are not read")]
pub struct DamagedBlock {
    /// Frames that the block claims beyond the damage.
    pub left: u32,
}

impl Walk {
    /// Begins with the first frame that the block's header names.
    pub fn begin(block: &[u8]) -> Result<Self, DamagedBlock> {
        let (Some(left), Some(first)) = (u32_at(block, BLOCK_FRAMES), u32_at(block, BLOCK_FIRST)) else {
            return Err(DamagedBlock { left: 0 });
        };
        Ok(Self { next: first as usize, left })
    }

    /// The next frame, or `None` behind the last.
    ///
    /// A walk ends: each frame begins behind the header of the one before.
    pub fn next(&mut self, block: &[u8]) -> Result<Option<RawFrame>, DamagedBlock> {
        if self.left == 0 {
            return Ok(None);
        }
        let damaged = DamagedBlock { left: self.left };
        let Some((frame, offset)) = frame_at(block, self.next) else {
            self.left = 0;
            return Err(damaged);
        };
        self.left -= 1;
        // The last frame's offset leads to the end of the block, or nowhere.
        self.next = self.next.saturating_add(offset.max(FRAME_HEADER));
        Ok(Some(frame))
    }
}

fn frame_at(block: &[u8], start: usize) -> Option<(RawFrame, usize)> {
    let header = block.get(start..)?.get(..FRAME_HEADER + ADDRESS)?;
    let word = |at| u32_at(header, at);
    let short = |at| u16_at(header, at);
    let captured = word(12)? as usize;
    let status = word(20)?;
    let begin = start.checked_add(usize::from(short(24)?))?;
    let end = begin.checked_add(captured)?;
    block.get(begin..end)?;
    let network = start.checked_add(usize::from(short(26)?))?.clamp(begin, end);
    let vlan = (status & STATUS_VLAN != 0).then(|| {
        let kind = if status & STATUS_VLAN_TYPE == 0 { ETHERTYPE_VLAN } else { short(36).unwrap_or(ETHERTYPE_VLAN) };
        (u16::try_from(word(32).unwrap_or_default() & 0xffff).unwrap_or_default(), kind)
    });
    let frame = RawFrame {
        seconds: word(4)?,
        nanoseconds: word(8)?,
        original_len: word(16)?,
        losing: status & STATUS_LOSING != 0,
        vlan,
        bytes: begin..end,
        network,
        protocol: u16::from_be_bytes(*header.get(FRAME_HEADER + 2..)?.first_chunk()?),
        interface: word(FRAME_HEADER + 4)?,
        hardware: short(FRAME_HEADER + 8)?,
        packet_type: *header.get(FRAME_HEADER + 10)?,
    };
    Some((frame, word(0)? as usize))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
pub(super) mod sample;
#[cfg(test)]
mod tests;
