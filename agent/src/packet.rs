//! A decoded IP packet, the output of the decoder and input of the flow table.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use jiff::Timestamp;
use landfall_observation::Transport;

/// An IP packet, decoded up to its transport header. Its `Debug` shows only the length of the payload.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one packet")]
pub struct Packet<'a> {
    /// When it was captured.
    pub at: Timestamp,
    /// Sender, or the unspecified address if the IP header cannot be decoded.
    pub src: IpAddr,
    /// Receiver, or the unspecified address if the IP header cannot be decoded.
    pub dst: IpAddr,
    /// Transport protocol.
    pub transport: Transport,
    /// IP protocol number, to distinguish the flows of [`Transport::Other`].
    pub protocol_number: u8,
    /// Port of the sender; 0 where there is none (ICMP, orphaned fragments).
    pub src_port: u16,
    /// Port of the receiver; 0 where there is none.
    pub dst_port: u16,
    /// TCP's sequence number and flags.
    pub tcp: Option<TcpHeader>,
    /// Payload of the transport, as far as it was captured. Empty for fragments, except for one that completes its
    /// datagram in [`crate::fragments`].
    pub payload: &'a [u8],
    /// Type of an ICMPv6 message; `None` for fragments.
    pub icmpv6_type: Option<u8>,
    /// Whether its frame was a link-layer broadcast.
    pub link_broadcast: bool,
    /// Length of the payload on the wire; more than `payload.len()` if the frame was truncated.
    pub payload_len: u32,
    /// IP total length; byte counts are sums of it.
    pub ip_bytes: u32,
    /// Whether the length had to be taken from the frame instead of the IP header.
    pub length_from_frame: bool,
    /// Whether the capture truncated the frame.
    pub truncated: bool,
    /// Whether the IP packet is malformed; such packets are flows of their own.
    pub malformed: bool,
    /// Time to live or hop limit, as captured; 0 if the header cannot be decoded.
    pub hop_limit: u8,
    /// Which part of a datagram it is, if it is a fragment.
    pub fragment: Option<Fragment<'a>>,
    /// The MAC addresses of the frame.
    pub link: LinkEnds,
}

/// A part of an IP datagram. Its `Debug` shows only the length of its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// Identification, the same for all parts.
    pub id: u32,
    /// Protocol number that all parts carry.
    pub protocol_number: u8,
    /// Where it begins, in bytes.
    pub offset: u32,
    /// Whether further parts follow.
    pub more: bool,
    /// Its captured bytes. The first part of a datagram begins with the transport header; further IP headers before
    /// that are left out.
    pub body: &'a [u8],
    /// Length of `body` on the wire.
    pub body_len: u32,
}

/// A MAC address of one network interface (EUI-48).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkAddress([u8; 6]);

/// The link-layer addresses of a frame, as far as it has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkEnds {
    /// Address of the sender: the packet's source, or the router that forwards it.
    pub src: Option<LinkAddress>,
    /// Address of the receiver: the packet's destination, or the router that will forward it.
    pub dst: Option<LinkAddress>,
}

/// The multicast address and ports of UPnP and WS-Discovery (UPnP Device Architecture 1.1, section 1.1; WS-Discovery
/// 1.1, section 2.4).
const DISCOVERY_V4: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);
const DISCOVERY_PORTS: [u16; 2] = [1900, 3702];
/// Maximum length of a neighbour solicitation or advertisement: headers, target, link-layer address of 8 octets, nonce,
/// timestamp.
const MAX_SOLICITATION: u32 = 40 + 24 + 16 + 8 + 16;
/// DHCP's ports (RFC 2131, 4.1): the server's or relay's, and the client's.
const DHCP_PORTS: [u16; 2] = [67, 68];

/// What the flow table and reassembly need of a TCP header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags of the header")]
pub struct TcpHeader {
    /// Sequence number of the first payload byte (of the SYN, if it is one).
    pub seq: u32,
    /// SYN flag.
    pub syn: bool,
    /// ACK flag.
    pub ack: bool,
    /// FIN flag.
    pub fin: bool,
    /// RST flag.
    pub rst: bool,
}

/// The direction of a packet in its flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the initiator to the responder.
    Out,
    /// From the responder to the initiator.
    Back,
}

/// The key of a flow; `src` is the initiator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowKey {
    /// Transport protocol.
    pub transport: Transport,
    /// IP protocol number.
    pub protocol_number: u8,
    /// The initiator's address.
    pub src: IpAddr,
    /// The initiator's port.
    pub src_port: u16,
    /// The responder's address.
    pub dst: IpAddr,
    /// The responder's port.
    pub dst_port: u16,
}

impl LinkAddress {
    /// A unicast address; `None` for group addresses and for the zeros of virtual links.
    pub fn from_octets(bytes: [u8; 6]) -> Option<Self> {
        let is_group = bytes[0] & 1 == 1;
        (!is_group && bytes != [0; 6]).then_some(Self(bytes))
    }
}

impl fmt::Debug for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, protocol_number, offset, more, body, body_len } = self;
        let body = format_args!("{} bytes", body.len());
        f.debug_struct("Fragment")
            .field("id", id)
            .field("protocol_number", protocol_number)
            .field("offset", offset)
            .field("more", more)
            .field("body", &body)
            .field("body_len", body_len)
            .finish()
    }
}

impl FlowKey {
    /// Whether it is link-local, so that no router forwards it and nobody beyond the link receives it: link-local or
    /// interface-local multicast (RFC 5771, section 4; RFC 4291, section 2.7), limited broadcast (RFC 919, section 7),
    /// link-local addresses (RFC 3927, section 2.6; RFC 4291, section 2.5.6), DHCP, and service discovery.
    pub fn stays_on_link(&self) -> bool {
        let [src, dst] = [self.src, self.dst].map(|address| address.to_canonical());
        let is_between = |ports: &[u16; 2]| ports.contains(&self.src_port) && ports.contains(&self.dst_port);
        let is_dhcp = self.transport == Transport::Udp && is_between(&DHCP_PORTS);
        let is_discovery = self.transport == Transport::Udp && DISCOVERY_PORTS.contains(&self.dst_port);
        [src, dst].into_iter().any(is_of_link)
            || is_own_v4(dst)
            || (is_dhcp && [src, dst].into_iter().all(is_private_v4))
            || (is_discovery && is_discovery_group(dst))
    }
}

impl Packet<'_> {
    /// Whether it is link-local regardless of its addresses: a link-layer broadcast, which routers do not forward (RFC
    /// 1812, section 5.3.4), or a neighbour solicitation or advertisement, which can also have addresses of other
    /// scopes (RFC 4861, sections 4.3 and 4.4). All other messages of neighbour discovery and multicast listener
    /// discovery have a link-local address. A solicitation that is too long does not count, because it may carry other
    /// data.
    pub fn stays_on_link(&self) -> bool {
        self.link_broadcast || (matches!(self.icmpv6_type, Some(135 | 136)) && self.ip_bytes <= MAX_SOLICITATION)
    }
}

/// Link-local multicast, limited broadcast, and IPv6 link-local addresses.
fn is_of_link(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => matches!(v4.octets(), [224, 0, 0, _]) || v4.is_broadcast(),
        // The scope, whatever the flags: 1 is the interface, 2 the link.
        IpAddr::V6(v6) => v6.is_unicast_link_local() || (v6.is_multicast() && matches!(v6.segments()[0] & 0xf, 1 | 2)),
    }
}

/// A link-local IPv4 address that a host assigned to itself, or of a service on its own node (the DNS cache of
/// Kubernetes nodes is 169.254.20.10). Excludes services of the cloud provider, who is another party: metadata, DNS and
/// time (169.254.169.0/24 at AWS, Azure, Google and others), credentials (169.254.170.0/24 at AWS), block storage
/// (169.254.0.0/24 and 169.254.2.0/24 at Oracle). As a source alone it shows nothing: pods of IPv6 clusters on AWS send
/// from 169.254.172.0/22 through NAT to any destination.
fn is_own_v4(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_link_local() && !matches!(v4.octets()[2], 0 | 2 | 169 | 170))
}

/// Whether a host can have it before or after DHCP assigned an address: private, unspecified or link-local.
fn is_private_v4(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_private() || v4.is_unspecified() || v4.is_link_local())
}

fn is_discovery_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4 == DISCOVERY_V4,
        // ff0X::c up to site-local scope (5); link-local ones are recognised by their scope.
        IpAddr::V6(v6) => v6.segments()[1..] == [0, 0, 0, 0, 0, 0, 0xc] && matches!(v6.segments()[0], 0xff03..=0xff05),
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = format_args!("{} bytes", self.payload.len());
        f.debug_struct("Packet")
            .field("at", &self.at)
            .field("src", &self.src)
            .field("dst", &self.dst)
            .field("transport", &self.transport)
            .field("protocol_number", &self.protocol_number)
            .field("src_port", &self.src_port)
            .field("dst_port", &self.dst_port)
            .field("tcp", &self.tcp)
            .field("icmpv6_type", &self.icmpv6_type)
            .field("link_broadcast", &self.link_broadcast)
            .field("payload", &payload)
            .field("payload_len", &self.payload_len)
            .field("ip_bytes", &self.ip_bytes)
            .field("length_from_frame", &self.length_from_frame)
            .field("truncated", &self.truncated)
            .field("malformed", &self.malformed)
            .field("hop_limit", &self.hop_limit)
            .field("fragment", &self.fragment)
            .field("link", &self.link)
            .finish()
    }
}

#[cfg(test)]
impl Packet<'static> {
    /// A packet from a flow's initiator, of 40 bytes and without flags and payload, for tests.
    pub(crate) fn for_flow(key: &FlowKey, at: Timestamp) -> Self {
        let &FlowKey { transport, protocol_number, src, src_port, dst, dst_port } = key;
        Self {
            at,
            src,
            dst,
            transport,
            protocol_number,
            src_port,
            dst_port,
            tcp: None,
            payload: &[],
            icmpv6_type: None,
            link_broadcast: false,
            payload_len: 0,
            ip_bytes: 40,
            length_from_frame: false,
            truncated: false,
            malformed: false,
            hop_limit: 64,
            fragment: None,
            link: LinkEnds::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(src: &str, dst: &str, ports: [u16; 2]) -> FlowKey {
        let [src, dst] = [src, dst].map(|text| text.parse().unwrap());
        let [src_port, dst_port] = ports;
        FlowKey { transport: Transport::Udp, protocol_number: 17, src, src_port, dst, dst_port }
    }

    fn stays_on_link(src: &str, dst: &str) -> bool {
        key(src, dst, [5353, 5353]).stays_on_link()
    }

    #[test]
    fn what_no_router_passes_on_stays_on_the_link() {
        for dst in ["224.0.0.1", "224.0.0.22", "224.0.0.251", "255.255.255.255", "::ffff:224.0.0.22"] {
            assert!(stays_on_link("192.0.2.1", dst), "{dst}");
        }
        for dst in ["ff01::1", "ff02::16", "ff02::1:ff00:9", "ff12::1234", "ff32:30:2001:db8::1", "fe80::1"] {
            assert!(stays_on_link("2001:db8::1", dst), "{dst}");
            assert!(stays_on_link("fe80::2", dst), "{dst}");
        }
        // A router answers from its link-local address.
        assert!(stays_on_link("fe80::1", "2001:db8::1"));
        // The ports may make it the initiator.
        assert!(stays_on_link("224.0.0.252", "192.0.2.1"));
        // Hosts with self-assigned addresses, and the DNS cache of the own node.
        for (src, dst) in [
            ("169.254.7.9", "169.254.8.1"),
            ("169.254.7.9", "169.254.255.255"),
            ("10.0.0.7", "169.254.20.10"),
            ("10.0.0.7", "169.254.1.1"),
        ] {
            assert!(stays_on_link(src, dst), "{src} {dst}");
        }
    }

    #[test]
    fn what_a_router_may_pass_on_does_not() {
        let others = ["224.0.1.1", "225.0.0.1", "239.255.255.250", "192.0.2.255", "0.0.0.0"];
        for dst in others.into_iter().chain(["ff05::2", "ff0e::101", "ff08::1", "fec0::1", "2001:db8::2"]) {
            assert!(!stays_on_link("192.0.2.1", dst), "{dst}");
        }
    }

    #[test]
    fn behind_some_addresses_of_the_link_a_cloud_answers() {
        for dst in ["169.254.169.254", "169.254.169.253", "169.254.170.2", "169.254.0.2", "169.254.2.3"] {
            assert!(!stays_on_link("10.0.0.7", dst), "{dst}");
        }
        // Pods behind NAT.
        for dst in ["203.0.113.9", "10.0.0.7", "169.254.169.254"] {
            assert!(!stays_on_link("169.254.172.5", dst), "{dst}");
        }
    }

    #[test]
    fn getting_an_address_and_looking_around_stays_on_the_link() {
        for (src, dst, ports) in [
            ("0.0.0.0", "10.0.0.1", [68, 67]),
            ("10.0.0.7", "10.0.0.1", [68, 67]),
            ("192.168.1.2", "239.255.255.250", [50_000, 1900]),
            ("192.168.1.2", "239.255.255.250", [50_000, 3702]),
            ("2001:db8::1", "ff05::c", [50_000, 1900]),
        ] {
            assert!(key(src, dst, ports).stays_on_link(), "{src} {dst} {ports:?}");
        }
        for (src, dst, ports) in [
            ("10.0.0.7", "203.0.113.1", [68, 67]),
            ("10.0.0.7", "10.0.0.1", [50_000, 67]),
            ("192.168.1.2", "203.0.113.1", [50_000, 1900]),
            ("192.168.1.2", "239.255.255.250", [50_000, 4000]),
            ("2001:db8::1", "ff0e::c", [50_000, 1900]),
        ] {
            assert!(!key(src, dst, ports).stays_on_link(), "{src} {dst} {ports:?}");
        }
        let over_tcp = FlowKey { transport: Transport::Tcp, ..key("10.0.0.7", "10.0.0.1", [68, 67]) };
        assert!(!over_tcp.stays_on_link());
    }

    #[test]
    fn a_frame_to_everybody_and_the_question_after_a_neighbour_stay_on_the_link() {
        let key =
            FlowKey { transport: Transport::Icmp, protocol_number: 58, ..key("2001:db8::1", "2001:db8::2", [0, 0]) };
        let echo = Packet { icmpv6_type: Some(128), ip_bytes: 72, ..Packet::for_flow(&key, Timestamp::UNIX_EPOCH) };
        assert!(!echo.stays_on_link());
        assert!(Packet { link_broadcast: true, ..echo }.stays_on_link());
        for solicitation in [135, 136] {
            let packet = Packet { icmpv6_type: Some(solicitation), ..echo };
            assert!(packet.stays_on_link());
            assert!(!Packet { ip_bytes: MAX_SOLICITATION + 1, ..packet }.stays_on_link());
        }
    }
}
