//! IPv6 addresses that represent an IPv4 address: IPv4-mapped ones (RFC 4291, 2.5.5.2), and those of NAT64 translators
//! (RFC 6052).

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::Ipv6Net;

/// Positions of the bytes of the IPv4 address for each prefix length (RFC 6052, section 2.2). Byte 8 is zero except for
/// /96, and the bytes after the address are zero.
const FORMATS: [(u8, [usize; 4]); 6] = [
    (32, [4, 5, 6, 7]),
    (40, [5, 6, 7, 9]),
    (48, [6, 7, 9, 10]),
    (56, [7, 9, 10, 11]),
    (64, [9, 10, 11, 12]),
    (96, [12, 13, 14, 15]),
];

/// The addresses of `ipv4only.arpa` (RFC 7050, 2.2).
const IPV4_ONLY: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];

/// The name whose IPv6 addresses show a client the prefix of its translator (RFC 7050).
pub const DISCOVERY_NAME: &str = "ipv4only.arpa";

/// The prefix in which a translator represents IPv4 addresses: /32, /40, /48, /56, /64 or /96.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nat64Prefix(Ipv6Net);

/// An invalid prefix of a translator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an IPv6 prefix without host bits of /32, /40, /48, /56, /64 or /96, such as 2001:db8:64::/96")]
pub struct InvalidNat64Prefix;

/// The configured translators: the well-known prefix `64:ff9b::/96`, and declared ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translation {
    declared: Vec<Nat64Prefix>,
}

// === impl Nat64Prefix ===

impl Nat64Prefix {
    /// The IPv4 address that an address of the translator represents; `None` if it is not an address of the translator.
    pub fn embedded(self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        let (length, places) = FORMATS.iter().find(|(length, _)| *length == self.0.prefix_len())?;
        let bytes = address.octets();
        let rest_is_zero = || (usize::from(*length / 8)..16).all(|at| places.contains(&at) || bytes[at] == 0);
        (self.0.contains(&address) && rest_is_zero()).then(|| Ipv4Addr::from(places.map(|place| bytes[place])))
    }

    /// The prefix that follows from an IPv6 address of `ipv4only.arpa` (RFC 7050, section 3); `None` if there is none,
    /// or if it is ambiguous.
    pub fn discovered(address: Ipv6Addr) -> Option<Self> {
        let mut fitting = FORMATS.iter().filter_map(|(length, _)| {
            let prefix = Self(Ipv6Net::new(address, *length).ok()?.trunc());
            prefix.embedded(address).filter(|v4| IPV4_ONLY.contains(v4)).map(|_| prefix)
        });
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

impl FromStr for Nat64Prefix {
    type Err = InvalidNat64Prefix;

    fn from_str(text: &str) -> Result<Self, InvalidNat64Prefix> {
        let net: Ipv6Net = text.parse().map_err(|_| InvalidNat64Prefix)?;
        let has_format = FORMATS.iter().any(|(length, _)| *length == net.prefix_len());
        if has_format && net.trunc() == net { Ok(Self(net)) } else { Err(InvalidNat64Prefix) }
    }
}

impl fmt::Display for Nat64Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Nat64Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// === impl Translation ===

impl Translation {
    /// The well-known prefix and declared ones.
    pub fn new(declared: Vec<Nat64Prefix>) -> Self {
        Self { declared }
    }

    /// The IPv4 address that an address represents, otherwise the address itself.
    pub fn original(&self, address: IpAddr) -> IpAddr {
        let v6 = match address.to_canonical() {
            IpAddr::V4(v4) => return IpAddr::V4(v4),
            IpAddr::V6(v6) => v6,
        };
        if let [0x64, 0xff9b, 0, 0, 0, 0, ..] = v6.segments() {
            let [.., a, b, c, d] = v6.octets();
            return IpAddr::V4(Ipv4Addr::new(a, b, c, d));
        }
        self.declared.iter().find_map(|prefix| prefix.embedded(v6)).map_or(address, IpAddr::V4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v6(text: &str) -> Ipv6Addr {
        text.parse().unwrap()
    }

    fn prefix(text: &str) -> Nat64Prefix {
        text.parse().unwrap()
    }

    /// The table of RFC 6052, 2.4.
    const EXAMPLES: [(&str, &str); 6] = [
        ("2001:db8::/32", "2001:db8:c000:221::"),
        ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
        ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
        ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
        ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
        ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
    ];

    #[test]
    fn the_address_behind_a_prefix_stands_where_the_rfc_puts_it() {
        for (text, address) in EXAMPLES {
            assert_eq!(prefix(text).embedded(v6(address)), Some(Ipv4Addr::new(192, 0, 2, 33)), "{text}");
            assert_eq!(prefix("2001:db8:ffff::/48").embedded(v6(address)), None, "{text}");
            assert_eq!(prefix(text).to_string(), text);
        }
        // Another host of the same network: byte 8, or what is behind the address, is not zero.
        assert_eq!(prefix("2001:db8::/32").embedded(v6("2001:db8:c000:221:100::")), None);
        assert_eq!(prefix("2001:db8::/32").embedded(v6("2001:db8:c000:221::9")), None);
    }

    #[test]
    fn mapped_and_translated_addresses_are_the_ipv4_address_they_stand_for() {
        let translation = Translation::new(vec![prefix("2001:db8:64::/96")]);
        for (address, original) in [
            ("192.0.2.33", "192.0.2.33"),
            ("::ffff:192.0.2.33", "192.0.2.33"),
            ("64:ff9b::192.0.2.33", "192.0.2.33"),
            ("2001:db8:64::192.0.2.33", "192.0.2.33"),
            ("2001:db8:65::192.0.2.33", "2001:db8:65::c000:221"),
            ("64:ff9b:1::192.0.2.33", "64:ff9b:1::c000:221"),
            ("2001:db8::1", "2001:db8::1"),
            ("::1", "::1"),
        ] {
            let [address, original] = [address, original].map(|text| text.parse::<IpAddr>().unwrap());
            assert_eq!(translation.original(address), original, "{address}");
        }
    }

    #[test]
    fn a_prefix_is_discovered_by_the_addresses_that_all_translators_translate() {
        for (text, _) in EXAMPLES {
            let network = prefix(text).0;
            let (_, places) = FORMATS.iter().find(|(length, _)| *length == network.prefix_len()).unwrap();
            for v4 in IPV4_ONLY {
                let mut bytes = network.addr().octets();
                for (place, byte) in places.iter().zip(v4.octets()) {
                    bytes[*place] = byte;
                }
                assert_eq!(Nat64Prefix::discovered(Ipv6Addr::from(bytes)), Some(prefix(text)), "{text} {v4}");
            }
        }
        assert_eq!(Nat64Prefix::discovered(v6("2001:db8::192.0.2.33")), None);
        assert_eq!(Nat64Prefix::discovered(v6("2001:db8::1")), None);
    }

    #[test]
    fn other_prefixes_are_refused() {
        for text in ["2001:db8::/44", "2001:db8::1/96", "192.0.2.0/24", "2001:db8::", "64:ff9b::/97", ""] {
            assert_eq!(text.parse::<Nat64Prefix>(), Err(InvalidNat64Prefix), "{text}");
        }
    }
}
