//! One decoded IP packet: what the decoder hands to the flow table.

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use landfall_observation::Transport;

/// An IP packet, decoded as far as its transport header. Its `Debug` tells the payload's length only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When it was captured.
    pub at: Timestamp,
    /// Sender, or the unspecified address if the IP header does not decode.
    pub src: IpAddr,
    /// Receiver, or the unspecified address if the IP header does not decode.
    pub dst: IpAddr,
    /// Transport protocol.
    pub transport: Transport,
    /// IP protocol number, to tell the flows of [`Transport::Other`] apart.
    pub protocol_number: u8,
    /// Port of the sender; 0 where there is none (ICMP, orphaned fragments).
    pub src_port: u16,
    /// Port of the receiver; 0 where there is none.
    pub dst_port: u16,
    /// TCP's sequence number and flags.
    pub tcp: Option<TcpHeader>,
    /// Payload of the transport, as far as it was captured. Empty for fragments.
    pub payload: &'a [u8],
    /// Length of the payload on the wire; more than `payload.len()` if the frame was cut off.
    pub payload_len: u32,
    /// IP total length, the number that counts.
    pub ip_bytes: u32,
    /// Whether the length had to be taken from the frame instead of the IP header.
    pub length_from_frame: bool,
    /// Whether the capture cut off the frame's end.
    pub truncated: bool,
    /// Whether the IP packet is malformed: it is accounted in a line of its own.
    pub malformed: bool,
}

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

/// Which way a packet of a flow goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the initiator to the responder.
    Out,
    /// From the responder to the initiator.
    Back,
}

/// What tells flows apart; `src` is the initiator.
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

impl FlowKey {
    /// Whether no router passes it on: multicast of the link or the interface (RFC 5771, 4; RFC 4291, 2.7), or limited
    /// broadcast (RFC 919, 7). Whoever hears it is on the link, so nobody beyond it receives anything.
    pub fn stays_on_link(&self) -> bool {
        [self.src, self.dst].into_iter().any(|address| match address.to_canonical() {
            IpAddr::V4(v4) => matches!(v4.octets(), [224, 0, 0, _]) || v4.is_broadcast(),
            // The scope, whatever the flags: 1 is the interface, 2 the link.
            IpAddr::V6(v6) => v6.is_multicast() && matches!(v6.segments()[0] & 0xf, 1 | 2),
        })
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
            .field("payload", &payload)
            .field("payload_len", &self.payload_len)
            .field("ip_bytes", &self.ip_bytes)
            .field("length_from_frame", &self.length_from_frame)
            .field("truncated", &self.truncated)
            .field("malformed", &self.malformed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stays_on_link(src: &str, dst: &str) -> bool {
        let [src, dst] = [src, dst].map(|text| text.parse().unwrap());
        FlowKey { transport: Transport::Udp, protocol_number: 17, src, src_port: 5353, dst, dst_port: 5353 }
            .stays_on_link()
    }

    #[test]
    fn what_no_router_passes_on_stays_on_the_link() {
        for dst in ["224.0.0.1", "224.0.0.22", "224.0.0.251", "255.255.255.255", "::ffff:224.0.0.22"] {
            assert!(stays_on_link("192.0.2.1", dst), "{dst}");
        }
        for dst in ["ff01::1", "ff02::16", "ff02::1:ff00:9", "ff12::1234", "ff32:30:2001:db8::1"] {
            assert!(stays_on_link("2001:db8::1", dst), "{dst}");
        }
        // The ports may make it the initiator.
        assert!(stays_on_link("224.0.0.252", "192.0.2.1"));
    }

    #[test]
    fn what_a_router_may_pass_on_does_not() {
        let others = ["224.0.1.1", "225.0.0.1", "239.255.255.250", "192.0.2.255", "169.254.169.254", "0.0.0.0"];
        for dst in others.into_iter().chain(["ff05::2", "ff0e::101", "ff08::1", "fe80::1", "2001:db8::2"]) {
            assert!(!stays_on_link("192.0.2.1", dst), "{dst}");
        }
    }
}
