//! A node with two pods behind interfaces 10 and 11, and packets on their way through it.

use jiff::Timestamp;

use super::{
    InterfaceDirection::{In, Out},
    *,
};
use crate::source::LinkType;

const A: ([u8; 4], u32) = ([192, 0, 2, 10], 10);
const B: ([u8; 4], u32) = ([192, 0, 2, 11], 11);
const SERVICE: [u8; 4] = [198, 51, 100, 1];
const OUTSIDE: [u8; 4] = [203, 0, 113, 5];

/// A TCP packet with these flags; source port first.
fn tcp(src: [u8; 4], dst: [u8; 4], ports: [u16; 2], flags: u8) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0];
    packet.extend(src);
    packet.extend(dst);
    packet.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
    packet.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet
}

const SYN: u8 = 2;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;

fn counts(once: &mut Deduplicator, packet: &[u8], interface: u32, direction: InterfaceDirection) -> bool {
    let original_len = u32::try_from(packet.len()).unwrap();
    let frame = Frame { at: Timestamp::UNIX_EPOCH, link: LinkType::Ipv4, original_len, data: packet };
    once.counts(&frame, interface, direction)
}

/// At which interfaces a packet counts on its way from one pod to the other.
fn crossing(once: &mut Deduplicator, packet: &[u8], from: u32, to: u32) -> Vec<u32> {
    [(from, In), (to, Out)].into_iter().filter(|&(at, way)| counts(once, packet, at, way)).map(|(at, _)| at).collect()
}

#[test]
fn a_flow_between_two_pods_counts_at_its_initiator() {
    let mut once = Deduplicator::default();
    let there = |flags| tcp(A.0, B.0, [40_000, 80], flags);
    let back = |flags| tcp(B.0, A.0, [80, 40_000], flags);
    assert_eq!(crossing(&mut once, &there(SYN), A.1, B.1), [A.1]);
    assert_eq!(crossing(&mut once, &back(SYN_ACK), B.1, A.1), [A.1]);
    assert_eq!(crossing(&mut once, &there(ACK), A.1, B.1), [A.1]);
    // The ports again, the other way round.
    assert_eq!(crossing(&mut once, &back(SYN), B.1, A.1), [B.1]);
    assert_eq!(crossing(&mut once, &there(SYN_ACK), A.1, B.1), [B.1]);
}

#[test]
fn a_flow_met_in_the_middle_counts_once_whichever_end_speaks_first() {
    let mut once = Deduplicator::default();
    assert_eq!(crossing(&mut once, &tcp(B.0, A.0, [80, 40_000], ACK), B.1, A.1), [B.1]);
    assert_eq!(crossing(&mut once, &tcp(A.0, B.0, [40_000, 80], ACK), A.1, B.1), [B.1]);
    // Both pods are known by now, so the next flow is claimed by its initiator.
    assert_eq!(crossing(&mut once, &tcp(B.0, A.0, [80, 40_001], ACK), B.1, A.1), [A.1]);
}

#[test]
fn a_service_that_is_translated_to_a_pod_of_the_node_counts_where_it_was_asked() {
    let mut once = Deduplicator::default();
    // As A sees it, and as B does.
    let mut exchange = |flags_there, flags_back| {
        [
            counts(&mut once, &tcp(A.0, SERVICE, [40_000, 80], flags_there), A.1, In),
            counts(&mut once, &tcp(A.0, B.0, [40_000, 8080], flags_there), B.1, Out),
            counts(&mut once, &tcp(B.0, A.0, [8080, 40_000], flags_back), B.1, In),
            counts(&mut once, &tcp(SERVICE, A.0, [80, 40_000], flags_back), A.1, Out),
        ]
    };
    assert_eq!(exchange(SYN, SYN_ACK), [true, false, false, true]);
    assert_eq!(exchange(ACK, ACK), [true, false, false, true]);
}

#[test]
fn what_comes_from_outside_counts_at_the_pod() {
    let mut once = Deduplicator::default();
    assert!(counts(&mut once, &tcp(OUTSIDE, A.0, [40_000, 80], SYN), A.1, Out));
    assert!(counts(&mut once, &tcp(A.0, OUTSIDE, [80, 40_000], SYN_ACK), A.1, In));
    // A bridge that does not know its ports yet floods it to the others.
    assert!(!counts(&mut once, &tcp(OUTSIDE, A.0, [40_000, 80], SYN), B.1, Out));
}

#[test]
fn damaged_packets_claim_nothing() {
    let mut once = Deduplicator::default();
    let damaged = [0x45, 0, 0, 5];
    for interface in [A.1, B.1] {
        assert!(counts(&mut once, &damaged, interface, In));
    }
}

#[test]
fn an_interface_that_is_gone_claims_nothing() {
    let mut once = Deduplicator::default();
    let packet = tcp(A.0, OUTSIDE, [40_000, 80], ACK);
    assert!(counts(&mut once, &packet, A.1, In));
    assert!(!counts(&mut once, &packet, 12, In));
    once.forget(A.1);
    assert!(counts(&mut once, &packet, 12, In));
}

#[test]
fn what_is_remembered_is_bounded_and_what_is_used_stays() {
    let mut recent = Recent::default();
    recent.insert(u32::MAX, 7);
    for key in 0..200_000_u32 {
        recent.insert(key, 1);
        if key % 1000 == 0 {
            assert_eq!(recent.get(&u32::MAX), Some(7));
        }
        assert!(recent.new.len() + recent.old.len() <= 2 * REMEMBERED);
    }
    assert_eq!((recent.get(&0), recent.get(&199_999)), (None, Some(1)));
}
