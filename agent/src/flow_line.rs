//! A flow as one line of `landfall flows`.

use std::net::IpAddr;

use jiff::Timestamp;
use landfall_observation::{HostMethod, Name, Protocol, Tls, Transport};
use serde::Serialize;

use crate::{
    flow::FlowRecord,
    inspect::{Facts, Inspection},
    packet::FlowKey,
};

/// A flow: who spoke with whom, how much, and by which names. `src` is the initiator; bytes are
/// IP total lengths.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlowLine {
    /// First packet.
    pub start: Timestamp,
    /// Last packet.
    pub end: Timestamp,
    /// `tcp`, `udp`, `sctp`, `icmp`, the name of another IP protocol, or `malformed`.
    pub transport: &'static str,
    /// The initiator's address.
    pub src: IpAddr,
    /// The initiator's port, 0 where there is none.
    pub src_port: u16,
    /// The responder's address.
    pub dst: IpAddr,
    /// The responder's port, 0 where there is none.
    pub dst_port: u16,
    /// Bytes from the initiator.
    pub bytes_out: u64,
    /// Bytes to the initiator.
    pub bytes_in: u64,
    /// Packets from the initiator.
    pub packets_out: u64,
    /// Packets to the initiator.
    pub packets_in: u64,
    /// Application protocol.
    pub protocol: Protocol,
    /// Best name of the responder.
    pub host: Option<String>,
    /// How it is known.
    pub host_method: HostMethod,
    /// All names seen.
    pub names: Vec<Name>,
    /// Whether the ClientHello was encrypted (extension present).
    pub ech: bool,
    /// What TLS negotiated.
    pub tls: Option<Tls>,
    /// Outer layers of a tunnel, outermost first. No tunnel is opened so far, so it is empty.
    pub tunnel: Vec<String>,
    /// Whether the capture cut off frames of the flow.
    pub truncated: bool,
}

impl From<&FlowRecord<Inspection>> for FlowLine {
    fn from(record: &FlowRecord<Inspection>) -> Self {
        let Facts { protocol, host, host_method, names, ech, tls, .. } = record.inspection.facts();
        let FlowKey { src, src_port, dst, dst_port, .. } = record.key;
        Self {
            start: record.start,
            end: record.end,
            transport: transport(&record.key, record.malformed),
            src,
            src_port,
            dst,
            dst_port,
            bytes_out: record.out.bytes,
            bytes_in: record.back.bytes,
            packets_out: record.out.packets,
            packets_in: record.back.packets,
            protocol,
            host,
            host_method,
            names,
            ech,
            tls,
            tunnel: Vec::new(),
            truncated: record.truncated,
        }
    }
}

/// Name of the transport; numbers are those of the IANA registry of protocol numbers.
fn transport(key: &FlowKey, malformed: bool) -> &'static str {
    match (key.transport, key.protocol_number) {
        _ if malformed => "malformed",
        (Transport::Other, 2) => "igmp",
        (Transport::Other, 4) => "ipip",
        (Transport::Other, 41) => "ipv6",
        (Transport::Other, 47) => "gre",
        (Transport::Other, 50) => "esp",
        (Transport::Other, 51) => "ah",
        (Transport::Other, 89) => "ospf",
        (Transport::Other, 103) => "pim",
        (Transport::Other, 112) => "vrrp",
        (transport, _) => transport.as_str(),
    }
}
