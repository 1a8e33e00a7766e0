//! Which bytes count.

use super::*;

/// Replaces the length field of an IPv4 header.
fn claiming(mut bytes: Vec<u8>, length: u16) -> Vec<u8> {
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes
}

#[test]
fn padding_of_short_ethernet_frames_does_not_count() {
    let mut bytes = ethernet(0x0800, &ipv4(17, &[], &udp(b"abc")));
    bytes.resize(60, 0);
    assert_eq!(packet(LinkType::Ethernet, &bytes), udp_packet(b"abc"));
}

#[test]
fn a_length_of_0_or_beyond_the_frame_is_taken_from_the_frame() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    let expected = Packet { length_from_frame: true, ..udp_packet(b"abc") };
    for length in [0, 32, u16::MAX] {
        assert_eq!(packet(LinkType::Ethernet, &ethernet(0x0800, &claiming(ip.clone(), length))), expected);
    }
    let mut six = ipv6(17, &udp(b"abc"));
    let expected = Packet { length_from_frame: true, ..udp6_packet(b"abc") };
    for length in [0, 12, 0xffff_u16] {
        six[4..6].copy_from_slice(&length.to_be_bytes());
        assert_eq!(packet(LinkType::Ethernet, &ethernet(0x86dd, &six)), expected);
    }
}

#[test]
fn vlan_tags_do_not_count_when_the_frame_gives_the_length() {
    let tagged = [&[0x00, 0x05, 0x08, 0x00], &claiming(ipv4(17, &[], &udp(b"abc")), 0)[..]].concat();
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8100, &tagged)).ip_bytes, 31);
}

#[test]
fn jumbograms_give_their_length_in_an_option() {
    let payload = vec![7; 70_000];
    let mut datagram = vec![17, 0, 0xc2, 4];
    datagram.extend(u32::try_from(8 + 8 + payload.len()).unwrap().to_be_bytes());
    datagram.extend([0xd4, 0x31, 0x00, 0x35, 0, 0, 0, 0]);
    datagram.extend(&payload);
    let mut bytes = ipv6(0, &[]);
    bytes.extend(datagram);
    let expected = Packet { ip_bytes: 70_056, ..udp6_packet(&payload) };
    assert_eq!(packet(LinkType::Raw, &bytes), expected);
}

#[test]
fn a_cut_frame_counts_with_its_whole_length() {
    let whole = ethernet(0x0800, &ipv4(6, &[], &tcp(ACK, &[7; 1000])));
    let cut = Frame { data: &whole[..68], ..frame(LinkType::Ethernet, &whole) };
    let mut decoder = Decoder::new();
    let Decoded::Packet(seen) = decoder.decode(&cut) else { panic!("expected a packet") };
    assert_eq!((seen.ip_bytes, seen.payload.len(), seen.payload_len), (1044, 10, 1000));
    assert!(seen.truncated && !seen.length_from_frame);
    let expected = DecodeCounters { frames: 1, packets: 1, ip_bytes: 1044, truncated: 1, ..DecodeCounters::default() };
    assert_eq!(decoder.counters(), expected);

    let offloaded = claiming(whole[14..].to_vec(), 0);
    let cut = Frame { at: at(0), link: LinkType::Raw, original_len: 60_000, data: &offloaded[..54] };
    let Decoded::Packet(seen) = decoder.decode(&cut) else { panic!("expected a packet") };
    assert_eq!((seen.ip_bytes, seen.payload_len), (60_000, 59_956));
    assert!(seen.truncated && seen.length_from_frame);
}

#[test]
fn an_original_length_below_the_captured_one_is_not_believed() {
    let bytes = ipv4(17, &[], &udp(b"abc"));
    let frame = Frame { original_len: 0, ..frame(LinkType::Raw, &bytes) };
    assert_eq!(Decoder::new().decode(&frame), Decoded::Packet(udp_packet(b"abc")));
}

#[test]
fn the_length_of_udp_trims_its_payload() {
    let mut datagram = udp(b"abc");
    datagram.extend(b"trailer");
    let expected = Packet { ip_bytes: 38, ..udp_packet(b"abc") };
    assert_eq!(packet(LinkType::Raw, &ipv4(17, &[], &datagram)), expected);
}

#[test]
fn lies_of_transport_headers_are_counted_and_keep_their_ports() {
    let mut short_offset = tcp(ACK, b"abc");
    short_offset[12] = 0x40;
    let mut long_offset = tcp(ACK, b"abc");
    long_offset[12] = 0xf0;
    let mut small = udp(b"abc");
    small[5] = 7;
    let mut large = udp(b"abc");
    large[5] = 12;
    let mut decoder = Decoder::new();
    for (protocol, body, port, payload_len) in [
        (6, &short_offset[..], 443, 0),
        (6, &long_offset[..], 443, 0),
        (6, &tcp(ACK, b"")[..10], 443, 0),
        (17, &small[..], 53, 0),
        (17, &large[..], 53, 3),
        (17, &small[..4], 53, 0),
        (17, &small[..3], 0, 0),
    ] {
        let bytes = ipv4(protocol, &[], body);
        let Decoded::Packet(seen) = decoder.decode(&frame(LinkType::Raw, &bytes)) else { panic!("expected a packet") };
        assert_eq!((seen.dst_port, seen.payload_len, seen.tcp, seen.malformed), (port, payload_len, None, false));
        assert_eq!(seen.ip_bytes as usize, 20 + body.len());
    }
    assert_eq!(decoder.counters().malformed_transports, 7);
}
