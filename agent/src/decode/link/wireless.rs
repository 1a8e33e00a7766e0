//! Frames of IEEE 802.11 (section 9), and the radiotap header before them (radiotap.org).

use super::{Ended, Next, Step};
use crate::decode::frame_kind::{FrameKind, Wireless};

/// Flags of the second byte of a frame: to and from the distribution system, more fragments,
/// protected, and (of frames with quality of service) a further control field.
const BOTH_WAYS: u8 = 0x03;
const MORE_FRAGMENTS: u8 = 0x04;
const PROTECTED: u8 = 0x40;
const HIGH_THROUGHPUT: u8 = 0x80;
/// Bits of a data frame's subtype.
const NO_DATA: u8 = 0x4;
const QUALITY_OF_SERVICE: u8 = 0x8;
/// Several packets in one frame, by the quality of service field.
const AGGREGATED: u8 = 0x80;

/// Frame control, duration, three addresses, sequence control.
const HEADER: usize = 24;
const ADDRESS: usize = 6;

/// Radiotap's flags: header padded, check sequence wrong.
const PADDED: u8 = 0x20;
const BAD_CHECKSUM: u8 = 0x40;

/// The payload of a frame at `at`; `is_padded` if its header is padded to a multiple of four bytes.
pub(super) fn behind(bytes: &[u8], at: usize, is_padded: bool) -> Step {
    let byte = |offset: usize| bytes.get(at + offset).copied().ok_or(Ended);
    let (control, flags) = (byte(0)?, byte(1)?);
    let subtype = control >> 4;
    let not_ip = |wireless| Ok(Next::NotIp(FrameKind::Wireless(wireless)));
    match (control & 0x3, control >> 2 & 0x3) {
        (0, 0) => return not_ip(Wireless::Management),
        (0, 1) => return not_ip(Wireless::Control),
        (0, 2) => {}
        (0, _) => return not_ip(Wireless::Extension),
        _ => return Ok(Next::NotIp(FrameKind::Malformed)),
    }
    if subtype & NO_DATA != 0 {
        return Ok(Next::NotIp(FrameKind::Empty));
    }
    if flags & PROTECTED != 0 {
        return not_ip(Wireless::Encrypted);
    }
    let mut length = if flags & BOTH_WAYS == BOTH_WAYS { HEADER + ADDRESS } else { HEADER };
    let is_fragment = flags & MORE_FRAGMENTS != 0 || byte(HEADER - 2)? & 0x0f != 0;
    let mut is_aggregated = false;
    if subtype & QUALITY_OF_SERVICE != 0 {
        is_aggregated = byte(length)? & AGGREGATED != 0;
        length += if flags & HIGH_THROUGHPUT == 0 { 2 } else { 6 };
    }
    if is_fragment || is_aggregated {
        return not_ip(Wireless::Fragmented);
    }
    if is_padded {
        length = length.next_multiple_of(4);
    }
    Ok(Next::Llc(at + length))
}

/// Reads a radiotap header at `at`: version, length, and the fields whose presence bits are set. Its numbers are
/// little-endian.
pub(super) fn behind_radiotap(bytes: &[u8], at: usize) -> Step {
    let header = bytes.get(at..).ok_or(Ended)?;
    let &[version, _, low, high] = header.first_chunk().ok_or(Ended)?;
    let length = usize::from(u16::from_le_bytes([low, high]));
    let word = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk()?));
    let present = word(4).ok_or(Ended)?;
    let (mut fields, mut last) = (8, present);
    while last >> 31 == 1 && fields <= length {
        last = word(fields).ok_or(Ended)?;
        fields += 4;
    }
    if version != 0 || fields > length {
        return Ok(Next::NotIp(FrameKind::Malformed));
    }
    // Bit 0 is a clock of eight bytes, aligned to them; bit 1 are the flags.
    let flags_at = if present & 1 == 0 { fields } else { fields.next_multiple_of(8) + 8 };
    let flags = match present & 2 {
        0 => 0,
        _ if flags_at >= length => return Ok(Next::NotIp(FrameKind::Malformed)),
        _ => *header.get(flags_at).ok_or(Ended)?,
    };
    if flags & BAD_CHECKSUM != 0 {
        return Ok(Next::NotIp(FrameKind::Wireless(Wireless::BadChecksum)));
    }
    Ok(Next::Wireless(at + length, flags & PADDED != 0))
}
