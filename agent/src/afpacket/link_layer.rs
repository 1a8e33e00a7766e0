//! The link header of a frame, and the VLAN tag that the kernel took out of it.

use std::ops::Range;

use super::{block::RawFrame, deduplication::InterfaceDirection};
use crate::source::LinkType;

/// Hardware types (ARPHRD) whose frames begin with an Ethernet header.
const ETHERNET: u16 = 1;
const LOOPBACK: u16 = 772;
/// Hardware types of wireless interfaces in monitor mode.
const WIRELESS: u16 = 801;
const RADIOTAP: u16 = 803;

/// Packet type of what this host sends.
const OUTGOING: u8 = 4;

/// Where the tag stands in an Ethernet header.
const TAG_AT: usize = 12;
const TAG_BYTES: u32 = 4;

/// A frame as the decoder expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkFrame {
    pub(super) link: LinkType,
    pub(super) original_len: u32,
    pub(super) bytes: Bytes,
}

/// Where the bytes of a frame are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bytes {
    /// In the block.
    Block(Range<usize>),
    /// In the scratch buffer, the tag put back in.
    Scratch,
}

/// The direction in which a frame passes its interface. `None` for the sending half of loopback, where each
/// frame is seen twice.
pub(super) fn direction(frame: &RawFrame) -> Option<InterfaceDirection> {
    match (frame.packet_type, frame.hardware) {
        (OUTGOING, LOOPBACK) => None,
        (OUTGOING, _) => Some(InterfaceDirection::Out),
        _ => Some(InterfaceDirection::In),
    }
}

/// A frame of any hardware, with its link header if that is known here, else from the network header on, as
/// the kernel gives it.
pub(super) fn with_link_header(frame: &RawFrame, block: &[u8], scratch: &mut Vec<u8>) -> LinkFrame {
    let RawFrame { original_len, bytes, .. } = frame;
    let whole = |link| LinkFrame { link, original_len: *original_len, bytes: Bytes::Block(bytes.clone()) };
    match frame.hardware {
        ETHERNET | LOOPBACK => {}
        WIRELESS => return whole(LinkType::Wireless),
        RADIOTAP => return whole(LinkType::Radiotap),
        _ => {
            let header = u32::try_from(frame.network - bytes.start).unwrap_or(u32::MAX);
            let bytes = Bytes::Block(frame.network..bytes.end);
            let link = LinkType::Protocol(frame.protocol);
            return LinkFrame { link, original_len: original_len.saturating_sub(header), bytes };
        }
    }
    let dressed = whole(LinkType::Ethernet);
    let (Some((tag, kind)), Some(data)) = (frame.vlan, block.get(bytes.clone())) else { return dressed };
    let Some((addresses, rest)) = data.split_at_checked(TAG_AT) else { return dressed };
    scratch.clear();
    scratch.extend_from_slice(addresses);
    scratch.extend_from_slice(&kind.to_be_bytes());
    scratch.extend_from_slice(&tag.to_be_bytes());
    scratch.extend_from_slice(rest);
    LinkFrame { original_len: original_len.saturating_add(TAG_BYTES), bytes: Bytes::Scratch, ..dressed }
}

#[cfg(test)]
mod tests {
    use super::{super::block::sample, *};

    #[test]
    fn ethernet_loopback_and_wireless_keep_their_header() {
        for hardware in [ETHERNET, LOOPBACK] {
            let frame = RawFrame { hardware, ..sample::frame(&[7; 60]) };
            let expected = LinkFrame { link: LinkType::Ethernet, original_len: 60, bytes: Bytes::Block(0..60) };
            assert_eq!(with_link_header(&frame, &[7; 60], &mut Vec::new()), expected);
        }
        for (hardware, link) in [(WIRELESS, LinkType::Wireless), (RADIOTAP, LinkType::Radiotap)] {
            let frame = RawFrame { hardware, ..sample::frame(&[7; 60]) };
            let expected = LinkFrame { link, original_len: 60, bytes: Bytes::Block(0..60) };
            assert_eq!(with_link_header(&frame, &[7; 60], &mut Vec::new()), expected);
        }
    }

    #[test]
    fn a_tag_that_was_taken_out_is_put_back_in() {
        let data: Vec<u8> = (0..60).collect();
        let frame = RawFrame { vlan: Some((0x2005, 0x88a8)), original_len: 90, ..sample::frame(&data) };
        let mut scratch = vec![1, 2, 3];
        let dressed = with_link_header(&frame, &data, &mut scratch);
        assert_eq!(dressed, LinkFrame { link: LinkType::Ethernet, original_len: 94, bytes: Bytes::Scratch });
        assert_eq!(scratch, [&data[..12], &[0x88, 0xa8, 0x20, 0x05], &data[12..]].concat());
    }

    #[test]
    fn a_frame_too_short_for_a_tag_stays_as_it_is() {
        let frame = RawFrame { vlan: Some((5, 0x8100)), network: 5, ..sample::frame(&[7; 5]) };
        assert_eq!(with_link_header(&frame, &[7; 5], &mut Vec::new()).bytes, Bytes::Block(0..5));
    }

    #[test]
    fn other_hardware_is_read_from_its_protocol_on() {
        // A tunnel device without a link header, and PPP with one of four bytes.
        for (hardware, network) in [(0xfffe, 0), (512, 4)] {
            for protocol in [0x0800, 0x86dd, 0x0806] {
                let frame = RawFrame { hardware, network, protocol, vlan: Some((1, 1)), ..sample::frame(&[7; 60]) };
                let original_len = 60 - u32::try_from(network).unwrap();
                let link = LinkType::Protocol(protocol);
                let expected = LinkFrame { link, original_len, bytes: Bytes::Block(network..60) };
                assert_eq!(with_link_header(&frame, &[7; 60], &mut Vec::new()), expected);
            }
        }
    }

    #[test]
    fn loopback_shows_each_frame_once() {
        let frame = |packet_type, hardware| RawFrame { hardware, packet_type, ..sample::frame(&[]) };
        assert_eq!(direction(&frame(OUTGOING, LOOPBACK)), None);
        assert_eq!(direction(&frame(0, LOOPBACK)), Some(InterfaceDirection::In));
        assert_eq!(direction(&frame(OUTGOING, ETHERNET)), Some(InterfaceDirection::Out));
        // To us, to all, to a group, to others.
        assert!(
            [0, 1, 2, 3]
                .map(|kind| direction(&frame(kind, ETHERNET)))
                .iter()
                .all(|way| *way == Some(InterfaceDirection::In))
        );
    }
}
