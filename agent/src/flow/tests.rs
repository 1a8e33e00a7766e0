//! Tests of the table with packets built in code, one topic per file.

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use landfall_observation::Transport;

use super::*;
use crate::packet::TcpHeader;

mod accounting;
mod direction;
mod endings;
mod handshake;
mod one_sided;
mod totals;

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2));

/// Records what it saw, and claims a configured amount of memory per packet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Probe {
    out: u64,
    back: u64,
    heap_bytes: usize,
    reported: u64,
}

/// State that all probes share.
#[derive(Default)]
struct Shared {
    begun: Vec<FlowKey>,
    heap_bytes_per_packet: usize,
    heap_bytes: usize,
}

impl Inspect for Probe {
    type Shared = Shared;

    fn begin(key: &FlowKey, _first: &Packet<'_>, shared: &mut Shared) -> Self {
        shared.begun.push(*key);
        Self { out: 0, back: 0, heap_bytes: 0, reported: 0 }
    }

    fn packet(&mut self, way: Way, packet: &Packet<'_>, shared: &mut Shared) {
        match way {
            Way::Out => self.out += u64::from(packet.ip_bytes),
            Way::Back => self.back += u64::from(packet.ip_bytes),
        }
        self.heap_bytes += shared.heap_bytes_per_packet;
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes
    }

    fn shared_bytes(shared: &Shared) -> usize {
        shared.heap_bytes
    }
}

/// A table with its emitted records.
struct Bench {
    table: FlowTable<Probe>,
    shared: Shared,
    records: Vec<FlowRecord<Probe>>,
}

impl Bench {
    fn new(limits: Limits) -> Self {
        Self { table: FlowTable::new(limits), shared: Shared::default(), records: Vec::new() }
    }

    fn feed(&mut self, packets: &[Packet<'_>]) {
        for packet in packets {
            self.table.packet(packet, &mut self.shared, &mut |record| self.records.push(record));
        }
    }

    fn finish(mut self) -> Vec<FlowRecord<Probe>> {
        self.table.finish(&mut |record| self.records.push(record));
        self.records
    }
}

/// All records of a capture of these packets.
fn records(packets: &[Packet<'_>]) -> Vec<FlowRecord<Probe>> {
    let mut bench = Bench::new(Limits::default());
    bench.feed(packets);
    bench.finish()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

/// A datagram of the client at a second.
fn udp(seconds: i64, src_port: u16, dst_port: u16) -> Packet<'static> {
    let (src, dst) = (CLIENT, SERVER);
    let key = FlowKey { transport: Transport::Udp, protocol_number: 17, src, src_port, dst, dst_port };
    Packet { ip_bytes: 100, ..Packet::for_flow(&key, at(seconds)) }
}

/// A segment of the client with the flags that the letters of `flags` name.
fn tcp(seconds: i64, src_port: u16, dst_port: u16, flags: &str) -> Packet<'static> {
    let has = |flag| flags.contains(flag);
    let header = TcpHeader { seq: 0, syn: has('S'), ack: has('A'), fin: has('F'), rst: has('R') };
    Packet { transport: Transport::Tcp, protocol_number: 6, tcp: Some(header), ..udp(seconds, src_port, dst_port) }
}

/// The same the other way round: from the server, with 10 bytes.
fn answer(packet: Packet<'static>) -> Packet<'static> {
    let Packet { src, dst, src_port, dst_port, .. } = packet;
    Packet { src: dst, dst: src, src_port: dst_port, dst_port: src_port, ip_bytes: 10, ..packet }
}

fn counters(bytes: u64, packets: u64) -> Counters {
    Counters { bytes, packets }
}
