//! Which connections were accepted.

use landfall_observation::Handshake;

use super::*;

/// What each report of these packets says: bytes both ways, connections, and how far the handshake had come. A zero
/// stands for a report.
fn reported(packets: &[Option<Packet<'static>>]) -> Vec<(u64, u64, bool, Handshake)> {
    let mut bench = Bench::new(Limits::default());
    let mut reports = Vec::new();
    for packet in packets {
        match packet {
            Some(packet) => bench.feed(&[*packet]),
            None => bench.table.flush(&mut |FlowDelta { delta, .. }| reports.push(delta)),
        }
    }
    reports.extend(bench.finish().into_iter().map(|record| record.unreported).filter(|delta| !delta.is_empty()));
    reports.iter().map(|delta| (delta.out.bytes, delta.back.bytes, delta.opened, delta.handshake)).collect()
}

fn syn(seconds: i64) -> Packet<'static> {
    tcp(seconds, 50_000, 443, "S")
}

#[test]
fn a_syn_that_nobody_answers_is_no_connection() {
    let packets = [Some(syn(0)), Some(syn(1)), None, Some(syn(3)), Some(syn(7))];
    let unanswered = (200, 0, false, Handshake::Unanswered);
    assert_eq!(reported(&packets), [unanswered, unanswered]);
    // The initiator gives it up.
    let given_up = [Some(syn(0)), Some(tcp(1, 50_000, 443, "R"))];
    assert_eq!(reported(&given_up), [unanswered]);
}

#[test]
fn a_syn_that_is_answered_by_rst_is_no_connection() {
    let rst = |seconds| answer(tcp(seconds, 50_000, 443, "RA"));
    let refused = (100, 10, false, Handshake::Refused);
    // Windows retries after a RST.
    assert_eq!(reported(&[Some(syn(0)), Some(rst(0)), Some(syn(1)), Some(rst(1))]), [refused, refused]);
    let between = [Some(syn(0)), None, Some(rst(0))];
    assert_eq!(reported(&between), [(100, 0, false, Handshake::Unanswered), (0, 10, false, Handshake::Refused)]);
    // Data in the SYN are not acknowledged.
    let fast_open = Packet { payload: b"GET /", payload_len: 5, ..syn(0) };
    assert_eq!(reported(&[Some(fast_open), Some(rst(0))]), [refused]);
}

#[test]
fn a_connection_counts_when_it_is_accepted() {
    let accepted = answer(tcp(1, 50_000, 443, "SA"));
    let packets =
        [Some(syn(0)), None, Some(accepted), Some(tcp(2, 50_000, 443, "A")), None, Some(tcp(3, 50_000, 443, "A"))];
    let expected = [
        (100, 0, false, Handshake::Unanswered),
        (100, 10, true, Handshake::Completed),
        (100, 0, false, Handshake::Completed),
    ];
    assert_eq!(reported(&packets), expected);
    // A reset later ends it, and takes nothing back.
    let packets = [Some(syn(0)), Some(accepted), Some(answer(tcp(2, 50_000, 443, "R")))];
    assert_eq!(reported(&packets), [(100, 20, true, Handshake::Completed)]);
}

#[test]
fn what_is_seen_of_one_direction_is_no_attempt_if_more_follows_the_syn() {
    let sent_only = [Some(syn(0)), Some(tcp(1, 50_000, 443, "A")), Some(tcp(2, 50_000, 443, "A"))];
    assert_eq!(reported(&sent_only), [(300, 0, true, Handshake::Completed)]);
    let answers_only = [Some(answer(tcp(0, 50_000, 443, "SA"))), Some(answer(tcp(1, 50_000, 443, "A")))];
    assert_eq!(reported(&answers_only), [(0, 20, true, Handshake::Completed)]);
    let mid_stream = [Some(tcp(0, 50_000, 443, "A")), Some(answer(tcp(1, 50_000, 443, "R")))];
    assert_eq!(reported(&mid_stream), [(100, 10, true, Handshake::Completed)]);
}

#[test]
fn a_datagram_has_left_whether_it_is_wanted_or_not() {
    assert_eq!(reported(&[Some(udp(0, 50_000, 53))]), [(100, 0, true, Handshake::Completed)]);
}
