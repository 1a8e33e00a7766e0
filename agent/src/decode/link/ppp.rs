//! PPP in its framings, and Cisco's HDLC.

use super::{Ended, Network, Next, Step};
use crate::decode::{frame_kind::FrameKind, u16_at};

/// Address and control field of PPP in frames like those of HDLC (RFC 1662, section 3.1).
const ADDRESS_AND_CONTROL: [u8; 2] = [0xff, 0x03];

/// Reads a frame that may have address and control fields; Cisco's HDLC has other values in their place.
pub(super) fn framed(bytes: &[u8], at: usize) -> Step {
    match *bytes.get(at..).and_then(<[u8]>::first_chunk::<2>).ok_or(Ended)? {
        ADDRESS_AND_CONTROL => Ok(Next::Ppp(at + 2)),
        [0x0f | 0x8f, 0x00] => behind_cisco_hdlc(bytes, at),
        _ => Ok(Next::Ppp(at)),
    }
}

/// Reads a frame as Linux's pppd captures it, with the direction in place of the address.
pub(super) fn framed_by_pppd(bytes: &[u8]) -> Step {
    match *bytes.first_chunk::<2>().ok_or(Ended)? {
        [0x00 | 0x01, 0x03] => Ok(Next::Ppp(2)),
        _ => framed(bytes, 0),
    }
}

/// Reads a PPPoE header (RFC 2516, section 4): only code 0 carries data.
pub(super) fn behind_session(bytes: &[u8], at: usize) -> Step {
    match bytes.get(at + 1).ok_or(Ended)? {
        0 => Ok(Next::Ppp(at + 6)),
        _ => Ok(Next::NotIp(FrameKind::EtherType(0x8863))),
    }
}

/// Reads a header of Cisco's HDLC: address, control, and an EtherType or a number of its own.
pub(super) fn behind_cisco_hdlc(bytes: &[u8], at: usize) -> Step {
    Ok(match u16_at(bytes, at + 2).ok_or(Ended)? {
        number @ (0x2000 | 0x8035 | 0xfefe) => Next::NotIp(FrameKind::CiscoHdlc(number)),
        kind => Next::Type(kind, at + 4),
    })
}

/// Reads the protocol field (RFC 1661, section 2). One byte is enough for a number below 256, which
/// is odd.
pub(super) fn behind(bytes: &[u8], at: usize) -> Step {
    let first = *bytes.get(at).ok_or(Ended)?;
    let (protocol, at) =
        if first & 1 == 1 { (u16::from(first), at + 1) } else { (u16_at(bytes, at).ok_or(Ended)?, at + 2) };
    Ok(match protocol {
        0x0021 => Next::Ip(Network::Ipv4, at),
        0x0057 => Next::Ip(Network::Ipv6, at),
        0x0031 => return bridged(bytes, at),
        // Labels of MPLS (RFC 3032, section 4.2).
        0x0281 | 0x0283 => Next::Labels(at),
        _ => Next::NotIp(FrameKind::Ppp(protocol)),
    })
}

/// Reads the header of a bridged frame (RFC 3518, section 4.3): Ethernet, and no segment number.
fn bridged(bytes: &[u8], at: usize) -> Step {
    let &[flags, kind] = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>).ok_or(Ended)?;
    Ok(if flags & 0x40 == 0 && kind == 1 { Next::Ethernet(at + 2) } else { Next::NotIp(FrameKind::Ppp(0x0031)) })
}
