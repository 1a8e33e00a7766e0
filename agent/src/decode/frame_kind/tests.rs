use std::collections::BTreeSet;

use super::*;

const WIRELESS: [Wireless; 6] = [
    Wireless::Management,
    Wireless::Control,
    Wireless::Extension,
    Wireless::Encrypted,
    Wireless::Fragmented,
    Wireless::BadChecksum,
];

/// Every kind that may have a name.
fn all() -> impl Iterator<Item = FrameKind> {
    let numbers = || 0..=u16::MAX;
    let cisco = |organisation| move |protocol| FrameKind::Snap { organisation, protocol };
    numbers()
        .map(FrameKind::EtherType)
        .chain((0..=u8::MAX).map(FrameKind::Llc))
        .chain(numbers().map(cisco(0x00_000c)))
        .chain(numbers().map(cisco(0x08_0007)))
        .chain(numbers().map(FrameKind::Ppp))
        .chain(numbers().map(FrameKind::CiscoHdlc))
        .chain(WIRELESS.map(FrameKind::Wireless))
        .chain([FrameKind::TooDeep, FrameKind::Empty, FrameKind::Malformed, FrameKind::Cut])
}

#[test]
fn each_name_stands_for_one_kind() {
    let names: Vec<_> = all().filter_map(FrameKind::name).collect();
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), different.len());
    assert!((60..120).contains(&names.len()), "a closed list that serves as a label: {}", names.len());
}

#[test]
fn kinds_are_shown_by_their_name_or_their_number() {
    for (kind, shown) in [
        (FrameKind::EtherType(0x0806), "ARP"),
        (FrameKind::EtherType(0x88cc), "LLDP"),
        (FrameKind::EtherType(0x8892), "PROFINET"),
        (FrameKind::EtherType(0x1234), "EtherType 0x1234"),
        (FrameKind::EtherType(0x0019), "EtherType 0x0019"),
        (FrameKind::Llc(0x42), "STP"),
        (FrameKind::Llc(0x0c), "LLC SAP 0x0c"),
        (FrameKind::Snap { organisation: 0x0c, protocol: 0x2000 }, "CDP"),
        (FrameKind::Snap { organisation: 0xab_cdef, protocol: 7 }, "SNAP abcdef:0007"),
        (FrameKind::Ppp(0xc021), "LCP"),
        (FrameKind::Ppp(0x0029), "PPP 0x0029"),
        (FrameKind::CiscoHdlc(0x8035), "SLARP"),
        (FrameKind::Family(7), "address family 7"),
        (FrameKind::LinkType(189), "link type 189 (USB, Linux)"),
        (FrameKind::LinkType(99_999), "link type 99999 (not known)"),
        (FrameKind::Wireless(Wireless::Encrypted), "802.11 encrypted"),
        (FrameKind::Cut, "cut off in the link header"),
    ] {
        assert_eq!(kind.to_string(), shown);
    }
    assert!(all().all(|kind| !kind.to_string().is_empty()));
}

#[test]
fn kinds_are_bounded_and_every_frame_is_in_the_total() {
    let mut kinds = FrameKinds::default();
    for number in 0x1000..0x2000 {
        kinds.count(FrameKind::EtherType(number));
        kinds.count(FrameKind::EtherType(number));
    }
    // A flood of numbers does not hide what has a name.
    for _ in 0..3 {
        kinds.count(FrameKind::EtherType(0x0806));
    }
    let unnamed = MAX_UNNAMED as u64;
    assert_eq!(kinds.by_count().len(), MAX_UNNAMED + 1);
    assert_eq!(kinds.by_count()[0], (FrameKind::EtherType(0x0806), 3));
    assert_eq!(kinds.by_count()[1], (FrameKind::EtherType(0x1000), 2));
    assert_eq!(kinds.other(), 2 * (4096 - unnamed));
    assert_eq!(kinds.total(), 2 * 4096 + 3);
}
