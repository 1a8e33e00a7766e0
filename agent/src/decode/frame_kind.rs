//! Kinds of frames without a readable IP packet, and their counts.

mod names;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::source::link_name;

/// Maximum number of unnamed kinds that are counted separately: a sender may choose among 65,536 EtherTypes.
const MAX_UNNAMED: usize = 32;

/// The kind of a frame without a readable IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FrameKind {
    /// A protocol, by its EtherType (IEEE 802.3, 3.2.6).
    EtherType(u16),
    /// A protocol, by its destination service access point in the LLC header (IEEE 802.2).
    Llc(u8),
    /// A protocol of an organisation, by its identifier and its number in the SNAP header (IEEE 802, 9.5).
    Snap {
        /// The organisation, 24 bits.
        organisation: u32,
        /// Its number for the protocol.
        protocol: u16,
    },
    /// A protocol, by its number in PPP (RFC 1661, section 2).
    Ppp(u16),
    /// A protocol, by its number in Cisco's HDLC where it is no EtherType.
    CiscoHdlc(u16),
    /// An address family of a loopback header or of the netfilter log.
    Family(u32),
    /// A frame of IEEE 802.11 whose payload is none or cannot be read.
    Wireless(Wireless),
    /// A link type of a capture file that is not read, by its number in the tcpdump registry.
    LinkType(u32),
    /// More nested headers than are followed.
    TooDeep,
    /// The headers announce no payload.
    Empty,
    /// A link header that contradicts itself.
    Malformed,
    /// A frame that ends inside its link header.
    Cut,
}

/// Frames of IEEE 802.11 without a payload that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wireless {
    /// Beacons, probes, associations.
    Management,
    /// Acknowledgements, requests to send.
    Control,
    /// Types beyond those.
    Extension,
    /// Encrypted data.
    Encrypted,
    /// A part of a frame, or several packets in one (A-MSDU).
    Fragmented,
    /// Received with a wrong check sequence, so that any byte may be wrong.
    BadChecksum,
}

/// How many frames there are of each kind.
///
/// Named kinds are a closed list and always counted separately; of the others only the first 32 are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameKinds {
    counts: Vec<(FrameKind, u64)>,
    unnamed: usize,
    other: u64,
}

// === impl FrameKind ===

impl FrameKind {
    /// The name of a common kind, from a closed list; names are unique.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::EtherType(number) => names::ether_type(number),
            Self::Llc(access_point) => names::access_point(access_point),
            Self::Snap { organisation, protocol } => names::snap(organisation, protocol),
            Self::Ppp(number) => names::ppp(number),
            Self::CiscoHdlc(number) => names::cisco_hdlc(number),
            Self::Family(_) | Self::LinkType(_) => None,
            Self::Wireless(wireless) => Some(wireless.name()),
            Self::TooDeep => Some("too many headers"),
            Self::Empty => Some("no payload"),
            Self::Malformed => Some("malformed link headers"),
            Self::Cut => Some("cut off in the link header"),
        }
    }
}

impl fmt::Display for FrameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return f.write_str(name);
        }
        match *self {
            Self::EtherType(number) => write!(f, "EtherType {number:#06x}"),
            Self::Llc(access_point) => write!(f, "LLC SAP {access_point:#04x}"),
            Self::Snap { organisation, protocol } => write!(f, "SNAP {organisation:06x}:{protocol:04x}"),
            Self::Ppp(number) => write!(f, "PPP {number:#06x}"),
            Self::CiscoHdlc(number) => write!(f, "HDLC {number:#06x}"),
            Self::Family(number) => write!(f, "address family {number}"),
            Self::LinkType(number) => write!(f, "link type {number} ({})", link_name(number)),
            // These have names.
            Self::Wireless(_) | Self::TooDeep | Self::Empty | Self::Malformed | Self::Cut => Ok(()),
        }
    }
}

// === impl Wireless ===

impl Wireless {
    fn name(self) -> &'static str {
        match self {
            Self::Management => "802.11 management",
            Self::Control => "802.11 control",
            Self::Extension => "802.11 extension",
            Self::Encrypted => "802.11 encrypted",
            Self::Fragmented => "802.11 fragmented or aggregated",
            Self::BadChecksum => "802.11 with a wrong check sequence",
        }
    }
}

// === impl FrameKinds ===

impl FrameKinds {
    /// Counts a frame.
    pub(super) fn count(&mut self, kind: FrameKind) {
        if let Some((_, count)) = self.counts.iter_mut().find(|(known, _)| *known == kind) {
            *count += 1;
            return;
        }
        if kind.name().is_none() {
            if self.unnamed == MAX_UNNAMED {
                self.other += 1;
                return;
            }
            self.unnamed += 1;
        }
        self.counts.push((kind, 1));
    }

    /// Frames of all kinds.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum::<u64>() + self.other
    }

    /// Kinds and how many frames there are of each, the most frequent first.
    pub fn by_count(&self) -> Vec<(FrameKind, u64)> {
        let mut counts = self.counts.clone();
        counts.sort_by_key(|&(kind, count)| (std::cmp::Reverse(count), kind));
        counts
    }

    /// Frames of kinds for which there was no room.
    pub fn other(&self) -> u64 {
        self.other
    }
}
