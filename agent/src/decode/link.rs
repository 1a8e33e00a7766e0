//! Link headers: their length, and what follows them.
//!
//! Headers are followed in any order of nesting until one announces IP. The IP header's length takes precedence over
//! theirs: bytes after the packet are padding.

mod ethernet;
mod llc;
mod mpls;
mod nflog;
mod ppp;
mod wireless;

use super::{frame_kind::FrameKind, u16_at};
use crate::source::{Frame, LinkType};

/// Maximum number of nested headers; half a dozen are common at interconnections of providers.
const MAX_HEADERS: usize = 24;

/// Hardware types (ARPHRD) of Linux whose frames have no EtherType in a cooked header.
const RADIOTAP: u16 = 803;
const NETLINK: u16 = 824;
/// Protocols of Linux below all EtherTypes: an LLC header follows; and where those begin.
const LLC: u16 = 0x0004;
const FIRST_ETHER_TYPE: u16 = 0x0600;

/// What follows a link header.
pub(super) enum Link<'a> {
    Ip(Stripped<'a>),
    NotIp(FrameKind),
}

/// A frame without its link header.
pub(super) struct Stripped<'a> {
    pub(super) network: Network,
    pub(super) data: &'a [u8],
    /// Length on the wire; more than `data.len()` if the frame was truncated.
    pub(super) wire_len: u32,
}

/// Version of IP according to the link header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    Ipv4,
    Ipv6,
}

/// The kind of the next header, and its offset.
enum Next {
    /// Two addresses, and an EtherType or a length.
    Ethernet(usize),
    /// What an EtherType names. Below 0x0600 it is a length (IEEE 802.3, 3.2.6).
    Type(u16, usize),
    /// A logical link control header.
    Llc(usize),
    /// The protocol field of PPP.
    Ppp(usize),
    /// A stack of MPLS labels.
    Labels(usize),
    /// A frame of IEEE 802.11; whether its header is padded to a multiple of four bytes.
    Wireless(usize, bool),
    Ip(Network, usize),
    NotIp(FrameKind),
}

/// The frame ends before its payload type.
struct Ended;

type Step = Result<Next, Ended>;

/// Where the headers end.
enum Behind {
    Ip(Network, usize),
    NotIp(FrameKind),
}

/// Removes the link header.
pub(super) fn strip<'a>(frame: &Frame<'a>) -> Link<'a> {
    if frame.link == LinkType::Nflog {
        return nflog::strip(frame.data).unwrap_or(Link::NotIp(FrameKind::Cut));
    }
    let bytes = frame.data;
    match first(frame.link, bytes).and_then(|next| follow(bytes, next)) {
        Err(Ended) => Link::NotIp(FrameKind::Cut),
        Ok(Behind::NotIp(kind)) => Link::NotIp(kind),
        Ok(Behind::Ip(network, length)) => {
            let captured = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let header_len = u32::try_from(length).unwrap_or(u32::MAX);
            // Broken writers leave the original length at 0.
            let wire_len = frame.original_len.max(captured).saturating_sub(header_len);
            Link::Ip(Stripped { network, data: bytes.get(length..).unwrap_or_default(), wire_len })
        }
    }
}

/// What a frame of a link type begins with.
fn first(link: LinkType, bytes: &[u8]) -> Step {
    Ok(match link {
        LinkType::Ethernet => Next::Ethernet(0),
        LinkType::LinuxSll => return cooked(bytes, 2, 14, 16),
        LinkType::LinuxSll2 => return cooked(bytes, 8, 0, 20),
        LinkType::Protocol(number) => by_protocol(number, 0),
        LinkType::Null | LinkType::Loop => return behind_family(bytes),
        LinkType::Raw => Next::Ip(by_version(bytes), 0),
        LinkType::Ipv4 => Next::Ip(Network::Ipv4, 0),
        LinkType::Ipv6 => Next::Ip(Network::Ipv6, 0),
        LinkType::Llc => Next::Llc(0),
        LinkType::Mpls => Next::Labels(0),
        LinkType::Ppp => return ppp::framed(bytes, 0),
        LinkType::PppDirected => return ppp::framed(bytes, 1),
        LinkType::PppPppd => return ppp::framed_by_pppd(bytes),
        LinkType::CiscoHdlc => return ppp::behind_cisco_hdlc(bytes, 0),
        LinkType::Pppoe => return ppp::behind_session(bytes, 0),
        LinkType::Wireless => Next::Wireless(0, false),
        LinkType::Radiotap => return wireless::behind_radiotap(bytes, 0),
        // It lies among fields of its own, see above.
        LinkType::Nflog => Next::NotIp(FrameKind::Malformed),
        LinkType::Unread(number) => Next::NotIp(FrameKind::LinkType(number)),
    })
}

/// Follows headers up to IP or another payload.
fn follow(bytes: &[u8], mut next: Next) -> Result<Behind, Ended> {
    for _ in 0..MAX_HEADERS {
        next = match next {
            Next::Ip(network, at) => {
                return if bytes.len() < at { Err(Ended) } else { Ok(Behind::Ip(network, at)) };
            }
            Next::NotIp(kind) => return Ok(Behind::NotIp(kind)),
            header => behind(bytes, header)?,
        };
    }
    Ok(Behind::NotIp(FrameKind::TooDeep))
}

/// What follows a header.
fn behind(bytes: &[u8], header: Next) -> Step {
    match header {
        Next::Ethernet(at) => Ok(Next::Type(u16_at(bytes, at + 12).ok_or(Ended)?, at + 14)),
        Next::Type(kind, at) => ethernet::behind(bytes, kind, at),
        Next::Llc(at) => llc::behind(bytes, at),
        Next::Ppp(at) => ppp::behind(bytes, at),
        Next::Labels(at) => mpls::behind(bytes, at),
        Next::Wireless(at, is_padded) => wireless::behind(bytes, at, is_padded),
        Next::Ip(..) | Next::NotIp(_) => Ok(header),
    }
}

/// Reads a cooked header: where its hardware type and its protocol stand, and its length. libpcap
/// puts a VLAN tag back in.
fn cooked(bytes: &[u8], hardware_at: usize, protocol_at: usize, length: usize) -> Step {
    let field = |at| u16_at(bytes, at).ok_or(Ended);
    match field(hardware_at)? {
        NETLINK => Ok(Next::NotIp(FrameKind::LinkType(253))),
        RADIOTAP => wireless::behind_radiotap(bytes, length),
        _ => Ok(by_protocol(field(protocol_at)?, length)),
    }
}

/// What a protocol of Linux names: an EtherType, or one of its own numbers below them.
fn by_protocol(number: u16, at: usize) -> Next {
    match number {
        LLC => Next::Llc(at),
        FIRST_ETHER_TYPE.. => Next::Type(number, at),
        _ => Next::NotIp(FrameKind::EtherType(number)),
    }
}

/// Reads an address family in whichever byte order makes it one: families are small numbers.
fn behind_family(bytes: &[u8]) -> Step {
    let field = *bytes.first_chunk::<4>().ok_or(Ended)?;
    let family = u32::from_be_bytes(field).min(u32::from_le_bytes(field));
    Ok(match family {
        2 => Next::Ip(Network::Ipv4, 4),
        // Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS.
        10 | 23 | 24 | 28 | 30 => Next::Ip(Network::Ipv6, 4),
        _ => Next::NotIp(FrameKind::Family(family)),
    })
}

/// The version by the first nibble. A frame that says neither is malformed IPv4: the link type
/// promises IP, so that its bytes must count.
fn by_version(bytes: &[u8]) -> Network {
    if bytes.first().is_some_and(|first| first >> 4 == 6) { Network::Ipv6 } else { Network::Ipv4 }
}
