//! EtherTypes: IP, and what networks put between Ethernet and IP.

use super::{Ended, FIRST_ETHER_TYPE, Network, Next, Step, ppp};
use crate::decode::{frame_kind::FrameKind, u16_at};

/// Flags of a MACsec tag (IEEE 802.1AE, 9.5): a channel identifier follows; encrypted; changed.
const MACSEC_CHANNEL: u8 = 0x20;
const MACSEC_UNREADABLE: u8 = 0x0c;

/// The payload of a header that ends with an EtherType; it begins at `at`.
pub(super) fn behind(bytes: &[u8], kind: u16, at: usize) -> Step {
    match kind {
        0x0800 => Ok(Next::Ip(Network::Ipv4, at)),
        0x86dd => Ok(Next::Ip(Network::Ipv6, at)),
        // Tags of 802.1Q and 802.1ad, and those used for the outer tag before the latter.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => typed(bytes, at + 2),
        // VN-Tag (802.1Qbh), HSR (IEC 62439-3), R-Tag (802.1CB).
        0x8926 | 0x892f | 0xf1c1 => typed(bytes, at + 4),
        // Cisco MetaData: version, length, option and group tag.
        0x8909 => typed(bytes, at + 6),
        // Provider backbone bridges (802.1ah): flags and service identifier, then the customer's frame.
        0x88e7 => Ok(Next::Ethernet(at + 4)),
        // Cisco FabricPath: forwarding tag and hops, then the frame.
        0x8903 => Ok(Next::Ethernet(at + 2)),
        0x22f3 => behind_trill(bytes, at),
        0x88e5 => behind_macsec(bytes, at),
        // Labels of MPLS (RFC 5332).
        0x8847 | 0x8848 => Ok(Next::Labels(at)),
        0x880b => Ok(Next::Ppp(at)),
        // Session data of PPPoE (RFC 2516).
        0x8864 => ppp::behind_session(bytes, at),
        // A length, or the type that stands for one too long to be one.
        0x8870 | ..FIRST_ETHER_TYPE => Ok(Next::Llc(at)),
        _ => Ok(Next::NotIp(FrameKind::EtherType(kind))),
    }
}

/// Reads the EtherType at the end of a tag.
fn typed(bytes: &[u8], at: usize) -> Step {
    Ok(Next::Type(u16_at(bytes, at).ok_or(Ended)?, at + 2))
}

/// Skips a TRILL header (RFC 6325, section 3.2), whose options are counted in words of four bytes.
fn behind_trill(bytes: &[u8], at: usize) -> Step {
    let options = usize::from(u16_at(bytes, at).ok_or(Ended)? >> 6 & 0x1f) * 4;
    Ok(Next::Ethernet(at + 6 + options))
}

/// Skips a MACsec tag if its payload is not encrypted (IEEE 802.1AE, section 9.3).
fn behind_macsec(bytes: &[u8], at: usize) -> Step {
    let flags = bytes.get(at).ok_or(Ended)?;
    if flags & MACSEC_UNREADABLE != 0 {
        return Ok(Next::NotIp(FrameKind::EtherType(0x88e5)));
    }
    typed(bytes, if flags & MACSEC_CHANNEL == 0 { at + 6 } else { at + 14 })
}
