//! Transport headers: ports, TCP's flags, and where the payload begins.

use landfall_observation::Transport;

use super::{u16_at, u32_at};
use crate::packet::TcpHeader;

/// Header lengths.
const TCP: usize = 20;
const UDP: usize = 8;
const SCTP: usize = 12;
const ICMP: usize = 8;

/// A decoded transport header.
pub(super) struct Segment<'a> {
    pub(super) transport: Transport,
    /// Sender's and receiver's port, if the transport has them and they were captured.
    pub(super) ports: Option<(u16, u16)>,
    pub(super) tcp: Option<TcpHeader>,
    pub(super) icmpv6_type: Option<u8>,
    pub(super) payload: &'a [u8],
    /// Length of the payload on the wire.
    pub(super) payload_len: u32,
    /// Whether the header contradicts itself or its packet.
    pub(super) malformed: bool,
}

/// The transport of an IP protocol number.
pub(super) fn from_protocol_number(protocol_number: u8, ipv6: bool) -> Transport {
    match (protocol_number, ipv6) {
        (6, _) => Transport::Tcp,
        (17, _) => Transport::Udp,
        (132, _) => Transport::Sctp,
        (1, false) | (58, true) => Transport::Icmp,
        _ => Transport::Other,
    }
}

pub(super) fn has_ports(transport: Transport) -> bool {
    matches!(transport, Transport::Tcp | Transport::Udp | Transport::Sctp)
}

/// Decodes the header at the start of `body`, which is `body_len` bytes long on the wire.
pub(super) fn decode(protocol_number: u8, ipv6: bool, body: &[u8], body_len: u32) -> Segment<'_> {
    let transport = from_protocol_number(protocol_number, ipv6);
    let ports = if has_ports(transport) { u16_at(body, 0).zip(u16_at(body, 2)) } else { None };
    let icmpv6_type = if transport == Transport::Icmp && ipv6 { body.first().copied() } else { None };
    let segment = Segment { transport, ports, tcp: None, icmpv6_type, payload: &[], payload_len: 0, malformed: false };
    match transport {
        Transport::Tcp => tcp(segment, body, body_len),
        Transport::Udp => udp(segment, body, body_len),
        Transport::Sctp => segment.behind(SCTP, body, body_len),
        Transport::Icmp => segment.behind(ICMP, body, body_len),
        Transport::Other => segment.behind(0, body, body_len),
    }
}

fn tcp<'a>(segment: Segment<'a>, body: &'a [u8], body_len: u32) -> Segment<'a> {
    let (Some(seq), Some(offset_and_flags)) = (u32_at(body, 4), u16_at(body, 12)) else {
        let malformed = (body_len as usize) < TCP;
        return Segment { malformed, ..segment };
    };
    let header = usize::from(offset_and_flags >> 12) * 4;
    if header < TCP {
        return Segment { malformed: true, ..segment };
    }
    let flag = |bit: u16| offset_and_flags & (1 << bit) != 0;
    let (fin, syn, rst, ack) = (flag(0), flag(1), flag(2), flag(4));
    let segment = segment.behind(header, body, body_len);
    let tcp = if segment.malformed { None } else { Some(TcpHeader { seq, syn, ack, fin, rst }) };
    Segment { tcp, ..segment }
}

fn udp<'a>(segment: Segment<'a>, body: &'a [u8], body_len: u32) -> Segment<'a> {
    let Some(claimed) = u16_at(body, 4).map(u32::from) else {
        return segment.behind(UDP, body, body_len);
    };
    match claimed {
        // With offload and jumbograms it is 0; the payload then ends with the packet.
        0 => segment.behind(UDP, body, body_len),
        1..=7 => Segment { malformed: true, ..segment },
        _ if claimed > body_len => Segment { malformed: true, ..segment.behind(UDP, body, body_len) },
        _ => segment.behind(UDP, &body[..body.len().min(claimed as usize)], claimed),
    }
}

impl<'a> Segment<'a> {
    /// With the payload after a header of `header` bytes.
    fn behind(self, header: usize, body: &'a [u8], body_len: u32) -> Self {
        match (body_len as usize).checked_sub(header) {
            Some(rest) => {
                let payload_len = u32::try_from(rest).unwrap_or(u32::MAX);
                Self { payload: body.get(header..).unwrap_or_default(), payload_len, ..self }
            }
            None => Self { malformed: true, ..self },
        }
    }
}
