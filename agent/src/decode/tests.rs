//! Frames built in code, layer by layer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use landfall_observation::Transport;

use super::{DecodeCounters, Decoded, Decoder, FrameKind, Wireless};
use crate::{
    packet::{FlowKey, Packet, TcpHeader},
    source::{Frame, LinkType},
};

mod damage;
mod encapsulations;
mod fragments;
mod lengths;
mod links;
mod networks;
mod nflog;
mod ppp;
mod wireless;

const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);
const CLIENT6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const SERVER6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn len16(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap().to_be_bytes()
}

fn ethernet(kind: u16, behind: &[u8]) -> Vec<u8> {
    [&[2; 12], &kind.to_be_bytes()[..], behind].concat()
}

fn ipv4(protocol: u8, options: &[u8], behind: &[u8]) -> Vec<u8> {
    ipv4_fragment(protocol, options, 0, 0, behind)
}

fn ipv4_fragment(protocol: u8, options: &[u8], id: u16, flags_and_offset: u16, behind: &[u8]) -> Vec<u8> {
    let words = u8::try_from(5 + options.len() / 4).unwrap();
    let mut bytes = vec![0x40 | words, 0];
    bytes.extend(len16(20 + options.len() + behind.len()));
    bytes.extend(id.to_be_bytes());
    bytes.extend(flags_and_offset.to_be_bytes());
    bytes.extend([64, protocol, 0, 0]);
    bytes.extend(CLIENT.octets());
    bytes.extend(SERVER.octets());
    bytes.extend(options);
    bytes.extend(behind);
    bytes
}

fn ipv6(next: u8, behind: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x60, 0, 0, 0];
    bytes.extend(len16(behind.len()));
    bytes.extend([next, 64]);
    bytes.extend(CLIENT6.octets());
    bytes.extend(SERVER6.octets());
    bytes.extend(behind);
    bytes
}

fn tcp(flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x9c, 0x40, 0x01, 0xbb];
    bytes.extend(1000_u32.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 0x60, flags, 0, 0, 0, 0, 0, 0]);
    bytes.extend([1, 1, 1, 0]);
    bytes.extend(payload);
    bytes
}

fn udp(payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xd4, 0x31, 0x00, 0x35];
    bytes.extend(len16(8 + payload.len()));
    bytes.extend([0, 0]);
    bytes.extend(payload);
    bytes
}

/// A frame captured whole.
fn frame(link: LinkType, data: &[u8]) -> Frame<'_> {
    Frame { at: at(0), link, original_len: u32::try_from(data.len()).unwrap(), data }
}

fn decode(link: LinkType, data: &[u8]) -> Decoded<'_> {
    Decoder::new().decode(&frame(link, data))
}

fn packet(link: LinkType, data: &[u8]) -> Packet<'_> {
    match decode(link, data) {
        Decoded::Packet(packet) => packet,
        Decoded::NotIp(kind) => panic!("expected a packet, found {kind}"),
    }
}

fn not_ip(link: LinkType, data: &[u8]) -> FrameKind {
    match decode(link, data) {
        Decoded::NotIp(kind) => kind,
        Decoded::Packet(packet) => panic!("expected no packet, found {packet:?}"),
    }
}

/// The packet of `ipv4(17, &[], &udp(payload))`.
fn udp_packet(payload: &[u8]) -> Packet<'_> {
    let payload_len = u32::try_from(payload.len()).unwrap();
    let (src, dst) = (IpAddr::V4(CLIENT), IpAddr::V4(SERVER));
    let key = FlowKey { transport: Transport::Udp, protocol_number: 17, src, src_port: 54321, dst, dst_port: 53 };
    Packet { payload, payload_len, ip_bytes: 28 + payload_len, ..Packet::for_flow(&key, at(0)) }
}

/// The packet of `ipv6(17, &udp(payload))`.
fn udp6_packet(payload: &[u8]) -> Packet<'_> {
    let packet = udp_packet(payload);
    Packet { src: IpAddr::V6(CLIENT6), dst: IpAddr::V6(SERVER6), ip_bytes: packet.ip_bytes + 20, ..packet }
}
