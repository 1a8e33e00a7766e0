//! Connections of which one direction only was seen.

use super::*;

/// What each report and then the record of these packets says; a `None` stands for a report.
fn one_sided(packets: &[Option<Packet<'static>>]) -> Vec<bool> {
    let mut bench = Bench::new(Limits::default());
    let mut reports = Vec::new();
    for packet in packets {
        match packet {
            Some(packet) => bench.feed(&[*packet]),
            None => bench.table.flush(&mut |FlowDelta { delta, .. }| reports.push(delta.one_sided)),
        }
    }
    reports.extend(bench.finish().into_iter().map(|record| record.unreported.one_sided));
    reports
}

fn segment(seconds: i64, flags: &str) -> Packet<'static> {
    tcp(seconds, 50_000, 443, flags)
}

/// A segment with data.
fn data(seconds: i64) -> Packet<'static> {
    Packet { payload: b"x", payload_len: 1, ..segment(seconds, "A") }
}

#[test]
fn a_connection_without_its_other_direction_is_reported_at_its_end_or_when_nobody_answers() {
    let sent = [Some(segment(0, "S")), Some(segment(0, "A")), Some(data(1)), None, Some(segment(2, "FA"))];
    assert_eq!(one_sided(&sent), [false, true]);
    // What nothing came after is known by the record all the same.
    let sent = [Some(segment(0, "S")), Some(segment(0, "A")), Some(data(1)), None];
    assert_eq!(one_sided(&sent), [false, true]);
    let for_long = [Some(data(0)), None, Some(data(2)), None, Some(data(3)), None, Some(data(60)), None];
    assert_eq!(one_sided(&for_long), [false, false, true, true, true]);
    let received = [Some(answer(segment(0, "SA"))), Some(answer(data(1))), Some(answer(data(4))), None];
    assert_eq!(one_sided(&received), [true, true]);
}

#[test]
fn a_connection_with_both_directions_is_whole_however_late_the_answer() {
    let answered = [Some(data(0)), Some(data(2)), None, Some(answer(segment(2, "A"))), Some(data(9)), None];
    assert_eq!(one_sided(&answered), [false, false, false]);
    let late = [Some(data(0)), Some(data(3)), None, Some(answer(segment(4, "A"))), None];
    assert_eq!(one_sided(&late), [true, false, false]);
}

#[test]
fn what_need_not_be_answered_is_not_one_sided() {
    // An attempt, datagrams, a last segment of a connection that is over, acknowledgements alone.
    assert_eq!(one_sided(&[Some(segment(0, "S")), Some(segment(5, "S"))]), [false]);
    assert_eq!(one_sided(&[Some(udp(0, 50_000, 53)), Some(udp(5, 50_000, 53))]), [false]);
    assert_eq!(one_sided(&[Some(data(0))]), [false]);
    assert_eq!(one_sided(&[Some(segment(0, "R")), Some(segment(5, "R"))]), [false, false]);
    assert_eq!(one_sided(&[Some(segment(0, "A")), Some(segment(5, "A"))]), [false]);
}
