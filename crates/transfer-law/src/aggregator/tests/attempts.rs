//! Connections that nobody accepted.

use super::*;

fn attempt(start: &str, handshake: Handshake) -> Observation {
    let mut attempt = observation(start, &[], &[]);
    attempt.handshake = handshake;
    attempt.sent.connections = 0;
    attempt.received.connections = 0;
    attempt
}

#[test]
fn attempts_alone_make_an_edge_that_says_so() {
    let edge = only_edge(&[
        attempt("2026-11-23T10:00:00Z", Handshake::Unanswered),
        attempt("2026-11-23T10:05:00Z", Handshake::Refused),
    ]);
    assert!(edge.only_attempts);
    assert_eq!((edge.volume.bytes_sent, edge.volume.connections), (200, 0));
    assert_eq!((edge.first_seen, edge.last_seen), ("2026-11-23T10:00:00Z".parse().unwrap(), edge.last_seen));
    assert!(!only_edge(&[observation("2026-11-23T10:00:00Z", &[], &[])]).only_attempts);
}

#[test]
fn the_first_connection_begins_the_edge_anew_with_exact_bytes() {
    let mut tried = attempt("2026-11-20T10:00:00Z", Handshake::Refused);
    tried.location = vec![evidence("US", 1)];
    let connection = observation("2026-11-23T10:00:00Z", &[DataCategory::NAME], &[]);
    let edge = only_edge(&[tried.clone(), connection.clone()]);
    assert!(!edge.only_attempts);
    assert_eq!(edge.first_seen, connection.window.start);
    assert_eq!((edge.volume.bytes_sent, edge.volume.connections), (200, 2));
    assert_eq!(edge.location, []);

    // Attempts later add their bytes, and say nothing about the time of the transfer.
    let later = attempt("2026-12-01T10:00:00Z", Handshake::Unanswered);
    let edge = only_edge(&[connection.clone(), later]);
    assert_eq!((edge.only_attempts, edge.last_seen, edge.volume.bytes_sent), (false, connection.window.end, 200));
}

#[test]
fn what_a_refused_syn_carried_is_held_and_was_not_sent() {
    let mut fast_open = observation("2026-11-23T10:00:00Z", &[DataCategory::NAME], &[]);
    (fast_open.handshake, fast_open.sent.connections, fast_open.received.connections) = (Handshake::Refused, 0, 0);
    let edge = only_edge(&[fast_open]);
    assert_eq!(edge.categories.seen, BTreeSet::new());
    assert_eq!(edge.categories.held, BTreeSet::from([DataCategory::NAME]));
    assert_eq!(edge.volume.matches, BTreeMap::new());
}

#[test]
fn an_edge_from_before_attempts_were_told_apart_is_none() {
    let edge = only_edge(&[observation("2026-11-23T10:00:00Z", &[], &[])]);
    let mut kept = serde_json::to_value(&edge).unwrap();
    kept.as_object_mut().unwrap().remove("onlyAttempts").unwrap();
    assert_eq!(serde_json::from_value::<Edge>(kept).unwrap(), edge);
}
