//! When flows end, and how many there are.

use super::*;

fn reasons(packets: &[Packet<'_>]) -> Vec<(i64, u64, EndReason)> {
    let start = |record: &FlowRecord<Probe>| record.start.as_second() - at(0).as_second();
    records(packets)
        .iter()
        .map(|record| (start(record), record.out.packets + record.back.packets, record.end_reason))
        .collect()
}

#[test]
fn udp_and_icmp_end_after_ten_seconds_of_silence() {
    for transport in [Transport::Udp, Transport::Icmp, Transport::Other] {
        let packet = |seconds| Packet { transport, ..udp(seconds, 0, 0) };
        assert_eq!(
            reasons(&[packet(0), packet(9), packet(18), packet(28)]),
            [(0, 3, EndReason::Idle), (28, 1, EndReason::EndOfCapture)]
        );
    }
}

#[test]
fn open_connections_end_after_five_minutes_of_silence() {
    let packet = |seconds| tcp(seconds, 50000, 443, "A");
    assert_eq!(
        reasons(&[packet(0), packet(299), packet(599)]),
        [(0, 2, EndReason::Idle), (599, 1, EndReason::EndOfCapture)]
    );
}

#[test]
fn closed_connections_leave_after_five_seconds_with_their_last_packets() {
    let other = |seconds| udp(seconds, 1, 1);
    let fin = |seconds| tcp(seconds, 50000, 443, "FA");
    let closed = [fin(0), answer(fin(1)), tcp(2, 50000, 443, "A"), other(6), other(7)];
    assert_eq!(reasons(&closed), [(0, 3, EndReason::Closed), (6, 2, EndReason::EndOfCapture)]);

    let reset = [answer(tcp(0, 50000, 443, "RA")), other(5)];
    assert_eq!(reasons(&reset), [(0, 1, EndReason::Closed), (5, 1, EndReason::EndOfCapture)]);

    let half = [fin(0), fin(1), other(100)];
    assert_eq!(reasons(&half), [(0, 2, EndReason::EndOfCapture), (100, 1, EndReason::EndOfCapture)]);
}

#[test]
fn a_syn_on_closed_ports_begins_another_flow() {
    let syn = |seconds| tcp(seconds, 50000, 443, "S");
    let reset = answer(tcp(0, 50000, 443, "RA"));
    let packets = [syn(0), reset, syn(1), reset, answer(tcp(1, 50000, 443, "SA"))];
    assert_eq!(reasons(&packets), [(0, 2, EndReason::Closed), (0, 3, EndReason::Closed)]);
    // A repeated SYN on open ports does not.
    assert_eq!(reasons(&[syn(0), syn(1)]), [(0, 2, EndReason::EndOfCapture)]);
}

#[test]
fn a_connection_in_the_other_direction_on_closed_ports_has_its_own_initiator() {
    let reset = tcp(0, 50000, 40000, "R");
    let flows = records(&[tcp(0, 50000, 40000, "S"), reset, answer(tcp(1, 50000, 40000, "S"))]);
    assert_eq!(flows.iter().map(|flow| flow.key.src).collect::<Vec<_>>(), [CLIENT, SERVER]);
}

#[test]
fn time_passes_without_packets_as_well() {
    let mut bench = Bench::new(Limits::default());
    bench.feed(&[udp(0, 50000, 53)]);
    bench.table.advance(at(9), &mut |_| panic!("not yet"));
    let mut ended = Vec::new();
    bench.table.advance(at(10), &mut |record| ended.push(record.end_reason));
    assert_eq!(ended, [EndReason::Idle]);
}

#[test]
fn what_is_left_comes_in_the_order_of_its_beginning() {
    let late = tcp(3, 50001, 443, "A");
    let starts: Vec<_> = reasons(&[late, tcp(1, 50002, 443, "A"), tcp(2, 50003, 443, "A"), late])
        .iter()
        .map(|(start, ..)| *start)
        .collect();
    assert_eq!(starts, [1, 2, 3]);
}

#[test]
fn a_clock_set_back_loses_nothing_and_flows_go_on_timing_out() {
    let packets = [udp(1000, 50000, 53), udp(0, 50000, 53), udp(5, 50001, 53), udp(12, 50001, 53)];
    let flows = records(&packets);
    assert_eq!(flows.len(), 2);
    assert_eq!((flows[0].start, flows[0].end, flows[0].out), (at(0), at(1000), counters(200, 2)));
    assert_eq!(flows[0].end_reason, EndReason::Idle);
}

#[test]
fn room_is_made_by_emitting_the_longest_silent() {
    let mut bench = Bench::new(Limits { memory_bytes: 8 * 1024, ..Limits::default() });
    let flow = |number: u16| tcp(i64::from(number) / 10, 40000 + number, 443, "A");
    bench.feed(&[flow(0)]);
    for number in 1..50 {
        bench.feed(&[flow(number), Packet { at: flow(number).at, ..flow(0) }]);
        assert!(bench.table.counters().memory_bytes <= 8 * 1024);
    }
    let counters = bench.table.counters();
    assert_eq!(counters.opened, 50);
    assert_eq!(counters.evicted, 50 - counters.live);
    assert!(counters.evicted > 20 && counters.live > 3, "{counters:?}");
    let evicted: Vec<_> = bench.records.iter().map(|record| record.key.src_port).collect();
    let expected: Vec<_> = (40001..).take(evicted.len()).collect();
    assert_eq!(evicted, expected, "the first flow is touched all the time and stays");
    assert!(bench.records.iter().all(|record| record.end_reason == EndReason::Evicted));
}

#[test]
fn what_inspections_hold_counts_against_the_limit() {
    let mut bench = Bench::new(Limits { memory_bytes: 100_000, ..Limits::default() });
    bench.shared.heap_bytes_per_packet = 30_000;
    bench.feed(&[tcp(0, 1, 443, "A"), tcp(0, 2, 443, "A"), tcp(0, 1, 443, "A")]);
    assert_eq!(bench.records.len(), 0);
    bench.feed(&[tcp(1, 1, 443, "A")]);
    assert_eq!(bench.records.len(), 1, "the other flow had to go");
    bench.feed(&[tcp(1, 1, 443, "A")]);
    assert_eq!(bench.records[1].out, counters(400, 4), "and then the one that is too large by itself");
    assert_eq!(bench.table.counters().live, 0);
}

#[test]
fn what_flows_share_counts_against_the_limit() {
    let mut bench = Bench::new(Limits { memory_bytes: 100_000, ..Limits::default() });
    bench.feed(&[tcp(0, 1, 443, "A"), tcp(0, 2, 443, "A")]);
    bench.shared.heap_bytes = 99_500;
    bench.feed(&[tcp(1, 2, 443, "A")]);
    assert_eq!(bench.records.len(), 2, "neither flow has room beside it");
    let counters = bench.table.counters();
    assert_eq!((counters.evicted, counters.continued), (2, 0));
    bench.shared.heap_bytes = 0;
    bench.feed(&[tcp(2, 2, 443, "A")]);
    assert_eq!((bench.table.counters().live, bench.table.counters().continued), (1, 1));
}

#[test]
fn an_empty_table_gives_its_memory_back() {
    let mut bench = Bench::new(Limits::default());
    for number in 0..3000 {
        bench.feed(&[udp(0, number, 53)]);
    }
    assert!(bench.table.counters().memory_bytes > 1_000_000);
    bench.table.advance(at(60), &mut |_| {});
    assert_eq!(bench.table.counters().memory_bytes, 0);
}
