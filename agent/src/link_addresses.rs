//! The MAC addresses of a frame. They are those of the IP packet's ends only on the link of a host.

use crate::{
    packet::{LinkAddress, LinkEnds},
    source::{Frame, LinkType},
};

/// Ethernet types whose frames are addressed to bridges, not to the packet's ends: 802.1ah and FabricPath.
const BETWEEN_BRIDGES: [[u8; 2]; 2] = [[0x88, 0xe7], [0x89, 0x03]];

/// The link-layer addresses of a frame. Cooked captures name the sender only; other link types have none.
pub(crate) fn ends(frame: &Frame<'_>) -> LinkEnds {
    let bytes = frame.data;
    match frame.link {
        LinkType::Ethernet => match bytes.get(12..14) {
            Some(kind) if !BETWEEN_BRIDGES.iter().any(|other| other == kind) => {
                LinkEnds { src: mac(bytes, 6), dst: mac(bytes, 0) }
            }
            _ => LinkEnds::default(),
        },
        // Length of the address, then the address.
        LinkType::LinuxSll if bytes.get(4..6) == Some(&[0, 6]) => LinkEnds { src: mac(bytes, 6), dst: None },
        LinkType::LinuxSll2 if bytes.get(11) == Some(&6) => LinkEnds { src: mac(bytes, 12), dst: None },
        _ => LinkEnds::default(),
    }
}

fn mac(bytes: &[u8], at: usize) -> Option<LinkAddress> {
    LinkAddress::from_octets(*bytes.get(at..)?.first_chunk()?)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const A: [u8; 6] = [0x02, 0, 0, 0, 0, 0xa];
    const B: [u8; 6] = [0x02, 0, 0, 0, 0, 0xb];

    fn link_ends(link: LinkType, data: &[u8]) -> LinkEnds {
        let original_len = u32::try_from(data.len()).unwrap();
        ends(&Frame { at: Timestamp::UNIX_EPOCH, link, original_len, data })
    }

    fn mac(bytes: [u8; 6]) -> Option<LinkAddress> {
        LinkAddress::from_octets(bytes)
    }

    #[test]
    fn ethernet_names_both_ends_and_cooked_captures_the_sender() {
        let ethernet = [&B[..], &A, &[8, 0]].concat();
        assert_eq!(link_ends(LinkType::Ethernet, &ethernet), LinkEnds { src: mac(A), dst: mac(B) });
        let cooked = [&[0, 4, 0, 1, 0, 6][..], &A, &[0, 0, 8, 0]].concat();
        assert_eq!(link_ends(LinkType::LinuxSll, &cooked), LinkEnds { src: mac(A), dst: None });
        let cooked = [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 6][..], &A, &[0, 0]].concat();
        assert_eq!(link_ends(LinkType::LinuxSll2, &cooked), LinkEnds { src: mac(A), dst: None });
        for sample in [&ethernet, &cooked] {
            for end in 0..sample.len() {
                for link in [LinkType::Ethernet, LinkType::LinuxSll, LinkType::LinuxSll2, LinkType::Raw] {
                    link_ends(link, &sample[..end]);
                }
            }
        }
    }

    #[test]
    fn group_zero_and_bridge_addresses_are_not_those_of_a_host() {
        let none = LinkEnds::default();
        assert_eq!(link_ends(LinkType::Ethernet, &[&[0; 12][..], &[8, 0]].concat()), none);
        let group = [&[0x33, 0x33, 0, 0, 0, 1][..], &A, &[0x86, 0xdd]].concat();
        assert_eq!(link_ends(LinkType::Ethernet, &group), LinkEnds { src: mac(A), dst: None });
        for kind in BETWEEN_BRIDGES {
            assert_eq!(link_ends(LinkType::Ethernet, &[&B[..], &A, &kind].concat()), none);
        }
        assert_eq!(link_ends(LinkType::LinuxSll, &[&[0, 4, 3, 4, 0, 0][..], &A, &[0, 0, 8, 0]].concat()), none);
    }
}
