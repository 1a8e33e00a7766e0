//! Whatever comes in, in whatever order and however little room there is: bytes are kept.

use super::*;

/// Marsaglia's xorshift, for traffic that is the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn port(&mut self) -> u16 {
        [0, 53, 443, 8080, 40000, 50000][usize::try_from(self.below(6)).unwrap()]
    }

    fn address(&mut self) -> IpAddr {
        let host = self.below(12);
        if host < 6 {
            IpAddr::V4(Ipv4Addr::new(192, 0, 2, u8::try_from(host).unwrap()))
        } else {
            format!("2001:db8::{host}").parse().unwrap()
        }
    }

    /// Advances mostly, jumps sometimes, to the ends of time rarely.
    fn instant(&mut self, now: Timestamp) -> Timestamp {
        let step = match self.below(1000) {
            0 => return Timestamp::MAX,
            1 => return Timestamp::MIN,
            2..10 => 400_000,
            10..20 => -400_000,
            20..100 => -50,
            _ => i64::try_from(self.below(200)).unwrap(),
        };
        Timestamp::from_millisecond(now.as_millisecond().saturating_add(step)).unwrap_or(at(0))
    }

    fn packet(&mut self, at: Timestamp) -> Packet<'static> {
        let kinds =
            [Transport::Tcp, Transport::Tcp, Transport::Udp, Transport::Icmp, Transport::Sctp, Transport::Other];
        let transport = kinds[usize::try_from(self.below(6)).unwrap()];
        let mut flag = || self.below(4) == 0;
        let tcp = (transport == Transport::Tcp).then_some(TcpHeader {
            seq: 0,
            syn: flag(),
            ack: flag(),
            fin: flag(),
            rst: flag(),
        });
        let (src, dst, src_port, dst_port) = (self.address(), self.address(), self.port(), self.port());
        let key = FlowKey { transport, protocol_number: 6, src, src_port, dst, dst_port };
        Packet {
            tcp,
            ip_bytes: u32::try_from(self.below(70_000)).unwrap(),
            malformed: self.below(20) == 0,
            ..Packet::for_flow(&key, at)
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    bytes: u64,
    packets: u64,
    opened: u64,
}

impl Sum {
    fn add(&mut self, out: Counters, back: Counters) {
        self.bytes += out.bytes + back.bytes;
        self.packets += out.packets + back.packets;
    }
}

#[test]
fn bytes_of_all_records_and_of_all_reports_are_those_of_all_packets() {
    for (seed, memory_bytes) in [(1, 0), (2, 1000), (3, 3000), (4, 20_000), (5, 200_000), (6, usize::MAX)] {
        let mut random = Random(seed);
        let mut bench = Bench::new(Limits { memory_bytes, ..Limits::default() });
        bench.shared.heap_bytes_per_packet = 300;
        let (mut fed, mut recorded, mut reported) = (Sum::default(), Sum::default(), Sum::default());
        let mut now = at(0);
        for number in 0..20_000 {
            now = random.instant(now);
            let packet = random.packet(now);
            fed.bytes += u64::from(packet.ip_bytes);
            fed.packets += 1;
            bench.feed(&[packet]);
            assert!(bench.table.counters().live == 0 || bench.table.counters().memory_bytes <= memory_bytes as u64);
            if number % 1000 == 0 {
                bench.table.flush(&mut |FlowDelta { key: _, delta, malformed: _, inspection: _ }| {
                    assert!(!delta.is_empty() && delta.start <= delta.end);
                    reported.add(delta.out, delta.back);
                    reported.opened += u64::from(delta.opened);
                });
            }
        }
        let counters = bench.table.counters();
        let records = bench.finish();
        assert_eq!(records.len() as u64, counters.opened);
        assert_eq!(counters.evicted > 0, memory_bytes < usize::MAX, "{memory_bytes}");
        for FlowRecord { start, end, out, back, unreported, inspection, .. } in &records {
            assert!(start <= end);
            assert_eq!((out.bytes, back.bytes), (inspection.out, inspection.back));
            recorded.add(*out, *back);
            reported.add(unreported.out, unreported.back);
            reported.opened += u64::from(unreported.opened);
        }
        assert_eq!(recorded, fed);
        // Each record is a flow that began; of those that nobody accepted no connection counts.
        let attempts = records.iter().filter(|record| !record.unreported.handshake.is_completed()).count() as u64;
        assert!(attempts > 0);
        assert_eq!(reported, Sum { opened: counters.opened - attempts, ..fed });
    }
}
