//! Every link type, and what is not IP.

use super::*;

#[test]
fn ethernet_carries_both_versions_of_ip() {
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x0800, &ipv4(17, &[], &udp(b"abc")))), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x86dd, &ipv6(17, &udp(b"abc")))), udp6_packet(b"abc"));
}

#[test]
fn stacked_vlan_tags_are_followed() {
    let inner = [&[0x00, 0x05, 0x08, 0x00], &ipv4(17, &[], &udp(b"abc"))[..]].concat();
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8100, &inner)), udp_packet(b"abc"));
    let outer = [&[0x00, 0x06, 0x81, 0x00], &inner[..]].concat();
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x88a8, &outer)), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x9100, &outer)), udp_packet(b"abc"));
}

#[test]
fn endless_headers_are_not_followed() {
    let tags = [0x00, 0x05, 0x81, 0x00].repeat(50);
    assert_eq!(not_ip(LinkType::Ethernet, &ethernet(0x8100, &tags)), FrameKind::TooDeep);
    let labels = [0; 256];
    assert_eq!(not_ip(LinkType::Mpls, &labels), FrameKind::TooDeep);
    // Labels, control word, frame, labels and so on: each is looked into once, not twice.
    let frames = [&[0, 0, 1, 0, 0, 0, 0, 0][..], &ethernet(0x8847, &[])].concat().repeat(100);
    assert_eq!(not_ip(LinkType::Mpls, &frames), FrameKind::EtherType(0x8847));
}

#[test]
fn cooked_captures_of_both_versions_are_read() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    let first = [&[0; 14][..], &[0x08, 0x00], &ip[..]].concat();
    assert_eq!(packet(LinkType::LinuxSll, &first), udp_packet(b"abc"));
    let tagged = [&[0; 14][..], &[0x81, 0x00, 0x00, 0x05, 0x08, 0x00], &ip[..]].concat();
    assert_eq!(packet(LinkType::LinuxSll, &tagged), udp_packet(b"abc"));
    let second = [&[0x86, 0xdd][..], &[0; 18], &ipv6(17, &udp(b"abc"))[..]].concat();
    assert_eq!(packet(LinkType::LinuxSll2, &second), udp6_packet(b"abc"));
    // LLC, by Linux's own number.
    let llc = [&[0; 14][..], &[0x00, 0x04, 0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00], &ip[..]].concat();
    assert_eq!(packet(LinkType::LinuxSll, &llc), udp_packet(b"abc"));
}

#[test]
fn cooked_captures_without_a_network_are_distinguished() {
    let first = |hardware: u16, protocol: u16| {
        [&[0, 0][..], &hardware.to_be_bytes(), &[0; 10], &protocol.to_be_bytes(), &[0; 40]].concat()
    };
    assert_eq!(not_ip(LinkType::LinuxSll, &first(824, 0)), FrameKind::LinkType(253));
    assert_eq!(not_ip(LinkType::LinuxSll, &first(280, 0x000c)), FrameKind::EtherType(0x000c));
    assert_eq!(not_ip(LinkType::LinuxSll, &first(1, 0x0806)), FrameKind::EtherType(0x0806));
    let second = |hardware: u16, protocol: u16| {
        [&protocol.to_be_bytes()[..], &[0; 6], &hardware.to_be_bytes(), &[0; 50]].concat()
    };
    assert_eq!(not_ip(LinkType::LinuxSll2, &second(824, 16)), FrameKind::LinkType(253));
    assert_eq!(not_ip(LinkType::LinuxSll2, &second(1, 0x88cc)), FrameKind::EtherType(0x88cc));
}

#[test]
fn what_live_interfaces_call_their_protocol_is_followed() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    assert_eq!(packet(LinkType::Protocol(0x0800), &ip), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Protocol(0x86dd), &ipv6(17, &udp(b"abc"))), udp6_packet(b"abc"));
    assert_eq!(packet(LinkType::Protocol(0x8847), &[&[0, 0, 1, 64], &ip[..]].concat()), udp_packet(b"abc"));
    assert_eq!(not_ip(LinkType::Protocol(0x0806), &[0; 28]), FrameKind::EtherType(0x0806));
    assert_eq!(not_ip(LinkType::Protocol(0x0019), &[0; 28]), FrameKind::EtherType(0x0019));
}

#[test]
fn loopback_families_are_read_in_both_byte_orders() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    for link in [LinkType::Null, LinkType::Loop] {
        for (family, ip, expected) in [
            (2_u32, &four, udp_packet(b"abc")),
            (10, &six, udp6_packet(b"abc")),
            (24, &six, udp6_packet(b"abc")),
            (28, &six, udp6_packet(b"abc")),
            (30, &six, udp6_packet(b"abc")),
        ] {
            assert_eq!(packet(link, &[&family.to_be_bytes(), &ip[..]].concat()), expected);
            assert_eq!(packet(link, &[&family.to_le_bytes(), &ip[..]].concat()), expected);
        }
        assert_eq!(not_ip(link, &[7, 0, 0, 0, 0x45]), FrameKind::Family(7));
    }
}

#[test]
fn raw_packets_have_no_link_header() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    assert_eq!(packet(LinkType::Raw, &four), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Raw, &six), udp6_packet(b"abc"));
    assert_eq!(packet(LinkType::Ipv4, &four), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ipv6, &six), udp6_packet(b"abc"));
    assert!(packet(LinkType::Ipv4, &six).malformed);
    assert!(packet(LinkType::Ipv6, &four).malformed);
}

#[test]
fn what_is_not_ip_is_counted_by_what_it_is() {
    let mut decoder = Decoder::new();
    let arp = ethernet(0x0806, &[0; 28]);
    let frames = [
        (frame(LinkType::Ethernet, &arp), FrameKind::EtherType(0x0806)),
        (frame(LinkType::Ethernet, &arp[..13]), FrameKind::Cut),
        (frame(LinkType::Ethernet, &arp), FrameKind::EtherType(0x0806)),
        (frame(LinkType::Unread(189), &arp), FrameKind::LinkType(189)),
    ];
    for (frame, kind) in &frames {
        assert_eq!(decoder.decode(frame), Decoded::NotIp(*kind));
    }
    let ip = ethernet(0x0800, &ipv4(17, &[], &udp(b"abc")));
    assert_eq!(decoder.decode(&frame(LinkType::Ethernet, &ip)), Decoded::Packet(udp_packet(b"abc")));
    let expected = [(FrameKind::EtherType(0x0806), 2), (FrameKind::LinkType(189), 1), (FrameKind::Cut, 1)];
    assert_eq!(decoder.not_ip().by_count(), expected);
    let counters = decoder.counters();
    assert_eq!((counters.frames, counters.packets, decoder.not_ip().total()), (5, 1, 4));
}
