//! Link headers: what they say of the packet behind them, and how long they are.

use super::u16_at;
use crate::source::{Frame, LinkType};

/// Ethernet types.
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
/// Tags of 802.1Q and 802.1ad, and the one used for the outer tag before the latter.
const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];
/// Label stacks of MPLS (RFC 5332).
const MPLS: [u16; 2] = [0x8847, 0x8848];
/// Session data of PPPoE (RFC 2516).
const PPPOE: u16 = 0x8864;
/// Stacked tags, and labels, that are followed; two are common.
const MAX_TAGS: usize = 8;

/// What is behind a link header.
pub(super) enum Link<'a> {
    Ip(Stripped<'a>),
    NotIp,
    /// The frame ends before its link header does.
    Cut,
}

/// A frame without its link header.
pub(super) struct Stripped<'a> {
    pub(super) network: Network,
    pub(super) data: &'a [u8],
    /// Length on the wire; more than `data.len()` if the capture cut the frame off.
    pub(super) wire_len: u32,
}

/// Version of IP, as the link header says it.
#[derive(Clone, Copy)]
pub(super) enum Network {
    Ipv4,
    Ipv6,
}

/// Takes the link header off.
pub(super) fn strip<'a>(frame: &Frame<'a>) -> Link<'a> {
    let bytes = frame.data;
    let header = match frame.link {
        LinkType::Ethernet => behind_type(bytes, 12, 14),
        // Protocol types of cooked captures are Ethernet types; libpcap puts a VLAN tag back in.
        LinkType::LinuxSll => behind_type(bytes, 14, 16),
        LinkType::LinuxSll2 => behind_type(bytes, 0, 20),
        LinkType::Null | LinkType::Loop => behind_family(bytes),
        LinkType::Raw => Ok(Some((by_version(bytes), 0))),
        LinkType::Ipv4 => Ok(Some((Network::Ipv4, 0))),
        LinkType::Ipv6 => Ok(Some((Network::Ipv6, 0))),
    };
    match header {
        Err(Ended) => Link::Cut,
        Ok(None) => Link::NotIp,
        Ok(Some((network, length))) => {
            let captured = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let header_len = u32::try_from(length).unwrap_or(u32::MAX);
            // Broken writers leave the original length at 0.
            let wire_len = frame.original_len.max(captured).saturating_sub(header_len);
            Link::Ip(Stripped { network, data: bytes.get(length..).unwrap_or_default(), wire_len })
        }
    }
}

/// The frame ends before it says what it carries.
struct Ended;

type Header = Result<Option<(Network, usize)>, Ended>;

/// Follows an Ethernet type at `type_at` in a header of `length` bytes through VLAN tags, and
/// through what access networks put between Ethernet and IP.
fn behind_type(bytes: &[u8], type_at: usize, length: usize) -> Header {
    let mut kind = u16_at(bytes, type_at).ok_or(Ended)?;
    let mut length = length;
    for _ in 0..MAX_TAGS {
        if !VLAN.contains(&kind) {
            break;
        }
        kind = u16_at(bytes, length + 2).ok_or(Ended)?;
        length += 4;
    }
    if bytes.len() < length {
        return Err(Ended);
    }
    match kind {
        IPV4 => Ok(Some((Network::Ipv4, length))),
        IPV6 => Ok(Some((Network::Ipv6, length))),
        PPPOE => behind_ppp(bytes, length + 6),
        _ if MPLS.contains(&kind) => behind_labels(bytes, length),
        _ => Ok(None),
    }
}

/// Reads the protocol field of PPP (RFC 1661, section 2), which PPPoE does not compress.
fn behind_ppp(bytes: &[u8], at: usize) -> Header {
    Ok(match u16_at(bytes, at).ok_or(Ended)? {
        0x0021 => Some((Network::Ipv4, at + 2)),
        0x0057 => Some((Network::Ipv6, at + 2)),
        _ => None,
    })
}

/// Follows labels to the bottom of the stack (RFC 3032, section 2.1). Nothing there says what is
/// behind; a first nibble of 4 or 6 is IP (RFC 4385, section 1.1).
fn behind_labels(bytes: &[u8], at: usize) -> Header {
    for label in 0..MAX_TAGS {
        let length = at + 4 * (label + 1);
        let is_bottom = bytes.get(length - 2).ok_or(Ended)? & 1 == 1;
        if is_bottom {
            return Ok(match bytes.get(length).ok_or(Ended)? >> 4 {
                4 => Some((Network::Ipv4, length)),
                6 => Some((Network::Ipv6, length)),
                _ => None,
            });
        }
    }
    Ok(None)
}

/// Reads an address family in whichever byte order makes it one: families are small numbers.
fn behind_family(bytes: &[u8]) -> Header {
    let field = *bytes.first_chunk::<4>().ok_or(Ended)?;
    let family = u32::from_be_bytes(field).min(u32::from_le_bytes(field));
    Ok(match family {
        2 => Some((Network::Ipv4, 4)),
        // Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS.
        10 | 23 | 24 | 28 | 30 => Some((Network::Ipv6, 4)),
        _ => None,
    })
}

/// The version by the first nibble. A frame that says neither is malformed IPv4: the link type
/// promises IP, so that its bytes must count.
fn by_version(bytes: &[u8]) -> Network {
    if bytes.first().is_some_and(|first| first >> 4 == 6) { Network::Ipv6 } else { Network::Ipv4 }
}
