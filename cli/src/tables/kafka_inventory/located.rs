//! Where the brokers of an inventory and the members of its groups are.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, ToSocketAddrs as _},
    thread,
};

use landfall_agent::{
    kafka::{host_place::HostPlace, inventory::Inventory},
    locate::Locator,
};
use landfall_observation::{LocationEvidence, LocationMethod};
use serde::Serialize;

use super::UNKNOWN;
use crate::cells::or_dash;

/// Names that are looked up at the same time.
const LOOK_UPS: usize = 32;

/// An inventory, with what is known of the places of its hosts if that was asked for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LocatedInventory {
    #[serde(flatten)]
    pub(crate) inventory: Inventory,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locations: Option<Locations>,
}

/// By host: the addresses of brokers and of members of groups. A name that leads to no address has none.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Locations(BTreeMap<String, Vec<LocatedAddress>>);

/// An address, and what says where it is.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LocatedAddress {
    address: IpAddr,
    #[serde(flatten)]
    place: HostPlace,
    /// The strongest first.
    evidence: Vec<LocationEvidence>,
}

// === impl Locations ===

impl Locations {
    /// Of all hosts of an inventory. Names that brokers advertise are looked up, as a client of theirs does.
    pub(crate) fn of(inventory: &Inventory, locator: &Locator) -> Self {
        let brokers = inventory.brokers.iter().map(|broker| &broker.host);
        let members = inventory.groups.iter().flat_map(|group| &group.members).map(|member| &member.client_host);
        let hosts: Vec<&String> =
            brokers.chain(members).filter(|host| !host.is_empty()).collect::<BTreeSet<_>>().into_iter().collect();
        let mut addresses = BTreeMap::new();
        for some in hosts.chunks(LOOK_UPS) {
            let found = thread::scope(|scope| {
                let asked: Vec<_> = some.iter().map(|host| scope.spawn(|| addresses_of(host))).collect();
                asked.into_iter().map(|one| one.join().unwrap_or_default()).collect::<Vec<_>>()
            });
            addresses.extend(some.iter().map(|host| (*host).clone()).zip(found));
        }
        let located = |address| {
            let evidence = locator.locate(address);
            LocatedAddress { address, place: HostPlace::of_address(address, &evidence), evidence }
        };
        Self(addresses.into_iter().map(|(host, all)| (host, all.into_iter().map(located).collect())).collect())
    }

    /// The cells of a host: its places, and the rung of the evidence with the network.
    pub(super) fn cells(&self, host: &str) -> [String; 2] {
        let addresses = self.0.get(host).map(Vec::as_slice).unwrap_or_default();
        let place = |located: &LocatedAddress| {
            located.place.jurisdiction.map_or_else(|| UNKNOWN.to_owned(), |place| place.to_string())
        };
        let places: BTreeSet<String> = addresses.iter().map(place).collect();
        let evidence: BTreeSet<String> = addresses.iter().filter_map(|located| evidence(&located.place)).collect();
        let joined = |all: BTreeSet<String>| Some(Vec::from_iter(all).join(", ")).filter(|text| !text.is_empty());
        [joined(places).unwrap_or_else(|| UNKNOWN.to_owned()), or_dash(joined(evidence))]
    }
}

fn addresses_of(host: &str) -> Vec<IpAddr> {
    if let Ok(address) = host.parse() {
        return vec![address];
    }
    let found: BTreeSet<IpAddr> =
        (host, 0).to_socket_addrs().into_iter().flatten().map(|address| address.ip()).collect();
    found.into_iter().collect()
}

fn evidence(place: &HostPlace) -> Option<String> {
    let rung = match place.rung? {
        LocationMethod::CloudRange => "cloud range",
        LocationMethod::Asn => "network",
        LocationMethod::CountryDb => "country database",
    };
    Some(place.network.as_ref().map_or_else(|| rung.to_owned(), |network| format!("{rung}, {network}")))
}
