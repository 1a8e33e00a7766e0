//! Logical link control (IEEE 802.2) and the subnetwork access protocol that may follow (IEEE 802, section 9.5).

use super::{Ended, FIRST_ETHER_TYPE, Network, Next, Step};
use crate::decode::{frame_kind::FrameKind, u16_at};

/// Control field of unnumbered information.
const UNNUMBERED: u8 = 0x03;
/// The bit of an access point that distinguishes groups from individual ones, and commands from responses.
const WITHOUT_FLAG: u8 = 0xfe;

/// The payload of a header at `at`.
pub(super) fn behind(bytes: &[u8], at: usize) -> Step {
    let &[to, from, control] = bytes.get(at..).and_then(<[u8]>::first_chunk::<3>).ok_or(Ended)?;
    Ok(match (to, from & WITHOUT_FLAG, control) {
        (0xaa, 0xaa, UNNUMBERED) => return behind_snap(bytes, at + 3),
        // RFC 948.
        (0x06, 0x06, UNNUMBERED) => Next::Ip(Network::Ipv4, at + 3),
        // A network layer identifier follows (RFC 2684, section 5.1).
        (0xfe, 0xfe, UNNUMBERED) => match bytes.get(at + 3).ok_or(Ended)? {
            0xcc => Next::Ip(Network::Ipv4, at + 4),
            0x8e => Next::Ip(Network::Ipv6, at + 4),
            _ => Next::NotIp(FrameKind::Llc(to)),
        },
        _ => Next::NotIp(FrameKind::Llc(to)),
    })
}

/// Reads organisation and protocol: of the organisations 0 (RFC 1042) and that of bridges between
/// Ethernet and others (802.1H) the protocol is an EtherType.
fn behind_snap(bytes: &[u8], at: usize) -> Step {
    let &[high, middle, low] = bytes.get(at..).and_then(<[u8]>::first_chunk::<3>).ok_or(Ended)?;
    let organisation = u32::from_be_bytes([0, high, middle, low]);
    let protocol = u16_at(bytes, at + 3).ok_or(Ended)?;
    Ok(match (organisation, protocol) {
        (0x00_0000 | 0x00_00f8, FIRST_ETHER_TYPE..) => Next::Type(protocol, at + 5),
        _ => Next::NotIp(FrameKind::Snap { organisation, protocol }),
    })
}
