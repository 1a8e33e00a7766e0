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
fn sessions_of_pppoe_and_labels_of_mpls_are_followed() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    let session = |protocol: [u8; 2], ip: &[u8]| [&[0x11, 0, 0, 1, 0, 9][..], &protocol, ip].concat();
    let labels = |ip: &[u8]| [&[0, 0x01, 0x00, 64, 0, 0x02, 0x01, 64][..], ip].concat();
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8864, &session([0x00, 0x21], &four))), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8864, &session([0x00, 0x57], &six))), udp6_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8847, &labels(&four))), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8848, &labels(&six))), udp6_packet(b"abc"));
    // Link control, a pseudo-wire, and a stack without a bottom.
    let not_ip = |kind, data: &[u8]| decode(LinkType::Ethernet, &ethernet(kind, data)) == Decoded::NotIp;
    assert!(not_ip(0x8864, &session([0xc0, 0x21], &four)));
    assert!(not_ip(0x8847, &labels(&[0; 20])));
    assert!(not_ip(0x8847, &[0; 64]));
}

#[test]
fn endless_tags_are_not_followed() {
    let tags = [0x00, 0x05, 0x81, 0x00].repeat(50);
    assert_eq!(decode(LinkType::Ethernet, &ethernet(0x8100, &tags)), Decoded::NotIp);
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
        assert_eq!(decode(link, &[7, 0, 0, 0, 0x45]), Decoded::NotIp);
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
fn what_is_not_ip_is_counted_without_bytes() {
    let mut decoder = Decoder::new();
    let arp = ethernet(0x0806, &[0; 28]);
    assert_eq!(decoder.decode(&frame(LinkType::Ethernet, &arp)), Decoded::NotIp);
    assert_eq!(decoder.decode(&frame(LinkType::Ethernet, &arp[..13])), Decoded::NotIp);
    let expected = DecodeCounters { frames: 2, not_ip: 2, cut_link_headers: 1, ..DecodeCounters::default() };
    assert_eq!(decoder.counters(), expected);
}
