//! IPv4 headers (RFC 791).

use std::net::{IpAddr, Ipv4Addr};

use super::{Datagram, Fragment, Length, ipv6::AUTHENTICATION, u16_at};

/// Length of a header without options.
const HEADER: usize = 20;

/// Decodes a packet; it is malformed if it is not IPv4 or its addresses were not captured.
pub(super) fn decode(data: &[u8], wire_len: u32) -> Datagram<'_> {
    let version = data.first().map(|first| first >> 4);
    let claimed = if version == Some(4) { u16_at(data, 2).map(u32::from) } else { None };
    let length = Length::new(claimed, wire_len, data.len());
    if version != Some(4) {
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        return Datagram::malformed(unknown, unknown, 0, length);
    }
    let (src, dst) = (address(data, 12), address(data, 16));
    let protocol_number = data.get(9).copied().unwrap_or_default();
    let header = usize::from(data[0] & 0x0f) * 4;
    let body_len = u32::try_from(header).ok().and_then(|header| length.bytes.checked_sub(header));
    let (Some(body_len), true) = (body_len, header >= HEADER && data.len() >= HEADER) else {
        return Datagram::malformed(src, dst, protocol_number, length);
    };
    let body = length.trim(data).get(header..).unwrap_or_default();
    let (fragment, hop_limit) = (fragment(data), data[8]);
    let mut datagram =
        Datagram { src, dst, protocol_number, length, body, body_len, fragment, malformed: false, hop_limit };
    skip_authentication(&mut datagram);
    datagram
}

/// Reads identification, the flag that more fragments follow, and the offset.
fn fragment(data: &[u8]) -> Option<Fragment> {
    let flags = u16_at(data, 6)?;
    let (more, offset) = (flags & 0x2000 != 0, flags & 0x1fff);
    if !more && offset == 0 {
        return None;
    }
    Some(Fragment {
        id: u32::from(u16_at(data, 4)?),
        offset: u32::from(offset) * 8,
        more,
        protocol_number: *data.get(9)?,
    })
}

/// Skips an authentication header (RFC 4302), after which the transport is readable.
fn skip_authentication(datagram: &mut Datagram<'_>) {
    if datagram.protocol_number != AUTHENTICATION || datagram.fragment.is_some_and(|fragment| fragment.offset > 0) {
        return;
    }
    let body = std::mem::take(&mut datagram.body);
    // A truncated header, or one that exceeds the packet, hides the transport.
    let Some(&[next, words]) = body.first_chunk::<2>() else { return };
    let header = (u32::from(words) + 2) * 4;
    let (Some(body), Some(body_len)) = (body.get(header as usize..), datagram.body_len.checked_sub(header)) else {
        return;
    };
    datagram.protocol_number = next;
    datagram.body = body;
    datagram.body_len = body_len;
}

fn address(data: &[u8], at: usize) -> IpAddr {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk::<4>);
    IpAddr::V4(bytes.map_or(Ipv4Addr::UNSPECIFIED, |bytes| Ipv4Addr::from(*bytes)))
}
