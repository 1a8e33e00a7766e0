//! What networks put between Ethernet and IP, each with the length that IP says.

use super::*;

/// What a tag of this EtherType and length holds, its last two bytes an EtherType.
fn tagged(length: usize, kind: u16, behind: &[u8]) -> Vec<u8> {
    [&vec![0x11; length - 2][..], &kind.to_be_bytes(), behind].concat()
}

/// Ethernet, padded as the wire demands and beyond.
fn padded(kind: u16, behind: &[u8]) -> Vec<u8> {
    [ethernet(kind, behind), vec![0xee; 64]].concat()
}

/// A frame with a length in place of its type.
fn llc(behind: &[u8]) -> Vec<u8> {
    padded(u16::try_from(behind.len()).unwrap(), behind)
}

fn snap(organisation: [u8; 3], protocol: u16, behind: &[u8]) -> Vec<u8> {
    [&[0xaa, 0xaa, 0x03], &organisation[..], &protocol.to_be_bytes(), behind].concat()
}

#[test]
fn tags_before_the_type_are_followed() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    // VLAN tags of all kinds, VN-Tag, HSR, R-Tag, Cisco MetaData.
    let lengths =
        [(0x8100, 4), (0x88a8, 4), (0x9100, 4), (0x9200, 4), (0x8926, 6), (0x892f, 6), (0xf1c1, 6), (0x8909, 8)];
    for (kind, length) in lengths {
        let frame = |inner, ip: &[u8]| padded(kind, &tagged(length, inner, ip));
        assert_eq!(packet(LinkType::Ethernet, &frame(0x0800, &four)), udp_packet(b"abc"), "{kind:#x}");
        assert_eq!(packet(LinkType::Ethernet, &frame(0x86dd, &six)), udp6_packet(b"abc"), "{kind:#x}");
        // A VLAN tag inside, and what is no IP.
        let vlan = tagged(4, 0x0800, &four);
        assert_eq!(packet(LinkType::Ethernet, &frame(0x8100, &vlan)), udp_packet(b"abc"), "{kind:#x}");
        assert_eq!(not_ip(LinkType::Ethernet, &frame(0x0806, &[0; 28])), FrameKind::EtherType(0x0806));
    }
}

#[test]
fn frames_within_frames_are_followed() {
    let four = ethernet(0x0800, &ipv4(17, &[], &udp(b"abc")));
    let six = ethernet(0x8100, &tagged(4, 0x86dd, &ipv6(17, &udp(b"abc"))));
    // 802.1ah: flags and service identifier. FabricPath: tag and hops. TRILL: without and with eight bytes of options.
    let headers: [(u16, &[u8]); 4] = [
        (0x88e7, &[0x00, 0x12, 0x34, 0x56]),
        (0x8903, &[0x00, 0x60]),
        (0x22f3, &[0x00, 0x3f, 0, 1, 0, 2]),
        (0x22f3, &[0x00, 0xbf, 0, 1, 0, 2, 0x81, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (kind, header) in headers {
        let frame = |inner: &[u8]| padded(kind, &[header, inner].concat());
        assert_eq!(packet(LinkType::Ethernet, &frame(&four)), udp_packet(b"abc"), "{kind:#x}");
        assert_eq!(packet(LinkType::Ethernet, &frame(&six)), udp6_packet(b"abc"), "{kind:#x}");
        // Behind a tag of the backbone.
        let behind_tag = padded(0x88a8, &tagged(4, kind, &[header, &four[..]].concat()));
        assert_eq!(packet(LinkType::Ethernet, &behind_tag), udp_packet(b"abc"), "{kind:#x}");
        assert_eq!(not_ip(LinkType::Ethernet, &frame(&ethernet(0x88cc, &[0; 40]))), FrameKind::EtherType(0x88cc));
    }
}

#[test]
fn logical_links_are_followed() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    for organisation in [[0, 0, 0], [0, 0, 0xf8]] {
        assert_eq!(packet(LinkType::Ethernet, &llc(&snap(organisation, 0x0800, &four))), udp_packet(b"abc"));
        assert_eq!(packet(LinkType::Ethernet, &llc(&snap(organisation, 0x86dd, &six))), udp6_packet(b"abc"));
    }
    let vlan = tagged(4, 0x0800, &four);
    assert_eq!(packet(LinkType::Ethernet, &llc(&snap([0, 0, 0], 0x8100, &vlan))), udp_packet(b"abc"));
    let in_vlan = padded(0x8100, &tagged(4, 36, &snap([0, 0, 0], 0x0800, &four)));
    assert_eq!(packet(LinkType::Ethernet, &in_vlan), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &llc(&[&[6, 6, 3], &four[..]].concat())), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Ethernet, &padded(0x8870, &snap([0, 0, 0], 0x0800, &four))), udp_packet(b"abc"));
    // As ATM has it, where a network layer identifier does as well.
    assert_eq!(packet(LinkType::Llc, &snap([0, 0, 0], 0x86dd, &six)), udp6_packet(b"abc"));
    assert_eq!(packet(LinkType::Llc, &[&[0xfe, 0xfe, 3, 0xcc], &four[..]].concat()), udp_packet(b"abc"));
    assert_eq!(packet(LinkType::Llc, &[&[0xfe, 0xfe, 3, 0x8e], &six[..]].concat()), udp6_packet(b"abc"));
}

#[test]
fn logical_links_without_ip_are_distinguished() {
    for (behind, kind) in [
        (vec![0x42, 0x42, 3, 0, 0, 0], FrameKind::Llc(0x42)),
        (vec![0xfe, 0xfe, 3, 0x83, 0, 0], FrameKind::Llc(0xfe)),
        (vec![0xff, 0xff, 0, 34, 0, 0], FrameKind::Llc(0xff)),
        // Supervision of an access point that carries IP when it carries anything.
        (vec![0x06, 0x06, 1, 0, 0, 0], FrameKind::Llc(0x06)),
        (snap([0, 0, 0x0c], 0x2000, &[0; 8]), FrameKind::Snap { organisation: 0x0c, protocol: 0x2000 }),
        (snap([0, 0, 0], 0x0806, &[0; 28]), FrameKind::EtherType(0x0806)),
        // No EtherType: it would be read as a length.
        (snap([0, 0, 0], 0x0024, &[0xaa, 0xaa, 3]), FrameKind::Snap { organisation: 0, protocol: 0x24 }),
    ] {
        assert_eq!(not_ip(LinkType::Ethernet, &llc(&behind)), kind);
    }
}

#[test]
fn security_tags_are_followed_where_nothing_is_encrypted() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    let frame = |flags: u8, rest: usize| {
        padded(0x88e5, &[&[flags][..], &vec![0; rest], &[0x08, 0x00], &ip, &[0x5a; 16]].concat())
    };
    assert_eq!(packet(LinkType::Ethernet, &frame(0x00, 5)), udp_packet(b"abc"));
    // With a channel identifier.
    assert_eq!(packet(LinkType::Ethernet, &frame(0x20, 13)), udp_packet(b"abc"));
    for unreadable in [0x0c, 0x2c, 0x08, 0x04] {
        assert_eq!(not_ip(LinkType::Ethernet, &frame(unreadable, 13)), FrameKind::EtherType(0x88e5));
    }
}

#[test]
fn labels_and_the_frames_in_them_are_followed() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    let labels = |behind: &[u8]| [&[0, 0x01, 0x00, 64, 0, 0x02, 0x01, 64][..], behind].concat();
    let wire = |address: u8, kind: u16, behind: &[u8]| {
        let mut frame = ethernet(kind, behind);
        frame[0] = address;
        frame
    };
    for kind in [0x8847, 0x8848] {
        let read = |behind: &[u8]| padded(kind, &labels(behind));
        assert_eq!(packet(LinkType::Ethernet, &read(&four)), udp_packet(b"abc"));
        assert_eq!(packet(LinkType::Ethernet, &read(&six)), udp6_packet(b"abc"));
        // An Ethernet wire with a control word and without; addresses may begin with the same bits.
        for address in [0x00, 0x02, 0x1e, 0x3c, 0xb0, 0xf8] {
            let plain = wire(address, 0x0800, &four);
            let vlan = wire(address, 0x8100, &tagged(4, 0x86dd, &six));
            for word in [&[][..], &[0, 0, 0, 7]] {
                let with = |frame: &[u8]| read(&[word, frame].concat());
                assert_eq!(packet(LinkType::Ethernet, &with(&plain)), udp_packet(b"abc"), "{address:#x} {word:?}");
                assert_eq!(packet(LinkType::Ethernet, &with(&vlan)), udp6_packet(b"abc"), "{address:#x} {word:?}");
            }
        }
        let arp = wire(0x02, 0x0806, &[0; 28]);
        assert_eq!(not_ip(LinkType::Ethernet, &read(&arp)), FrameKind::EtherType(0x8847));
        assert_eq!(not_ip(LinkType::Ethernet, &read(&[0x10, 0, 0, 0x21, 0, 0, 0, 0])), FrameKind::EtherType(0x8847));
    }
    assert_eq!(packet(LinkType::Mpls, &labels(&four)), udp_packet(b"abc"));
}

#[test]
fn a_length_of_zero_is_taken_from_behind_all_headers() {
    let mut ip = ipv4(17, &[], &udp(&[7; 100]));
    ip[2..4].copy_from_slice(&[0, 0]);
    let expected = Packet { length_from_frame: true, ..udp_packet(&[7; 100]) };
    for data in [
        ethernet(0x8926, &tagged(6, 0x0800, &ip)),
        ethernet(0x88e7, &[&[0; 4], &ethernet(0x0800, &ip)[..]].concat()),
        ethernet(0x8903, &[&[0; 2], &ethernet(0x0800, &ip)[..]].concat()),
        ethernet(136, &snap([0, 0, 0], 0x0800, &ip)),
        ethernet(0x8847, &[&[0, 0, 1, 64], &ip[..]].concat()),
        ethernet(0x8864, &[&[0x11, 0, 0, 1, 0, 130, 0x00, 0x21], &ip[..]].concat()),
    ] {
        assert_eq!(packet(LinkType::Ethernet, &data), expected);
    }
}
