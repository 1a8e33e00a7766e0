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
