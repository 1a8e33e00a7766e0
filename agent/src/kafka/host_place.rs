//! Where a host is, in short: the place and the network that the location evidence of its address tells.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use landfall_observation::{Jurisdiction, LocationEvidence, LocationMethod, truncated};
use serde::Serialize;

use crate::locate::Locator;

/// Where a host is, by the best evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostPlace {
    pub jurisdiction: Option<Jurisdiction>,
    /// Cloud and region, such as `aws eu-central-1`, else the autonomous system, such as `AS64500`.
    pub network: Option<String>,
    /// The rung of the evidence that names the jurisdiction, or else of the best one; none if there is no evidence.
    pub rung: Option<LocationMethod>,
    /// Of an address that no dataset knows: its prefix of 24 bits (IPv4) or 48.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<IpNet>,
}

impl HostPlace {
    /// Of a host that is written as an address; a name has no place here.
    pub fn of_host(host: &str, locator: &Locator) -> Self {
        host.parse().map_or_else(|_| Self::default(), |address| Self::of_address(address, &locator.locate(address)))
    }

    /// Of an address with its evidence, the strongest first.
    pub fn of_address(address: IpAddr, evidence: &[LocationEvidence]) -> Self {
        let placed = evidence.iter().find(|one| one.jurisdiction.is_some());
        let cloud = evidence.iter().find_map(|one| one.cloud.as_ref());
        let network = cloud.map(|cloud| format!("{} {}", cloud.provider, cloud.region));
        let system = || evidence.iter().find_map(|one| one.asn).map(|asn| format!("AS{asn}"));
        Self {
            jurisdiction: placed.and_then(|one| one.jurisdiction),
            network: network.or_else(system),
            rung: placed.or(evidence.first()).map(|one| one.method),
            prefix: evidence.is_empty().then(|| truncated(IpNet::from(address))),
        }
    }
}

impl fmt::Display for HostPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.jurisdiction, &self.network, self.prefix) {
            (Some(place), Some(network), _) => write!(f, "{place} ({network})"),
            (Some(place), None, _) => write!(f, "{place}"),
            (None, Some(network), _) => write!(f, "a place that is not known ({network})"),
            (None, None, Some(prefix)) => write!(f, "a place that is not known ({prefix})"),
            (None, None, None) => f.write_str("a place that is not known"),
        }
    }
}
