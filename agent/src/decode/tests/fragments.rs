//! Datagrams in pieces.

use super::*;

const MORE: u16 = 0x2000;

/// Ports, payload and its length on the wire, for each of `frames` in turn.
fn seen(decoder: &mut Decoder, frames: &[(i64, &[u8])]) -> Vec<(Transport, u16, u16, u32)> {
    let decode = |(seconds, bytes): &(i64, &[u8])| {
        let frame = Frame { at: at(*seconds), ..frame(LinkType::Raw, bytes) };
        let Decoded::Packet(packet) = decoder.decode(&frame) else { panic!("expected a packet") };
        assert_eq!(packet.ip_bytes as usize, bytes.len());
        assert_eq!(packet.payload, b"");
        (packet.transport, packet.src_port, packet.dst_port, packet.payload_len)
    };
    frames.iter().map(decode).collect()
}

fn first(id: u16) -> Vec<u8> {
    ipv4_fragment(17, &[], id, MORE, &udp(&[7; 16]))
}

fn second(id: u16) -> Vec<u8> {
    ipv4_fragment(17, &[], id, 3, &[7; 9])
}

#[test]
fn later_fragments_go_to_their_datagrams_flow() {
    let mut decoder = Decoder::new();
    let frames = [(0, &first(1)[..]), (0, &second(1)), (1, &second(1)), (1, &second(2))];
    let known = |payload_len| (Transport::Udp, 54321, 53, payload_len);
    assert_eq!(seen(&mut decoder, &frames), [known(16), known(0), known(0), (Transport::Udp, 0, 0, 0)]);
    let counters = decoder.counters();
    assert_eq!((counters.fragments, counters.orphan_fragments), (4, 1));
}

#[test]
fn a_fragment_before_its_first_is_an_orphan() {
    let mut decoder = Decoder::new();
    let frames = [(0, &second(1)[..]), (0, &first(1)), (0, &second(1))];
    let seen = seen(&mut decoder, &frames);
    assert_eq!(seen.iter().map(|packet| packet.2).collect::<Vec<_>>(), [0, 53, 53]);
}

#[test]
fn datagrams_are_forgotten_after_half_a_minute_in_either_direction() {
    let mut decoder = Decoder::new();
    let frames = [(0, &first(1)[..]), (30, &second(1)), (31, &second(1)), (-30, &second(1)), (-31, &second(1))];
    let seen = seen(&mut decoder, &frames);
    assert_eq!(seen.iter().map(|packet| packet.2).collect::<Vec<_>>(), [53, 53, 0, 53, 0]);
}

#[test]
fn datagrams_that_never_complete_take_bounded_room() {
    let mut decoder = Decoder::new();
    let firsts: Vec<_> = (0..5000).map(first).collect();
    let frames: Vec<_> = firsts.iter().map(|bytes| (0, &bytes[..])).collect();
    seen(&mut decoder, &frames);
    assert_eq!(decoder.counters().forgotten_datagrams, 5000 - 4096);
    let ports = seen(&mut decoder, &[(0, &second(0)), (0, &second(5000 - 4096 - 1)), (0, &second(5000 - 4096))]);
    assert_eq!(ports.iter().map(|packet| packet.2).collect::<Vec<_>>(), [0, 0, 53]);
    // Time alone frees the room as well.
    seen(&mut decoder, &[(100, &first(9))]);
    assert_eq!(decoder.counters().forgotten_datagrams, 5000 - 4096);
}

#[test]
fn a_reused_identification_belongs_to_the_newer_datagram() {
    let mut other = first(1);
    other[22..24].copy_from_slice(&[0, 123]);
    let mut decoder = Decoder::new();
    let seen = seen(&mut decoder, &[(0, &first(1)[..]), (20, &other), (40, &second(1))]);
    assert_eq!(seen.iter().map(|packet| packet.2).collect::<Vec<_>>(), [53, 123, 123]);
}

#[test]
fn fragments_of_ipv6_keep_the_transport_behind_further_headers() {
    let fragment = |offset_and_more: u16| {
        let mut header = vec![60, 0];
        header.extend(offset_and_more.to_be_bytes());
        header.extend(77_u32.to_be_bytes());
        header
    };
    let first = ipv6(44, &[&fragment(1)[..], &[17, 0, 1, 4, 0, 0, 0, 0], &udp(&[7; 8])].concat());
    let second = ipv6(44, &[&fragment(24 << 3)[..], &[7; 5]].concat());
    let mut decoder = Decoder::new();
    let known = |payload_len| (Transport::Udp, 54321, 53, payload_len);
    assert_eq!(seen(&mut decoder, &[(0, &first), (0, &second)]), [known(8), known(0)]);
}

#[test]
fn the_first_fragment_shows_tcps_flags() {
    let bytes = ipv4_fragment(6, &[], 1, MORE, &tcp(SYN, &[7; 8]));
    let seen = packet(LinkType::Raw, &bytes);
    assert!(seen.tcp.is_some_and(|tcp| tcp.syn));
    assert_eq!((seen.payload, seen.payload_len), (&b""[..], 8));
}

#[test]
fn a_first_fragment_too_small_for_ports_is_an_orphan() {
    let tiny = ipv4_fragment(6, &[], 1, MORE, &tcp(SYN, b"")[..3]);
    let mut decoder = Decoder::new();
    assert_eq!(seen(&mut decoder, &[(0, &tiny)]), [(Transport::Tcp, 0, 0, 0)]);
    assert_eq!(decoder.counters().orphan_fragments, 1);
}

#[test]
fn pieces_of_icmp_are_no_orphans() {
    let bytes = ipv4_fragment(1, &[], 1, 100, &[7; 8]);
    let mut decoder = Decoder::new();
    assert_eq!(seen(&mut decoder, &[(0, &bytes)]), [(Transport::Icmp, 0, 0, 0)]);
    assert_eq!(decoder.counters().orphan_fragments, 0);
}
