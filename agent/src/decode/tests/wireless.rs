//! Frames of 802.11, with and without radiotap.

use super::*;

/// A data frame: subtype, flags, what is behind the three addresses, and the payload.
fn data_frame(subtype: u8, flags: u8, further: &[u8], ip: &[u8]) -> Vec<u8> {
    let kind: u16 = if ip[0] >> 4 == 6 { 0x86dd } else { 0x0800 };
    let head = [subtype << 4 | 0x08, flags, 0, 0];
    [&head[..], &[2; 18], &[0x10, 0x00], further, &[0xaa, 0xaa, 0x03, 0, 0, 0], &kind.to_be_bytes(), ip].concat()
}

/// A radiotap header with these words of presence and what they announce.
fn radiotap(present: &[u32], fields: &[u8], behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + 4 * present.len() + fields.len()).unwrap();
    let words: Vec<u8> = present.iter().flat_map(|word| word.to_le_bytes()).collect();
    [&[0, 0][..], &length.to_le_bytes(), &words, fields, behind].concat()
}

#[test]
fn data_in_the_clear_is_read_whatever_its_header() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    // To and from the distribution system, between two of its parts, with quality of service, with both,
    // and with the field of high throughput.
    for (subtype, flags, further) in
        [(0x0, 0x01, 0), (0x0, 0x02, 0), (0x0, 0x03, 6), (0x8, 0x01, 2), (0x8, 0x03, 8), (0x8, 0x82, 6), (0x0, 0x80, 0)]
    {
        let further = vec![0; further];
        // A check sequence behind is no part of it.
        let read = |ip: &[u8]| [data_frame(subtype, flags, &further, ip), vec![0x5a; 4]].concat();
        assert_eq!(packet(LinkType::Wireless, &read(&four)), udp_packet(b"abc"), "{subtype:#x} {flags:#x}");
        assert_eq!(packet(LinkType::Wireless, &read(&six)), udp6_packet(b"abc"), "{subtype:#x} {flags:#x}");
    }
}

#[test]
fn unreadable_frames_are_distinguished() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    let with = |first: u8, flags: u8| {
        let mut frame = data_frame(0, flags, &[0, 0], &ip);
        frame[0] = first;
        frame
    };
    for (frame, kind) in [
        (with(0x80, 0), FrameKind::Wireless(Wireless::Management)),
        (with(0xd4, 0), FrameKind::Wireless(Wireless::Control)),
        (with(0x0c, 0), FrameKind::Wireless(Wireless::Extension)),
        (with(0x48, 1), FrameKind::Empty),
        (with(0xc8, 1), FrameKind::Empty),
        (with(0x88, 0x41), FrameKind::Wireless(Wireless::Encrypted)),
        (with(0x08, 0x05), FrameKind::Wireless(Wireless::Fragmented)),
        (with(0x09, 0x01), FrameKind::Malformed),
    ] {
        assert_eq!(not_ip(LinkType::Wireless, &frame), kind);
    }
    // Later fragments, and several packets in one frame.
    let mut later = data_frame(0, 1, &[], &ip);
    later[22] = 0x11;
    assert_eq!(not_ip(LinkType::Wireless, &later), FrameKind::Wireless(Wireless::Fragmented));
    let aggregated = data_frame(8, 1, &[0x80, 0], &ip);
    assert_eq!(not_ip(LinkType::Wireless, &aggregated), FrameKind::Wireless(Wireless::Fragmented));
    // An acknowledgement has ten bytes.
    assert_eq!(not_ip(LinkType::Wireless, &with(0xd4, 0)[..10]), FrameKind::Wireless(Wireless::Control));
}

#[test]
fn radiotap_is_stepped_over_by_its_length() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    let plain = data_frame(0, 1, &[], &ip);
    for header in [
        radiotap(&[0], &[], &plain),
        radiotap(&[0x2e], &[0x10, 0x0c, 0x6c, 0x09, 0, 0], &plain),
        // A clock before the flags, and two more words of presence before both.
        radiotap(&[0x3], &[0, 0, 0, 0, 0, 0, 0, 0, 0x10], &plain),
        radiotap(&[0x8000_0003, 0x8000_0000, 0], &[&[0; 8][..], &[0x10]].concat(), &plain),
    ] {
        assert_eq!(packet(LinkType::Radiotap, &header), udp_packet(b"abc"));
    }
    let cooked = [&[0, 0, 0x03, 0x23][..], &[0; 10], &[0, 0], &radiotap(&[0], &[], &plain)].concat();
    assert_eq!(packet(LinkType::LinuxSll, &cooked), udp_packet(b"abc"));
}

#[test]
fn what_radiotap_says_of_padding_and_of_damage_counts() {
    let ip = ipv4(17, &[], &udp(b"abc"));
    // A header of 26 bytes is filled up to 28.
    let padded = data_frame(8, 1, &[0, 0, 0xee, 0xee], &ip);
    assert_eq!(packet(LinkType::Radiotap, &radiotap(&[2], &[0x20], &padded)), udp_packet(b"abc"));
    let plain = data_frame(0, 1, &[], &ip);
    let wrong = FrameKind::Wireless(Wireless::BadChecksum);
    assert_eq!(not_ip(LinkType::Radiotap, &radiotap(&[2], &[0x50], &plain)), wrong);
    let mut later_version = radiotap(&[0], &[], &plain);
    later_version[0] = 1;
    assert_eq!(not_ip(LinkType::Radiotap, &later_version), FrameKind::Malformed);
    let mut short = radiotap(&[0], &[], &plain);
    short[2] = 7;
    assert_eq!(not_ip(LinkType::Radiotap, &short), FrameKind::Malformed);
    // Flags that are promised and have no room; words of presence that never end.
    assert_eq!(not_ip(LinkType::Radiotap, &radiotap(&[2], &[], &plain)), FrameKind::Malformed);
    let endless = [&[0, 0, 16, 0][..], &[0xff; 400]].concat();
    assert_eq!(not_ip(LinkType::Radiotap, &endless), FrameKind::Malformed);
}
