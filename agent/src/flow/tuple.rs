//! The key of a flow, independent of the direction of a packet.

use std::{hash::Hash, net::IpAddr};

use landfall_observation::Transport;

use crate::packet::{FlowKey, Packet};

/// Addresses, ports and protocol, the lower end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Tuple {
    lesser: [u64; 2],
    greater: [u64; 2],
    ports: u32,
    protocol_number: u8,
    kind: u8,
}

/// Which end of a tuple something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Lesser,
    Greater,
}

impl Tuple {
    /// The tuple of a packet, and the end that sent it.
    pub(crate) fn from_packet(packet: &Packet<'_>) -> (Self, End) {
        let (transport, src_port, dst_port) = if packet.malformed {
            (Transport::Other, 0, 0)
        } else {
            (packet.transport, packet.src_port, packet.dst_port)
        };
        let key = FlowKey {
            transport,
            protocol_number: packet.protocol_number,
            src: packet.src,
            src_port,
            dst: packet.dst,
            dst_port,
        };
        Self::from_flow_key(&key, packet.malformed)
    }

    /// The tuple of a flow, and the end that initiated it.
    pub(super) fn from_flow_key(key: &FlowKey, malformed: bool) -> (Self, End) {
        let &FlowKey { transport, protocol_number, src, src_port, dst, dst_port } = key;
        let (from, to) = ((words(src), src_port), (words(dst), dst_port));
        let (end, lesser, greater) = if from <= to { (End::Lesser, from, to) } else { (End::Greater, to, from) };
        // An IPv4 address and the IPv6 address that maps it are not the same.
        let ipv6 = src.is_ipv6() || dst.is_ipv6();
        let tuple = Self {
            lesser: lesser.0,
            greater: greater.0,
            ports: u32::from(lesser.1) << 16 | u32::from(greater.1),
            protocol_number,
            kind: transport as u8 | u8::from(ipv6) << 6 | u8::from(malformed) << 7,
        };
        (tuple, end)
    }
}

fn words(address: IpAddr) -> [u64; 2] {
    let bits = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    [(bits >> 64) as u64, u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(u64::MAX)]
}
