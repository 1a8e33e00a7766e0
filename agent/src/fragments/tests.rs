//! Datagrams in pieces of any kind.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use landfall_observation::Transport;

use super::*;
use crate::packet::{FlowKey, Fragment, TcpHeader};

/// One part: where it begins, whether more follow, its bytes.
type Part<'a> = (u32, bool, &'a [u8]);

fn packet(seconds: i64, id: u32, protocol_number: u8, (offset, more, body): Part<'_>) -> Packet<'_> {
    let body_len = u32::try_from(body.len()).unwrap();
    let at = Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_secs(seconds);
    let key = FlowKey {
        transport: if protocol_number == TCP { Transport::Tcp } else { Transport::Udp },
        protocol_number,
        src: IpAddr::from([192, 0, 2, 1]),
        src_port: if offset == 0 { 53 } else { 0 },
        dst: IpAddr::from([198, 51, 100, 2]),
        dst_port: if offset == 0 { 40_000 } else { 0 },
    };
    Packet {
        payload_len: if offset == 0 { body_len.saturating_sub(8) } else { 0 },
        ip_bytes: 20 + body_len,
        fragment: Some(Fragment { id, protocol_number, offset, more, body, body_len }),
        ..Packet::for_flow(&key, at)
    }
}

/// A UDP datagram from port 53 to port 40000 with so many bytes of payload.
fn udp(payload: usize) -> Vec<u8> {
    let mut bytes = vec![0, 53, 0x9c, 0x40];
    bytes.extend(u16::try_from(8 + payload).unwrap().to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend((0..=250).cycle().take(payload));
    bytes
}

/// What comes out of each part in turn: ports, and the payload.
fn taken(reassembler: &mut Reassembler, parts: &[Part<'_>]) -> Vec<(u16, Vec<u8>)> {
    let take = |part: &Part<'_>| {
        let packet = reassembler.take(packet(0, 1, UDP, *part));
        (packet.src_port, packet.payload.to_vec())
    };
    parts.iter().map(take).collect()
}

/// The payload that comes out of these parts at last, in whatever order they come.
fn whole(parts: &[Part<'_>]) -> Vec<u8> {
    taken(&mut Reassembler::new(FragmentLimits::default()), parts).pop().unwrap().1
}

fn counters(change: impl FnOnce(&mut FragmentCounters)) -> FragmentCounters {
    let mut counters = FragmentCounters::default();
    change(&mut counters);
    counters
}

#[test]
fn the_last_part_missing_brings_the_whole_payload_in_any_order() {
    let datagram = udp(60);
    let parts: [Part<'_>; 3] =
        [(0, true, &datagram[..24]), (24, true, &datagram[24..48]), (48, false, &datagram[48..])];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let parts = order.map(|index| parts[index]);
        let mut reassembler = Reassembler::new(FragmentLimits::default());
        let taken = taken(&mut reassembler, &parts);
        assert!(taken[..2].iter().all(|(_, payload)| payload.is_empty()), "{order:?}");
        assert_eq!(taken[2], (53, datagram[8..].to_vec()), "{order:?}");
        assert_eq!(reassembler.counters(), counters(|counters| counters.reassembled = 1));
        assert_eq!((reassembler.memory_bytes(), reassembler.held.len()), (0, 0));
    }
}

#[test]
fn bytes_stay_with_their_own_packets() {
    let datagram = udp(60);
    let mut reassembler = Reassembler::new(FragmentLimits::default());
    let first = reassembler.take(packet(0, 1, UDP, (0, true, &datagram[..24])));
    assert_eq!((first.ip_bytes, first.payload_len, first.src_port), (44, 0, 53));
    let second = reassembler.take(packet(0, 1, UDP, (24, false, &datagram[24..])));
    assert_eq!((second.ip_bytes, second.payload_len, second.fragment), (20 + 44, 60, None));
}

#[test]
fn parts_that_overlap_give_the_datagram_up_for_good() {
    let datagram = udp(60);
    let [first, second] = [(0, true, &datagram[..24]), (24, true, &datagram[24..48])];
    let last = (48, false, &datagram[48..]);
    let other = [9; 24];
    for overlap in [
        (16, true, &datagram[16..40]),
        (8, true, &datagram[8..16]),
        (0, true, &datagram[..32]),
        // In the same place, with other bytes.
        (24, true, &other[..]),
        (40, false, &datagram[40..]),
    ] {
        let mut reassembler = Reassembler::new(FragmentLimits::default());
        let taken = taken(&mut reassembler, &[first, second, overlap, last, first, second, last]);
        assert!(taken.iter().all(|(_, payload)| payload.is_empty()), "{overlap:?}");
        assert_eq!(reassembler.counters(), counters(|counters| counters.refused = 1), "{overlap:?}");
    }
}

#[test]
fn a_part_that_comes_twice_takes_nothing_away() {
    let datagram = udp(60);
    let [first, second, last] =
        [(0, true, &datagram[..24]), (24, true, &datagram[24..48]), (48, false, &datagram[48..])];
    assert_eq!(whole(&[first, first, last, last, second]), datagram[8..]);
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let datagram = udp(60);
    let first = (0, true, &datagram[..24]);
    let last = (48, false, &datagram[48..]);
    for odd in [
        (24, true, &datagram[24..47]),
        (24, false, &datagram[24..40]),
        (68, true, &datagram[..8]),
        (65_528, true, &datagram[..16]),
        (24, true, &datagram[..0]),
    ] {
        let mut reassembler = Reassembler::new(FragmentLimits::default());
        taken(&mut reassembler, &[first, last, odd]);
        assert_eq!(reassembler.counters().refused, 1, "{odd:?}");
    }
}

#[test]
fn tiny_parts_are_refused_when_they_are_too_many() {
    let datagram = udp(60_000);
    let mut reassembler = Reassembler::new(FragmentLimits::default());
    for (part, offset) in datagram.chunks(8).zip((0..).step_by(8)) {
        reassembler.take(packet(0, 1, UDP, (offset, true, part)));
    }
    assert_eq!(reassembler.counters(), counters(|counters| counters.refused = 1));
    assert_eq!(reassembler.memory_bytes(), OVERHEAD);
}

#[test]
fn a_part_that_was_cut_off_gives_the_datagram_up() {
    let datagram = udp(60);
    let mut reassembler = Reassembler::new(FragmentLimits::default());
    let mut cut = packet(0, 1, UDP, (0, true, &datagram[..24]));
    cut.fragment = cut.fragment.map(|part| Fragment { body: &part.body[..20], ..part });
    assert_eq!(reassembler.take(cut).payload_len, 16, "what is not held is as it came");
    reassembler.take(packet(0, 1, UDP, (24, false, &datagram[24..])));
    assert_eq!(reassembler.counters(), counters(|counters| counters.cut = 1));
}

#[test]
fn parts_are_waited_for_half_a_minute_in_either_direction() {
    let datagram = udp(60);
    for (seconds, is_whole) in [(30, true), (31, false), (-30, true), (-31, false)] {
        let mut reassembler = Reassembler::new(FragmentLimits::default());
        reassembler.take(packet(0, 1, UDP, (0, true, &datagram[..24])));
        let last = reassembler.take(packet(seconds, 1, UDP, (24, false, &datagram[24..])));
        assert_eq!(!last.payload.is_empty(), is_whole, "{seconds}");
        assert_eq!(reassembler.counters().expired, u64::from(!is_whole));
    }
}

#[test]
fn what_is_held_is_bounded_in_bytes_and_datagrams() {
    let datagram = udp(60_000);
    for limits in [
        FragmentLimits { memory_bytes: 100_000, datagrams: 4096 },
        FragmentLimits { memory_bytes: 1 << 30, datagrams: 10 },
    ] {
        let mut reassembler = Reassembler::new(limits);
        for id in 0..1000 {
            reassembler.take(packet(0, id, UDP, (0, true, &datagram[..1400])));
            assert!(reassembler.memory_bytes() <= limits.memory_bytes && reassembler.held.len() <= limits.datagrams);
            assert!(reassembler.order.len() <= 2 * reassembler.held.len() + 64);
        }
        let counters = reassembler.counters();
        assert_eq!(counters.evicted, 1000 - reassembler.held.len() as u64);
        // The newest is still there.
        let last = reassembler.take(packet(0, 999, UDP, (1400, false, &datagram[1400..])));
        assert_eq!(last.payload.len(), 60_000);
    }
}

#[test]
fn datagrams_that_complete_leave_nothing_behind() {
    let datagram = udp(60);
    let mut reassembler = Reassembler::new(FragmentLimits::default());
    reassembler.take(packet(0, u32::MAX, UDP, (0, true, &datagram[..24])));
    for id in 0..10_000 {
        reassembler.take(packet(0, id, UDP, (0, true, &datagram[..24])));
        reassembler.take(packet(0, id, UDP, (24, false, &datagram[24..])));
        assert!(reassembler.order.len() <= 100);
    }
    assert_eq!(reassembler.counters(), counters(|counters| counters.reassembled = 10_000));
}

#[test]
fn a_segment_in_parts_is_read_once_and_closes_once() {
    let mut segment = vec![0, 53, 0x9c, 0x40, 0, 0, 0, 7, 0, 0, 0, 0, 0x50, 0x11, 0, 0, 0, 0, 0, 0];
    segment.extend([b'x'; 44]);
    let mut reassembler = Reassembler::new(FragmentLimits::default());
    let header = TcpHeader { seq: 7, syn: false, ack: true, fin: true, rst: false };
    let first = Packet { tcp: Some(header), payload_len: 4, ..packet(0, 1, TCP, (0, true, &segment[..24])) };
    let first = reassembler.take(first);
    assert_eq!((first.tcp, first.payload_len), (Some(TcpHeader { fin: false, ..header }), 0));
    let second = reassembler.take(packet(0, 1, TCP, (24, false, &segment[24..])));
    assert_eq!((second.tcp, second.payload), (Some(header), &[b'x'; 44][..]));
}

#[test]
fn headers_before_the_transport_are_not_taken_for_it() {
    let datagram = udp(60);
    let mut reassembler = Reassembler::new(FragmentLimits::default());
    // Destination options stand before UDP, so that the parts carry their number.
    let mut first = packet(0, 1, UDP, (0, true, &datagram[..24]));
    first.fragment = first.fragment.map(|part| Fragment { protocol_number: 60, ..part });
    assert_eq!(reassembler.take(first).payload_len, 16);
    // An authentication header of IPv4.
    let mut first = packet(0, 2, UDP, (0, true, &datagram[..24]));
    first.protocol_number = TCP;
    reassembler.take(first);
    assert_eq!(reassembler.counters(), counters(|counters| counters.refused = 1));
}

#[test]
fn no_cut_of_a_datagram_and_no_prefix_of_its_parts_disturbs() {
    let datagram = udp(200);
    for cut in (8..datagram.len()).step_by(8) {
        let parts = [(0, true, &datagram[..cut]), (u32::try_from(cut).unwrap(), false, &datagram[cut..])];
        assert_eq!(whole(&parts), datagram[8..], "{cut}");
        for end in 0..datagram.len() - cut {
            // A shorter last part: the datagram is what its length says, as far as it is there.
            let short = whole(&[parts[0], (parts[1].0, false, &datagram[cut..cut + end])]);
            assert!(short.len() <= end + cut - 8);
        }
    }
}
