//! Names of common protocols other than IP, from the registries of IEEE and IANA.

/// The protocol of an EtherType.
pub(super) fn ether_type(number: u16) -> Option<&'static str> {
    Some(match number {
        0x000c => "CAN",
        0x0806 => "ARP",
        0x0842 => "Wake-on-LAN",
        0x22ea => "SRP",
        0x22f0 => "AVTP",
        0x22f3 => "TRILL",
        0x4305 => "B.A.T.M.A.N.",
        0x6002 => "DEC MOP",
        0x6003 => "DECnet",
        0x8035 => "RARP",
        0x809b => "AppleTalk",
        0x80f3 => "AppleTalk ARP",
        0x8137 => "IPX",
        0x8808 => "Ethernet flow control",
        0x8809 => "LACP",
        0x8847 => "MPLS without IP",
        0x8848 => "MPLS multicast without IP",
        0x8863 => "PPPoE discovery",
        0x886f => "NLB heartbeat",
        0x887b => "HomePlug",
        0x888e => "EAPOL",
        0x8892 => "PROFINET",
        0x88a2 => "ATA over Ethernet",
        0x88a4 => "EtherCAT",
        0x88ab => "POWERLINK",
        0x88b5 => "local experimental 1",
        0x88b6 => "local experimental 2",
        0x88b8 => "GOOSE",
        0x88b9 => "GSE",
        0x88ba => "Sampled Values",
        0x88ca => "TIPC",
        0x88cc => "LLDP",
        0x88cd => "SERCOS III",
        0x88d9 => "LLTD",
        0x88e1 => "HomePlug AV",
        0x88e3 => "MRP",
        0x88e5 => "encrypted MACsec",
        0x88f5 => "MVRP",
        0x88f6 => "MMRP",
        0x88f7 => "PTP",
        0x88f8 => "NC-SI",
        0x88fb => "PRP",
        0x8902 => "CFM",
        0x8906 => "FCoE",
        0x8914 => "FIP",
        0x8915 => "RoCE",
        0x893a => "IEEE 1905.1",
        0x894f => "NSH",
        0x9000 => "Ethernet loopback test",
        _ => return None,
    })
}

/// The protocol behind a service access point.
pub(super) fn access_point(number: u8) -> Option<&'static str> {
    Some(match number {
        0x00 => "LLC null",
        0x04 => "SNA",
        0x42 => "STP",
        0x7e => "X.25",
        0xbc => "VINES",
        0xe0 => "IPX over LLC",
        0xf0 => "NetBIOS",
        0xfe => "IS-IS and OSI",
        0xff => "IPX in raw 802.3",
        _ => return None,
    })
}

/// The protocol of an organisation; those of Cisco are on every switch.
pub(super) fn snap(organisation: u32, protocol: u16) -> Option<&'static str> {
    Some(match (organisation, protocol) {
        (0x00_000c, 0x0104) => "PAgP",
        (0x00_000c, 0x010b) => "PVST+",
        (0x00_000c, 0x0111) => "UDLD",
        (0x00_000c, 0x2000) => "CDP",
        (0x00_000c, 0x2003) => "VTP",
        (0x00_000c, 0x2004) => "DTP",
        (0x08_0007, 0x809b) => "AppleTalk over SNAP",
        _ => return None,
    })
}

/// The protocol of a PPP number.
pub(super) fn ppp(number: u16) -> Option<&'static str> {
    Some(match number {
        0x002d => "PPP with compressed TCP headers",
        0x002f => "PPP with uncompressed TCP headers",
        0x003d => "PPP multilink",
        0x00fd => "PPP compressed",
        0x8021 => "IPCP",
        0x8057 => "IPV6CP",
        0x80fd => "CCP",
        0xc021 => "LCP",
        0xc023 => "PAP",
        0xc025 => "LQR",
        0xc223 => "CHAP",
        _ => return None,
    })
}

/// The protocol of a number that Cisco's HDLC has for itself.
pub(super) fn cisco_hdlc(number: u16) -> Option<&'static str> {
    Some(match number {
        0x2000 => "CDP over HDLC",
        0x8035 => "SLARP",
        0xfefe => "OSI over HDLC",
        _ => return None,
    })
}
