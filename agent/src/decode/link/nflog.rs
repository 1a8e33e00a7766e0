//! Packets from the log of Linux's netfilter: fields, one of which is the packet.
//!
//! ```text
//! address family, version 0, group (2)
//! fields: length with this header (2), type (2), value, filled up to four bytes
//! ```
//!
//! Lengths and types are in the byte order of the machine that captured.

use super::{Behind, Ended, Link, Network, Stripped, by_protocol, follow};
use crate::decode::{frame_kind::FrameKind, u16_at};

/// Types of fields (`linux/netfilter/nfnetlink_log.h`): hardware protocol and hook; the packet.
const PACKET_HEADER: u16 = 1;
const PAYLOAD: u16 = 9;
/// The upper bits of a type are flags.
const TYPE_BITS: u16 = 0x3fff;

/// Finds the packet. The log may have only its beginning and does not contain its length, which is in the IP header.
pub(super) fn strip(bytes: &[u8]) -> Result<Link<'_>, Ended> {
    let &[family, version, _, _] = bytes.first_chunk().ok_or(Ended)?;
    if version != 0 {
        return Ok(Link::NotIp(FrameKind::Malformed));
    }
    // Types are small numbers, so one half of the first is 0.
    let is_little_endian = bytes.get(7).is_none_or(|high| *high == 0);
    let number = |at: usize| {
        let number = u16_at(bytes, at).ok_or(Ended)?;
        Ok(if is_little_endian { number.swap_bytes() } else { number })
    };
    let (mut at, mut protocol) = (4, None);
    while at < bytes.len() {
        let (length, kind) = (usize::from(number(at)?), number(at + 2)? & TYPE_BITS);
        match kind {
            _ if length < 4 => return Ok(Link::NotIp(FrameKind::Malformed)),
            PACKET_HEADER => protocol = u16_at(bytes, at + 4),
            PAYLOAD => {
                let end = bytes.len().min(at + length);
                return packet(family, protocol, &bytes[at + 4..end], length - 4);
            }
            _ => {}
        }
        at += length.next_multiple_of(4);
    }
    Ok(Link::NotIp(FrameKind::Empty))
}

/// A packet of an address family; for bridges and similar families the protocol determines its type.
fn packet(family: u8, protocol: Option<u16>, data: &[u8], length: usize) -> Result<Link<'_>, Ended> {
    let (network, at) = match (family, protocol) {
        (2, _) => (Network::Ipv4, 0),
        (10, _) => (Network::Ipv6, 0),
        (_, Some(protocol)) => match follow(data, by_protocol(protocol, 0))? {
            Behind::Ip(network, at) => (network, at),
            Behind::NotIp(kind) => return Ok(Link::NotIp(kind)),
        },
        (_, None) => return Ok(Link::NotIp(FrameKind::Family(u32::from(family)))),
    };
    let data = data.get(at..).unwrap_or_default();
    let claimed = match (data.first().map(|first| first >> 4), network) {
        (Some(4), Network::Ipv4) => u16_at(data, 2).map(u32::from),
        (Some(6), Network::Ipv6) => u16_at(data, 4).map(|length| u32::from(length) + 40),
        _ => None,
    };
    let kept = u32::try_from(length.saturating_sub(at)).unwrap_or(u32::MAX);
    Ok(Link::Ip(Stripped { network, data, wire_len: kept.max(claimed.unwrap_or_default()) }))
}
