//! Packets in the log of netfilter.

use super::*;

type Order = fn(u16) -> [u8; 2];

fn field(order: Order, kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [&order(length)[..], &order(kind), value].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn log(order: Order, family: u8, protocol: u16, behind: &[Vec<u8>]) -> Vec<u8> {
    let header = field(order, 1, &[&protocol.to_be_bytes()[..], &[1, 0]].concat());
    [&[family, 0, 0, 5][..], &header, &field(order, 10, b"out\0"), &behind.concat()].concat()
}

#[test]
fn packets_are_found_in_both_byte_orders() {
    let four = ipv4(17, &[], &udp(b"abc"));
    let six = ipv6(17, &udp(b"abc"));
    for order in [u16::to_le_bytes as Order, u16::to_be_bytes] {
        let payload = |ip: &[u8]| [field(order, 9, ip)];
        assert_eq!(packet(LinkType::Nflog, &log(order, 2, 0x0800, &payload(&four))), udp_packet(b"abc"));
        assert_eq!(packet(LinkType::Nflog, &log(order, 10, 0x86dd, &payload(&six))), udp6_packet(b"abc"));
        // A bridge names the protocol in a field.
        assert_eq!(packet(LinkType::Nflog, &log(order, 7, 0x86dd, &payload(&six))), udp6_packet(b"abc"));
        assert_eq!(not_ip(LinkType::Nflog, &log(order, 7, 0x0806, &payload(&[0; 28]))), FrameKind::EtherType(0x0806));
        // Without anything before the packet.
        let bare = [&[2, 0, 0, 5], &payload(&four)[0][..]].concat();
        assert_eq!(packet(LinkType::Nflog, &bare), udp_packet(b"abc"));
        let unknown = [&[7, 0, 0, 5], &payload(&four)[0][..]].concat();
        assert_eq!(not_ip(LinkType::Nflog, &unknown), FrameKind::Family(7));
        assert_eq!(not_ip(LinkType::Nflog, &log(order, 2, 0x0800, &[])), FrameKind::Empty);
        let short = log(order, 2, 0x0800, &[order(3).to_vec(), order(9).to_vec()]);
        assert_eq!(not_ip(LinkType::Nflog, &short), FrameKind::Malformed);
    }
    assert_eq!(not_ip(LinkType::Nflog, &[2, 1, 0, 0, 8, 0, 1, 0]), FrameKind::Malformed);
}

/// `tcpdump -i nflog -s` has the kernel keep the beginning, of which nothing in the record tells.
#[test]
fn a_packet_that_was_logged_in_part_counts_its_whole_length() {
    let whole = ipv4(17, &[], &udp(&[7; 1000]));
    let data = log(u16::to_le_bytes, 2, 0x0800, &[field(u16::to_le_bytes, 9, &whole[..60])]);
    let expected = Packet { payload: &[7; 32], truncated: true, ..udp_packet(&[7; 1000]) };
    assert_eq!(packet(LinkType::Nflog, &data), expected);
    // Where IP does not say how long it is, what was logged counts.
    let mut none = whole;
    none[2..4].copy_from_slice(&[0, 0]);
    let data = log(u16::to_le_bytes, 2, 0x0800, &[field(u16::to_le_bytes, 9, &none[..60])]);
    assert_eq!(packet(LinkType::Nflog, &data).ip_bytes, 60);
}
