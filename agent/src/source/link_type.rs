//! The link types that are decoded, by their numbers in the tcpdump registry.

/// What a frame begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// Loopback of BSD: an address family in the byte order of the machine that captured.
    Null,
    /// Ethernet without preamble and check sequence.
    Ethernet,
    /// An IP packet, its version told by its first nibble.
    Raw,
    /// Loopback of OpenBSD: an address family in network byte order.
    Loop,
    /// Linux "cooked" capture, as `tcpdump -i any` writes it.
    LinuxSll,
    /// An IPv4 packet.
    Ipv4,
    /// An IPv6 packet.
    Ipv6,
    /// Linux "cooked" capture, second version.
    LinuxSll2,
}

impl LinkType {
    /// The link type with this number, if it is decoded.
    pub fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            // 12 and 14 are what some BSD systems call 101 in their files.
            12 | 14 | 101 => Self::Raw,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            276 => Self::LinuxSll2,
            _ => return None,
        })
    }
}

/// The registry's name of a link type that is not decoded, for messages.
pub(crate) fn name_of(number: u32) -> &'static str {
    match number {
        6 => "Token Ring",
        8 => "SLIP",
        9 => "PPP",
        10 => "FDDI",
        50 => "PPP in HDLC",
        51 => "PPPoE",
        105 => "IEEE 802.11",
        127 => "IEEE 802.11 with radiotap",
        147..=162 => "private use",
        187 | 201 => "Bluetooth HCI",
        189 | 220 => "USB, Linux",
        195 | 215 | 230 => "IEEE 802.15.4",
        227 => "CAN bus",
        239 => "NFLOG",
        249 => "USB, Windows",
        252 => "Wireshark upper PDU",
        253 => "Netlink",
        _ => "not known",
    }
}
