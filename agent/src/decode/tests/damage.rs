//! Packets that are cut off or no packets.

use super::*;

const LINKS: [LinkType; 19] = [
    LinkType::Null,
    LinkType::Ethernet,
    LinkType::Ppp,
    LinkType::Pppoe,
    LinkType::Llc,
    LinkType::Raw,
    LinkType::CiscoHdlc,
    LinkType::Wireless,
    LinkType::Loop,
    LinkType::LinuxSll,
    LinkType::Radiotap,
    LinkType::PppPppd,
    LinkType::PppDirected,
    LinkType::Mpls,
    LinkType::Ipv4,
    LinkType::Ipv6,
    LinkType::Nflog,
    LinkType::LinuxSll2,
    LinkType::Protocol(0x0004),
];

fn samples() -> Vec<(LinkType, Vec<u8>)> {
    let extended = ipv6(0, &[&[44, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 9][..], &tcp(SYN, b"abc")].concat());
    let four = ipv4(6, &[1, 1, 1, 0], &tcp(ACK, b"abcdef"));
    vec![
        (LinkType::Ethernet, ethernet(0x8100, &[&[0x00, 0x05, 0x86, 0xdd], &extended[..]].concat())),
        (LinkType::Ethernet, ethernet(0x0800, &ipv4_fragment(17, &[], 3, 5, b"abc"))),
        (LinkType::LinuxSll, [&[0; 14][..], &[0x08, 0x00], &four[..]].concat()),
        (LinkType::LinuxSll2, [&[0x86, 0xdd][..], &[0; 18], &ipv6(17, &udp(b"abc"))[..]].concat()),
        (LinkType::Null, [&[2, 0, 0, 0], &four[..]].concat()),
        (LinkType::Loop, [&[0, 0, 0, 24], &extended[..]].concat()),
        (LinkType::Raw, ipv4(51, &[], &[&[17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &udp(b"abc")[..]].concat())),
        (LinkType::Raw, ipv4(132, &[], &[7; 16])),
        (LinkType::Ipv6, ipv6(58, &[7; 16])),
        (LinkType::Ipv4, ipv4(1, &[], &[7; 16])),
    ]
    .into_iter()
    .chain(encapsulated(&four))
    .collect()
}

/// A packet behind every header that is followed. What NFLOG holds is a multiple of four bytes long,
/// so that nothing is behind it.
fn encapsulated(ip: &[u8]) -> Vec<(LinkType, Vec<u8>)> {
    let llc = [&[0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x00], ip].concat();
    let inner = ethernet(0x0800, ip);
    let ether =
        |kind: u16, header: &[u8], behind: &[u8]| (LinkType::Ethernet, ethernet(kind, &[header, behind].concat()));
    let data = [&[0x88, 1, 0, 0][..], &[2; 18], &[0x10, 0], &[0, 0], &llc].concat();
    let even = ipv4(17, &[], &udp(b"abcd"));
    vec![
        ether(0x8926, &[0, 1, 0, 2, 0x08, 0x00], ip),
        ether(0x8909, &[1, 1, 0, 1, 0, 9, 0x08, 0x00], ip),
        ether(0x88e7, &[0, 0, 0, 9], &inner),
        ether(0x8903, &[0, 0x60], &inner),
        ether(0x22f3, &[0, 0x7f, 0, 1, 0, 2, 0, 0, 0, 0], &inner),
        ether(0x88e5, &[0x20, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x08, 0x00], ip),
        ether(0x8864, &[0x11, 0, 0, 1, 0, 0, 0x00, 0x21], ip),
        ether(u16::try_from(llc.len()).unwrap(), &[], &llc),
        (LinkType::Mpls, [&[0, 0, 1, 64], ip].concat()),
        (LinkType::Mpls, [&[0, 0, 0, 64, 0, 0, 1, 64, 0, 0, 0, 0], &inner[..]].concat()),
        (LinkType::Llc, llc),
        (LinkType::Ppp, [&[0xff, 3, 0x00, 0x21], ip].concat()),
        (LinkType::PppDirected, [&[1, 0xff, 3, 0x21], ip].concat()),
        (LinkType::PppPppd, [&[1, 3, 0x00, 0x31, 0, 1], &inner[..]].concat()),
        (LinkType::Pppoe, [&[0x11, 0, 0, 1, 0, 0, 0x00, 0x21], ip].concat()),
        (LinkType::CiscoHdlc, [&[0x8f, 0, 0x08, 0x00], ip].concat()),
        (LinkType::Radiotap, [&[0, 0, 9, 0, 2, 0, 0, 0, 0x10], &data[..]].concat()),
        (LinkType::Wireless, data),
        (LinkType::Nflog, [&[2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 1, 0, 36, 0, 9, 0], &even[..]].concat()),
    ]
}

/// How many bytes of a packet it takes to tell that it is one: labels do not say what they bear.
fn looked_at(link: LinkType) -> usize {
    usize::from(link == LinkType::Mpls)
}

#[test]
fn a_header_that_is_none_still_counts_its_bytes() {
    let none = Packet {
        transport: Transport::Other,
        protocol_number: 0,
        src: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        dst: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        src_port: 0,
        dst_port: 0,
        payload_len: 0,
        ip_bytes: 40,
        length_from_frame: true,
        malformed: true,
        hop_limit: 0,
        ..udp_packet(b"")
    };
    assert_eq!(packet(LinkType::Raw, &[0; 40]), none);
    assert_eq!(packet(LinkType::Ethernet, &ethernet(0x0800, &[0xff; 40])), none);
}

#[test]
fn impossible_header_lengths_keep_the_addresses() {
    let expected = Packet {
        transport: Transport::Other,
        src_port: 0,
        dst_port: 0,
        payload_len: 0,
        malformed: true,
        hop_limit: 0,
        ip_bytes: 31,
        ..udp_packet(b"")
    };
    for first in [0x40, 0x44, 0x4f] {
        let mut bytes = ipv4(17, &[], &udp(b"abc"));
        bytes[0] = first;
        assert_eq!(packet(LinkType::Raw, &bytes), expected);
    }
    let mut bytes = ipv4(17, &[], &udp(b"abc"));
    bytes[3] = 19;
    assert_eq!(packet(LinkType::Raw, &bytes), Packet { ip_bytes: 19, ..expected });
}

#[test]
fn every_prefix_captured_of_a_packet_counts_its_whole_length() {
    for (link, sample) in samples() {
        let whole = packet(link, &sample);
        let header = sample.len() - whole.ip_bytes as usize;
        for end in 0..sample.len() {
            let cut = Frame { data: &sample[..end], ..frame(link, &sample) };
            match Decoder::new().decode(&cut) {
                Decoded::NotIp(_) => assert!(end < header + looked_at(link), "{link:?} {end}"),
                Decoded::Packet(seen) => {
                    assert_eq!(seen.ip_bytes, whole.ip_bytes, "{link:?} {end}");
                    assert!(seen.truncated);
                    assert!(seen.payload.len() <= whole.payload.len());
                    assert!(seen.payload.is_empty() || seen.payload_len == whole.payload_len);
                }
            }
        }
    }
}

#[test]
fn every_prefix_as_a_frame_of_its_own_counts_what_is_there() {
    // The log of netfilter does not say how long a packet was.
    for (link, sample) in samples().into_iter().filter(|(link, _)| *link != LinkType::Nflog) {
        let header = sample.len() - packet(link, &sample).ip_bytes as usize;
        for end in 0..sample.len() {
            match decode(link, &sample[..end]) {
                Decoded::NotIp(_) => assert!(end < header + looked_at(link), "{link:?} {end}"),
                Decoded::Packet(seen) => {
                    assert_eq!(seen.ip_bytes as usize, end - header, "{link:?} {end}");
                    assert!(seen.length_from_frame && !seen.truncated);
                }
            }
        }
    }
}

#[test]
fn single_flipped_bytes_never_panic_on_any_link_type() {
    let mut decoder = Decoder::new();
    let mut bytes_seen = 0;
    for (_, sample) in samples() {
        for at in 0..sample.len() {
            for flip in [1, 0x10, 0x80, 0xff] {
                let mut bytes = sample.clone();
                bytes[at] ^= flip;
                for link in LINKS {
                    if let Decoded::Packet(seen) = decoder.decode(&frame(link, &bytes)) {
                        assert!(seen.ip_bytes as usize <= bytes.len() || link == LinkType::Nflog);
                        assert!(seen.payload.len() <= seen.payload_len as usize);
                        bytes_seen += u64::from(seen.ip_bytes);
                    }
                }
            }
        }
    }
    assert_eq!(decoder.counters().ip_bytes, bytes_seen);
}
