use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{BusConfiguration, Jurisdiction};

/// The configuration of agents, which the operator renders from the register and the agent reads as a file. It contains
/// facts about networks and buses, and no law.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AgentConfiguration {
    /// Prefixes whose addresses are sent whole, because the register distinguishes recipients by them. All other addresses
    /// are truncated to /24 (IPv4) or /48 (IPv6): an IP address is personal data (C-582/14, Breyer).
    pub keep_prefixes: Vec<IpNet>,
    /// Networks of the organisation itself.
    pub own_networks: Vec<OwnNetwork>,
    /// Message buses to read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buses: Vec<BusConfiguration>,
}

/// A network of the organisation itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OwnNetwork {
    /// Its prefixes.
    pub cidrs: Vec<IpNet>,
    /// The legal entity that runs it.
    pub operator: String,
    /// Where its machines are.
    pub jurisdiction: Jurisdiction,
}

/// Most prefixes in [`crate::Endpoint::Address::outside`].
pub const MAX_OUTSIDE: usize = 64;

impl AgentConfiguration {
    /// The prefix under which `address` leaves the agent.
    pub fn truncate(&self, address: std::net::IpAddr) -> IpNet {
        let whole = IpNet::from(address);
        let kept = self.keep_prefixes.iter().any(|prefix| prefix.contains(&address));
        if kept { whole } else { truncated(whole) }
    }

    /// The kept prefixes within `truncated`, merged if adjacent: an address that was truncated to it lies in none of
    /// them. Beyond [`MAX_OUTSIDE`] they are left out, so that never too much is stated.
    pub fn outside(&self, truncated: IpNet) -> Vec<IpNet> {
        let within = self.keep_prefixes.iter().filter(|kept| kept.prefix_len() > truncated.prefix_len());
        let within: Vec<_> = within.filter(|kept| truncated.contains(*kept)).map(IpNet::trunc).collect();
        if within.is_empty() {
            return within;
        }
        let mut outside = IpNet::aggregate(&within);
        outside.truncate(MAX_OUTSIDE);
        outside
    }
}

/// The prefix that an agent sends for addresses in `prefix`: at most /24 (IPv4) or /48 (IPv6).
pub fn truncated(prefix: IpNet) -> IpNet {
    let length = prefix.prefix_len().min(if prefix.addr().is_ipv4() { 24 } else { 48 });
    IpNet::new(prefix.addr(), length).map_or(prefix, |net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_outside_the_kept_prefixes_is_truncated() {
        let config = AgentConfiguration {
            keep_prefixes: vec!["192.0.2.0/28".parse().unwrap(), "2001:db8:1::/64".parse().unwrap()],
            ..AgentConfiguration::default()
        };
        let cut = |text: &str| config.truncate(text.parse().unwrap()).to_string();
        assert_eq!(cut("192.0.2.5"), "192.0.2.5/32");
        assert_eq!(cut("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(cut("2001:db8:1::9"), "2001:db8:1::9/128");
        assert_eq!(cut("2001:db8:2:3::9"), "2001:db8:2::/48");
    }

    #[test]
    fn a_truncated_address_is_outside_of_the_kept_prefixes_around_it() {
        let kept = ["192.0.2.0/28", "192.0.2.16/28", "192.0.2.64/32", "198.51.100.0/28", "192.0.0.0/16"];
        let config = AgentConfiguration {
            keep_prefixes: kept.iter().map(|prefix| prefix.parse().unwrap()).collect(),
            ..AgentConfiguration::default()
        };
        let outside = |text: &str| -> Vec<String> {
            config.outside(text.parse().unwrap()).iter().map(ToString::to_string).collect()
        };
        assert_eq!(outside("192.0.2.0/24"), ["192.0.2.0/27", "192.0.2.64/32"]);
        assert_eq!(outside("203.0.113.0/24"), [""; 0]);
        // A full address contains no other prefix.
        assert_eq!(outside("192.0.2.64/32"), [""; 0]);

        let many = (0..=255).step_by(2).map(|last| format!("192.0.2.{last}/32").parse().unwrap()).collect();
        let config = AgentConfiguration { keep_prefixes: many, ..AgentConfiguration::default() };
        assert_eq!(config.outside("192.0.2.0/24".parse().unwrap()).len(), MAX_OUTSIDE);
    }
}
