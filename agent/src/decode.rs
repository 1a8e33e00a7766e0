//! Decodes frames to IP packets, with the length that counts.
//!
//! Every frame with an IP packet becomes a [`Packet`], even if damaged, so that the bytes of all packets add up to the
//! bytes of the capture. Every other frame is counted by its kind. Nothing is buffered or reassembled.

mod fragments;
mod frame_kind;
mod ipv4;
mod ipv6;
mod link;
#[cfg(test)]
mod tests;
mod transport;

use std::net::IpAddr;

use jiff::Timestamp;
use landfall_observation::Transport;

pub use self::frame_kind::{FrameKind, FrameKinds, Wireless};
use self::{
    fragments::{Fragments, Ports},
    link::Network,
    transport::Segment,
};
use crate::{
    packet::{self, LinkEnds, Packet},
    source::Frame,
};

/// The headers that are decoded between the link header and IP, for messages.
pub const ENCAPSULATIONS_READ: &str = "VLAN tags (802.1Q, 802.1ad), provider bridges (802.1ah), VN-Tag, FabricPath, \
     TRILL, HSR, R-Tag, Cisco MetaData, MACsec without encryption, LLC/SNAP, PPPoE and MPLS (also before Ethernet)";

/// Decodes frames; remembers the ports of fragmented datagrams.
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: Fragments,
    counters: DecodeCounters,
    not_ip: FrameKinds,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// An IP packet; a malformed one is decoded as far as possible.
    Packet(Packet<'a>),
    /// Something else, such as ARP, or a frame that is truncated in its link header. Its bytes are not counted.
    NotIp(FrameKind),
}

/// Counters of frames and packets, and of anomalies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecodeCounters {
    /// All frames.
    pub frames: u64,
    /// Frames that carry IP.
    pub packets: u64,
    /// Their bytes.
    pub ip_bytes: u64,
    /// IP packets that cannot be decoded.
    pub malformed: u64,
    /// IP packets that the capture truncated.
    pub truncated: u64,
    /// IP packets whose length was taken from the frame.
    pub length_from_frame: u64,
    /// Transport headers that contradict themselves or do not fit their packet.
    pub malformed_transports: u64,
    /// Fragments of IP datagrams.
    pub fragments: u64,
    /// Fragments with unknown ports, because the first fragment of their datagram came later or never.
    pub orphan_fragments: u64,
    /// Fragmented datagrams that were evicted early to free memory.
    pub forgotten_datagrams: u64,
}

/// An IP packet as far as the header of its transport.
struct Datagram<'a> {
    src: IpAddr,
    dst: IpAddr,
    protocol_number: u8,
    length: Length,
    /// The captured bytes after the IP headers.
    body: &'a [u8],
    /// Length of `body` on the wire.
    body_len: u32,
    fragment: Option<Fragment>,
    malformed: bool,
    hop_limit: u8,
}

/// How long an IP packet is.
#[derive(Clone, Copy)]
struct Length {
    bytes: u32,
    from_frame: bool,
    truncated: bool,
}

/// Which part of a datagram a packet holds.
#[derive(Clone, Copy)]
struct Fragment {
    id: u32,
    /// Where it begins, in bytes.
    offset: u32,
    /// Whether further parts follow.
    more: bool,
    /// The protocol number that all fragments of the datagram carry.
    protocol_number: u8,
}

// === impl Decoder ===

impl Decoder {
    /// A decoder without state.
    pub fn new() -> Self {
        Self::default()
    }

    /// The counters so far.
    pub fn counters(&self) -> DecodeCounters {
        DecodeCounters { forgotten_datagrams: self.fragments.forgotten(), ..self.counters }
    }

    /// The frames without IP, by kind.
    pub fn not_ip(&self) -> &FrameKinds {
        &self.not_ip
    }

    /// Decodes one frame.
    pub fn decode<'a>(&mut self, frame: &Frame<'a>) -> Decoded<'a> {
        self.counters.frames += 1;
        let stripped = match link::strip(frame) {
            link::Link::Ip(stripped) => stripped,
            link::Link::NotIp(kind) => {
                self.not_ip.count(kind);
                return Decoded::NotIp(kind);
            }
        };
        let link::Stripped { network, data, wire_len } = stripped;
        let datagram = match network {
            Network::Ipv4 => ipv4::decode(data, wire_len),
            Network::Ipv6 => ipv6::decode(data, wire_len),
        };
        let packet = self.packet(frame.at, &datagram);
        self.count(&packet);
        Decoded::Packet(packet)
    }

    fn packet<'a>(&mut self, at: Timestamp, datagram: &Datagram<'a>) -> Packet<'a> {
        let &Datagram { src, dst, protocol_number, length, body, body_len, fragment, malformed, hop_limit } = datagram;
        let mut packet = Packet {
            at,
            src,
            dst,
            transport: Transport::Other,
            protocol_number,
            src_port: 0,
            dst_port: 0,
            tcp: None,
            payload: &[],
            icmpv6_type: None,
            link_broadcast: false,
            payload_len: 0,
            ip_bytes: length.bytes,
            length_from_frame: length.from_frame,
            truncated: length.truncated,
            malformed,
            hop_limit,
            fragment: None,
            link: LinkEnds::default(),
        };
        if malformed {
            return packet;
        }
        packet.fragment = fragment.map(|Fragment { id, offset, more, protocol_number }| packet::Fragment {
            id,
            protocol_number,
            offset,
            more,
            body,
            body_len,
        });
        match fragment {
            Some(fragment) if fragment.offset > 0 => self.later_fragment(&mut packet, fragment),
            _ => {
                let segment = transport::decode(protocol_number, src.is_ipv6(), body, body_len);
                self.whole_or_first(&mut packet, &segment, fragment);
            }
        }
        packet
    }

    fn whole_or_first<'a>(&mut self, packet: &mut Packet<'a>, segment: &Segment<'a>, fragment: Option<Fragment>) {
        packet.transport = segment.transport;
        packet.tcp = segment.tcp;
        packet.icmpv6_type = segment.icmpv6_type;
        packet.payload_len = segment.payload_len;
        if let Some((src_port, dst_port)) = segment.ports {
            packet.src_port = src_port;
            packet.dst_port = dst_port;
        }
        let Some(fragment) = fragment else {
            packet.payload = segment.payload;
            self.counters.malformed_transports += u64::from(segment.malformed);
            return;
        };
        self.counters.fragments += 1;
        if segment.ports.is_some() || !transport::has_ports(segment.transport) {
            let ports = Ports {
                transport: packet.transport,
                protocol_number: packet.protocol_number,
                src_port: packet.src_port,
                dst_port: packet.dst_port,
            };
            self.fragments.remember(packet, fragment, ports);
        } else {
            self.counters.orphan_fragments += 1;
        }
    }

    fn later_fragment(&mut self, packet: &mut Packet<'_>, fragment: Fragment) {
        self.counters.fragments += 1;
        if let Some(ports) = self.fragments.recall(packet, fragment) {
            packet.transport = ports.transport;
            packet.protocol_number = ports.protocol_number;
            packet.src_port = ports.src_port;
            packet.dst_port = ports.dst_port;
        } else {
            packet.transport = transport::from_protocol_number(packet.protocol_number, packet.src.is_ipv6());
            self.counters.orphan_fragments += u64::from(transport::has_ports(packet.transport));
        }
    }

    fn count(&mut self, packet: &Packet<'_>) {
        self.counters.packets += 1;
        self.counters.ip_bytes += u64::from(packet.ip_bytes);
        self.counters.malformed += u64::from(packet.malformed);
        self.counters.truncated += u64::from(packet.truncated);
        self.counters.length_from_frame += u64::from(packet.length_from_frame);
    }
}

// === impl Length ===

impl Length {
    /// The length in an IP header. If it is 0, as with segmentation offload, or beyond the frame, the frame's length is
    /// used instead.
    fn new(claimed: Option<u32>, wire_len: u32, captured: usize) -> Self {
        let (bytes, from_frame) = match claimed {
            Some(claimed) if claimed != 0 && claimed <= wire_len => (claimed, false),
            _ => (wire_len, true),
        };
        Self { bytes, from_frame, truncated: captured < bytes as usize }
    }

    /// The captured bytes of the packet, without link-layer padding.
    fn trim(self, data: &[u8]) -> &[u8] {
        &data[..data.len().min(self.bytes as usize)]
    }
}

// === impl Datagram ===

impl Datagram<'_> {
    /// A packet that cannot be decoded further.
    fn malformed(src: IpAddr, dst: IpAddr, protocol_number: u8, length: Length) -> Self {
        let (body, body_len): (&[u8], u32) = (&[], 0);
        Self { src, dst, protocol_number, length, body, body_len, fragment: None, malformed: true, hop_limit: 0 }
    }
}

/// A packet with the transport of the whole datagram that it completes: `body` is all that is behind the IP headers.
pub(crate) fn completed<'a>(packet: Packet<'_>, protocol_number: u8, body: &'a [u8]) -> Packet<'a> {
    let body_len = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let Segment { transport, ports, tcp, icmpv6_type, payload, payload_len, malformed: _ } =
        transport::decode(protocol_number, packet.src.is_ipv6(), body, body_len);
    let (src_port, dst_port) = ports.unwrap_or((packet.src_port, packet.dst_port));
    Packet {
        transport,
        protocol_number,
        src_port,
        dst_port,
        tcp,
        icmpv6_type,
        payload,
        payload_len,
        fragment: None,
        ..packet
    }
}

/// A number in network byte order.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A number in network byte order.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
