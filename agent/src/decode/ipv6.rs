//! IPv6 headers and their extension headers (RFC 8200).

use std::net::{IpAddr, Ipv6Addr};

use super::{Datagram, Fragment, Length, u16_at, u32_at};

/// Length of the fixed header.
const HEADER: usize = 40;

/// Header numbers.
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
pub(super) const AUTHENTICATION: u8 = 51;
const NO_NEXT_HEADER: u8 = 59;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

/// Option of a jumbogram (RFC 2675).
const JUMBO: u8 = 0xc2;

/// The end of the chain of extension headers.
struct End {
    protocol_number: u8,
    /// Offset from the end of the fixed header.
    at: usize,
    fragment: Option<Fragment>,
}

/// Why the end of a chain cannot be found.
enum Broken {
    /// A header exceeds the packet.
    Malformed,
    /// A header with this number was truncated by the capture.
    Cut(u8),
}

/// Decodes a packet; it is malformed if it is not IPv6 or its addresses were not captured.
pub(super) fn decode(data: &[u8], wire_len: u32) -> Datagram<'_> {
    let version = data.first().map(|first| first >> 4);
    let claimed = if version == Some(6) { claimed_length(data) } else { None };
    let length = Length::new(claimed, wire_len, data.len());
    if version != Some(6) {
        let unknown = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        return Datagram::malformed(unknown, unknown, 0, length);
    }
    let (src, dst) = (address(data, 8), address(data, 24));
    let next = data.get(6).copied().unwrap_or_default();
    if data.len() < HEADER || (length.bytes as usize) < HEADER {
        return Datagram::malformed(src, dst, next, length);
    }
    let behind = &length.trim(data)[HEADER..];
    let wire_behind = length.bytes as usize - HEADER;
    let (end, body) = match walk(next, behind, wire_behind) {
        Ok(end) => {
            let body = behind.get(end.at..).unwrap_or_default();
            (end, body)
        }
        Err(Broken::Malformed) => return Datagram::malformed(src, dst, next, length),
        Err(Broken::Cut(protocol_number)) => (End { protocol_number, at: wire_behind, fragment: None }, &[][..]),
    };
    let End { protocol_number, at, fragment } = end;
    let body_len = u32::try_from(wire_behind.saturating_sub(at)).unwrap_or(u32::MAX);
    let hop_limit = data[7];
    Datagram { src, dst, protocol_number, length, body, body_len, fragment, malformed: false, hop_limit }
}

/// The packet's length according to its headers; `None` if they do not state it.
fn claimed_length(data: &[u8]) -> Option<u32> {
    let fixed = u32::try_from(HEADER).ok()?;
    match (u16_at(data, 4)?, data.get(6).copied()) {
        (0, Some(HOP_BY_HOP)) => jumbo_length(data.get(HEADER..)?)?.checked_add(fixed),
        (0, Some(NO_NEXT_HEADER)) => Some(fixed),
        (0, _) => None,
        (payload, _) => Some(u32::from(payload) + fixed),
    }
}

/// Finds the jumbo payload option in a hop-by-hop header.
fn jumbo_length(header: &[u8]) -> Option<u32> {
    let length = (usize::from(*header.get(1)?) + 1) * 8;
    let mut options = header.get(2..length)?;
    while let Some((&kind, rest)) = options.split_first() {
        if kind == 0 {
            // One byte of padding, which alone has no length.
            options = rest;
            continue;
        }
        let (&size, rest) = rest.split_first()?;
        if kind == JUMBO && size == 4 {
            return u32_at(rest, 0);
        }
        options = rest.get(usize::from(size)..)?;
    }
    None
}

/// Walks extension headers from `next`. Each takes at least eight bytes, which bounds the walk.
fn walk(next: u8, behind: &[u8], wire_behind: usize) -> Result<End, Broken> {
    let mut end = End { protocol_number: next, at: 0, fragment: None };
    loop {
        let kind = end.protocol_number;
        let is_extension = matches!(
            kind,
            HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY | HOST_IDENTITY | SHIM6
        );
        if !is_extension {
            return Ok(end);
        }
        let missing = |needed: usize| if end.at + needed > wire_behind { Broken::Malformed } else { Broken::Cut(kind) };
        let header = behind.get(end.at..).unwrap_or_default();
        let Some(&[next, units]) = header.first_chunk::<2>() else { return Err(missing(2)) };
        let length = match kind {
            FRAGMENT => 8,
            AUTHENTICATION => (usize::from(units) + 2) * 4,
            _ => (usize::from(units) + 1) * 8,
        };
        let Some(header) = header.get(..length) else { return Err(missing(length)) };
        end.protocol_number = next;
        end.at += length;
        if kind == FRAGMENT
            && let Some(fragment) = fragment(header, next)
        {
            end.fragment = Some(fragment);
            if fragment.offset > 0 {
                return Ok(end);
            }
        }
    }
}

/// Reads a fragment header; a datagram in a single fragment (RFC 6946) is not fragmented.
fn fragment(header: &[u8], protocol_number: u8) -> Option<Fragment> {
    let field = u16_at(header, 2)?;
    let (offset, more) = (field >> 3, field & 1 != 0);
    if offset == 0 && !more {
        return None;
    }
    Some(Fragment { id: u32_at(header, 4)?, offset: u32::from(offset) * 8, more, protocol_number })
}

fn address(data: &[u8], at: usize) -> IpAddr {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk::<16>);
    IpAddr::V6(bytes.map_or(Ipv6Addr::UNSPECIFIED, |bytes| Ipv6Addr::from(*bytes)))
}
