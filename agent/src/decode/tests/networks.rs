//! IP and transport headers that are in order.

use super::*;

/// An extension header of eight bytes.
fn extension(next: u8) -> [u8; 8] {
    [next, 0, 1, 4, 0, 0, 0, 0]
}

#[test]
fn tcp_gives_its_flags_and_the_payload_behind_its_options() {
    let bytes = ipv4(6, &[1, 1, 1, 0], &tcp(SYN | ACK, b"abc"));
    let expected = Packet {
        transport: Transport::Tcp,
        protocol_number: 6,
        src_port: 40000,
        dst_port: 443,
        tcp: Some(TcpHeader { seq: 1000, syn: true, ack: true, fin: false, rst: false }),
        ip_bytes: 51,
        ..udp_packet(b"abc")
    };
    assert_eq!(packet(LinkType::Raw, &bytes), expected);
}

#[test]
fn each_flag_is_its_own() {
    let flags = |bits| packet_flags(&ipv4(6, &[], &tcp(bits, b"")));
    assert_eq!(flags(0x01), (true, false, false, false));
    assert_eq!(flags(0x02), (false, true, false, false));
    assert_eq!(flags(0x04), (false, false, true, false));
    assert_eq!(flags(0x10), (false, false, false, true));
    assert_eq!(flags(0xe8), (false, false, false, false));
}

fn packet_flags(bytes: &[u8]) -> (bool, bool, bool, bool) {
    let TcpHeader { seq: _, syn, ack, fin, rst } = packet(LinkType::Raw, bytes).tcp.unwrap();
    (fin, syn, rst, ack)
}

#[test]
fn sctp_has_ports_and_icmp_has_none() {
    let sctp = [&[0x0b, 0x59, 0x0b, 0x5a, 0, 0, 0, 1, 0, 0, 0, 0], &b"chunk"[..]].concat();
    let bytes = ipv4(132, &[], &sctp);
    let seen = packet(LinkType::Raw, &bytes);
    assert_eq!((seen.transport, seen.src_port, seen.dst_port), (Transport::Sctp, 2905, 2906));
    assert_eq!(seen.payload, b"chunk");

    for bytes in [ipv4(1, &[], b"\x08\0\0\0\0\x01\0\x01ping"), ipv6(58, b"\x80\0\0\0\0\x01\0\x01ping")] {
        let seen = packet(LinkType::Raw, &bytes);
        assert_eq!((seen.transport, seen.src_port, seen.dst_port), (Transport::Icmp, 0, 0));
        assert_eq!((seen.payload, seen.payload_len), (&b"ping"[..], 4));
    }
}

#[test]
fn other_protocols_keep_their_number() {
    let bytes = ipv4(50, &[], b"encrypted");
    let seen = packet(LinkType::Raw, &bytes);
    assert_eq!((seen.transport, seen.protocol_number, seen.payload), (Transport::Other, 50, &b"encrypted"[..]));
    let bytes = ipv6(59, b"");
    let seen = packet(LinkType::Raw, &bytes);
    assert_eq!((seen.transport, seen.ip_bytes, seen.length_from_frame), (Transport::Other, 40, false));
}

#[test]
fn extension_headers_are_stepped_over() {
    let authentication = [17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let chain = [
        &extension(43)[..],
        &extension(60),
        &extension(135),
        &extension(44),
        // A fragment header of a datagram in one piece.
        &[51, 0, 0, 0, 0, 0, 0, 9],
        &authentication,
        &udp(b"abc"),
    ];
    let expected = Packet { ip_bytes: 40 + 5 * 8 + 12 + 11, ..udp6_packet(b"abc") };
    assert_eq!(packet(LinkType::Raw, &ipv6(0, &chain.concat())), expected);

    let expected = Packet { ip_bytes: 20 + 12 + 11, ..udp_packet(b"abc") };
    assert_eq!(packet(LinkType::Raw, &ipv4(51, &[], &[&authentication, &udp(b"abc")[..]].concat())), expected);
}

#[test]
fn an_extension_header_over_the_end_of_the_packet_is_malformed() {
    let expected = Packet {
        transport: Transport::Other,
        protocol_number: 0,
        src_port: 0,
        dst_port: 0,
        payload_len: 0,
        ip_bytes: 51,
        malformed: true,
        hop_limit: 0,
        ..udp6_packet(b"")
    };
    let chain = [&[17, 9, 1, 4, 0, 0, 0, 0], &b"abc"[..]].concat();
    assert_eq!(packet(LinkType::Raw, &ipv6(0, &chain)), expected);
}

#[test]
fn an_extension_header_that_was_not_captured_leaves_no_ports() {
    let whole = ipv6(0, &[&extension(17), &udp(b"abc")[..]].concat());
    let cut = Frame { data: &whole[..44], ..frame(LinkType::Raw, &whole) };
    let Decoded::Packet(seen) = Decoder::new().decode(&cut) else { panic!("expected a packet") };
    assert!(seen.truncated && !seen.malformed);
    assert_eq!((seen.transport, seen.ip_bytes, seen.src_port), (Transport::Other, 59, 0));
}

#[test]
fn debug_output_of_a_packet_holds_no_payload() {
    let text = format!("{:?}", udp_packet(b"MMMM"));
    assert!(text.contains("payload: 4 bytes") && !text.contains("77") && !text.contains("MM"), "{text}");
}
