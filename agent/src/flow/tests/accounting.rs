//! No byte is lost, whatever the packets, their order, and the memory limit.

use super::*;

#[test]
fn a_record_says_everything_of_its_flow() {
    let syn = tcp(0, 50000, 443, "S");
    let cut = Packet { truncated: true, ..answer(tcp(2, 50000, 443, "SA")) };
    let offloaded = Packet { length_from_frame: true, ..tcp(3, 50000, 443, "A") };
    let (out, back) = (counters(200, 2), counters(10, 1));
    let key = FlowKey {
        transport: Transport::Tcp,
        protocol_number: 6,
        src: CLIENT,
        src_port: 50000,
        dst: SERVER,
        dst_port: 443,
    };
    let expected = FlowRecord {
        key,
        start: at(0),
        end: at(3),
        out,
        back,
        unreported: Delta { start: at(0), end: at(3), out, back, opened: true, ..Delta::empty(at(0), true) },
        truncated: true,
        length_from_frame: true,
        malformed: false,
        end_reason: EndReason::EndOfCapture,
        inspection: Probe { out: 200, back: 10, heap_bytes: 0, reported: 0 },
    };
    let mut bench = Bench::new(Limits::default());
    bench.feed(&[syn, cut, offloaded]);
    assert_eq!(bench.shared.begun, [key]);
    assert_eq!(bench.finish(), [expected]);
}

#[test]
fn malformed_packets_have_a_flow_of_their_own_without_ports() {
    let good = udp(0, 50000, 53);
    let bad = Packet { malformed: true, ..good };
    let esp = Packet { transport: Transport::Other, src_port: 0, dst_port: 0, ..good };
    let flows = records(&[good, bad, esp, bad]);
    assert_eq!(flows.len(), 3);
    assert!(flows[1].malformed);
    assert_eq!((flows[1].key.transport, flows[1].key.src_port, flows[1].key.dst_port), (Transport::Other, 0, 0));
    assert_eq!(flows[1].out, counters(200, 2));
    assert!(!flows[2].malformed);
}

#[test]
fn reports_tell_each_packet_once() {
    let mut bench = Bench::new(Limits::default());
    let query = udp(0, 50000, 53);
    let mut reported = Vec::new();
    let mut flush = |bench: &mut Bench| {
        let before = reported.len();
        bench.table.flush(&mut |FlowDelta { key, delta, malformed: _, inspection }| {
            inspection.reported += 1;
            reported.push((key.src_port, delta));
        });
        reported.split_off(before)
    };

    bench.feed(&[query, udp(1, 50001, 53)]);
    let part = |start, end, out, back, opened| Delta {
        start: at(start),
        end: at(end),
        out,
        back,
        ..Delta::empty(at(start), opened)
    };
    assert_eq!(
        flush(&mut bench),
        [
            (50000, part(0, 0, counters(100, 1), counters(0, 0), true)),
            (50001, part(1, 1, counters(100, 1), counters(0, 0), true)),
        ]
    );
    assert_eq!(flush(&mut bench), []);
    bench.feed(&[answer(udp(4, 50000, 53)), answer(udp(3, 50000, 53))]);
    assert_eq!(flush(&mut bench), [(50000, part(3, 4, counters(0, 0), counters(20, 2), false))]);
    bench.feed(&[udp(5, 50000, 53)]);

    let records = bench.finish();
    assert_eq!(records[0].unreported, part(5, 5, counters(100, 1), counters(0, 0), false));
    assert_eq!((records[0].out, records[0].back), (counters(200, 2), counters(20, 2)));
    assert_eq!(records[0].inspection.reported, 2);
    assert!(records[1].unreported.is_empty() && !records[1].unreported.opened);
    assert_eq!(records[1].unreported.end, at(1));
}

#[test]
fn what_a_report_takes_out_of_an_inspection_is_free_again() {
    let mut bench = Bench::new(Limits::default());
    bench.shared.heap_bytes_per_packet = 1_000_000;
    bench.feed(&[udp(0, 50000, 53)]);
    let before = bench.table.counters().memory_bytes;
    bench.table.flush(&mut |delta| delta.inspection.heap_bytes = 0);
    assert_eq!(bench.table.counters().memory_bytes, before - 1_000_000);
}

#[test]
fn a_report_holds_the_flows_with_something_new_whatever_time_out_they_wait_for() {
    let mut bench = Bench::new(Limits::default());
    let segment = |src_port, flags| tcp(0, src_port, 443, flags);
    let flush = |bench: &mut Bench| {
        let mut ports = Vec::new();
        bench.table.flush(&mut |delta| ports.push((delta.key.src_port, delta.delta.out.packets)));
        ports.sort_unstable();
        ports
    };
    bench.feed(&[segment(1, "A"), segment(2, "A"), segment(3, "A"), udp(0, 4, 53), udp(0, 5, 53)]);
    assert_eq!(flush(&mut bench), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]);
    assert_eq!(flush(&mut bench), []);
    // One goes on, one is reset and waits in another queue, one is new; the others are silent.
    bench.feed(&[segment(1, "A"), segment(2, "R"), udp(0, 5, 53), segment(6, "A"), udp(0, 5, 53)]);
    assert_eq!(flush(&mut bench), [(1, 1), (2, 1), (5, 2), (6, 1)]);
    assert_eq!(flush(&mut bench), []);
}
