//! Link types, by their numbers in the tcpdump registry (tcpdump.org/linktypes.html).

/// The supported link types, for messages.
pub const LINK_TYPES_READ: &str = "Ethernet, Linux cooked (both versions), loopback, raw IP, PPP, Cisco HDLC, PPPoE, \
     MPLS, LLC, IEEE 802.11 (also with radiotap) and NFLOG";

/// The header that a frame begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// Loopback of BSD: an address family in the byte order of the machine that captured.
    Null,
    /// Ethernet without preamble and check sequence.
    Ethernet,
    /// PPP, with or without the address and control fields of HDLC; or Cisco's HDLC.
    Ppp,
    /// A PPPoE header (RFC 2516).
    Pppoe,
    /// A logical link control header (IEEE 802.2), as of ATM (RFC 2684).
    Llc,
    /// An IP packet; its first nibble is the version.
    Raw,
    /// Cisco's HDLC.
    CiscoHdlc,
    /// A frame of IEEE 802.11.
    Wireless,
    /// Loopback of OpenBSD: an address family in network byte order.
    Loop,
    /// Linux "cooked" capture, as `tcpdump -i any` writes it.
    LinuxSll,
    /// A radiotap header, then a frame of IEEE 802.11.
    Radiotap,
    /// PPP whose address field is replaced by the direction.
    PppPppd,
    /// A byte for the direction, then PPP.
    PppDirected,
    /// A stack of MPLS labels.
    Mpls,
    /// An IPv4 packet.
    Ipv4,
    /// An IPv6 packet.
    Ipv6,
    /// A packet in the log of Linux's netfilter.
    Nflog,
    /// Linux "cooked" capture, second version.
    LinuxSll2,
    /// The protocol number of a Linux packet socket: an EtherType, or one of Linux's own numbers below 0x0600. Only
    /// live interfaces with an unknown link header have it, never files.
    Protocol(u16),
    /// An unsupported link type with this number; its frames are counted.
    Unread(u32),
}

impl LinkType {
    /// The link type with this number.
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            9 | 50 => Self::Ppp,
            51 => Self::Pppoe,
            // 11 is what some BSD systems call 100, 12 and 14 what they call 101 in their files.
            11 | 100 => Self::Llc,
            12 | 14 | 101 => Self::Raw,
            104 => Self::CiscoHdlc,
            105 => Self::Wireless,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            127 => Self::Radiotap,
            166 => Self::PppPppd,
            204 => Self::PppDirected,
            219 => Self::Mpls,
            228 => Self::Ipv4,
            229 => Self::Ipv6,
            239 => Self::Nflog,
            276 => Self::LinuxSll2,
            _ => Self::Unread(number),
        }
    }
}

/// The registry's name of an unsupported link type, for messages.
pub(crate) fn link_name(number: u32) -> &'static str {
    match number {
        3 => "AX.25",
        6 => "Token Ring",
        7 => "ARCNET",
        8 => "SLIP",
        10 => "FDDI",
        109 => "IPsec, OpenBSD",
        107 => "frame relay",
        114 => "LocalTalk",
        117 => "pf log",
        119 => "IEEE 802.11 with Prism header",
        122 => "IP over Fibre Channel",
        129 => "ARCNET, Linux",
        138 => "IP over IEEE 1394",
        147..=162 => "private use",
        163 => "IEEE 802.11 with AVS header",
        187 | 201 => "Bluetooth HCI",
        189 | 220 => "USB, Linux",
        192 => "per-packet information",
        195 | 215 | 230 => "IEEE 802.15.4",
        224 | 225 => "Fibre Channel",
        227 => "CAN bus",
        240 | 241 => "netANALYZER",
        242 => "IP over InfiniBand",
        247 => "InfiniBand",
        249 => "USB, Windows",
        251 | 256 => "Bluetooth Low Energy",
        252 => "Wireshark upper PDU",
        253 => "Netlink",
        254 => "Bluetooth, Linux",
        272 => "Bluetooth Low Energy, Nordic",
        _ => "not known",
    }
}
