//! PPP and Cisco's HDLC in all their framings.

use super::*;

#[test]
fn ppp_is_read_in_every_framing() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    for (link, header) in [
        (LinkType::Ppp, &[][..]),
        (LinkType::Ppp, &[0xff, 0x03]),
        (LinkType::PppDirected, &[0]),
        (LinkType::PppDirected, &[1, 0xff, 0x03]),
        (LinkType::PppPppd, &[0, 0x03]),
        (LinkType::PppPppd, &[1, 0x03]),
        (LinkType::PppPppd, &[0xff, 0x03]),
        (LinkType::Pppoe, &[0x11, 0, 0, 9, 0, 33]),
    ] {
        let framed = |protocol: &[u8], behind: &[u8]| [header, protocol, behind, &[0xee; 9]].concat();
        for protocol in [&[0x00, 0x21][..], &[0x21]] {
            assert_eq!(packet(link, &framed(protocol, &four)), udp_packet(b"abc"), "{link:?} {header:?}");
        }
        for protocol in [&[0x00, 0x57][..], &[0x57]] {
            assert_eq!(packet(link, &framed(protocol, &six)), udp6_packet(b"abc"), "{link:?} {header:?}");
        }
        let labels = [&[0, 0, 1, 64], &four[..]].concat();
        assert_eq!(packet(link, &framed(&[0x02, 0x81], &labels)), udp_packet(b"abc"));
        assert_eq!(not_ip(link, &framed(&[0xc0, 0x21], &four)), FrameKind::Ppp(0xc021));
        assert_eq!(not_ip(link, &framed(&[0x3d], &four)), FrameKind::Ppp(0x3d));
    }
}

#[test]
fn bridged_frames_are_followed() {
    let inner = ethernet(0x0800, &ipv4(17, &[], &udp(b"abc")));
    let bridged = |header: [u8; 2]| [&[0xff, 0x03, 0x00, 0x31], &header[..], &inner].concat();
    assert_eq!(packet(LinkType::Ppp, &bridged([0x00, 0x01])), udp_packet(b"abc"));
    // A segment number in between; Token Ring.
    assert_eq!(not_ip(LinkType::Ppp, &bridged([0x40, 0x01])), FrameKind::Ppp(0x31));
    assert_eq!(not_ip(LinkType::Ppp, &bridged([0x00, 0x02])), FrameKind::Ppp(0x31));
}

#[test]
fn sessions_of_pppoe_are_followed() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let session = |code: u8, protocol: [u8; 2]| [&[0x11, code, 0, 1, 0, 33], &protocol[..], &four, &[0; 20]].concat();
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x8864, &session(0, [0x00, 0x21]))), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x880b, &session(0, [0x00, 0x21])[6..])), udp_packet(b"abc"));
    assert_eq!(not_ip(LinkType::Ethernet, &ethernet(0x8864, &session(0, [0x80, 0x21]))), FrameKind::Ppp(0x8021));
    // The end of a session is no data, whatever link it comes by.
    for (link, data) in
        [(LinkType::Ethernet, ethernet(0x8864, &session(0xa7, [0; 2]))), (LinkType::Pppoe, session(9, [0; 2]))]
    {
        assert_eq!(not_ip(link, &data), FrameKind::EtherType(0x8863));
    }
}

#[test]
fn cisco_hdlc_is_read_where_it_stands_in_for_ppp_as_well() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    for link in [LinkType::CiscoHdlc, LinkType::Ppp] {
        for address in [0x0f, 0x8f] {
            let framed = |kind: u16, behind: &[u8]| [&[address, 0], &kind.to_be_bytes()[..], behind].concat();
            assert_eq!(packet(link, &framed(0x0800, &four)), udp_packet(b"abc"));
            assert_eq!(packet(link, &framed(0x86dd, &six)), udp6_packet(b"abc"));
            assert_eq!(not_ip(link, &framed(0x8035, &[0; 18])), FrameKind::CiscoHdlc(0x8035));
            assert_eq!(not_ip(link, &framed(0x1234, &[0; 18])), FrameKind::EtherType(0x1234));
        }
    }
}
