//! Which IP addresses use a MAC address, and whether they belong to a single host.
//!
//! Many hosts use the MAC address of a router, and the names that one of them looked up must not be used for another: a
//! wrong name is worse than none. So a MAC address counts as that of a single host only while its packets have an
//! initial hop limit, and while it has no more addresses than one host has: one IPv4 address, a few IPv6 addresses
//! (temporary ones, RFC 8981) and one link-local address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use jiff::{SignedDuration, Timestamp};

use crate::packet::LinkAddress;

/// Maximum number of addresses of one host: IPv4, IPv6, link-local IPv6.
const OF_ONE_HOST: [usize; 3] = [1, 4, 1];
/// How long an unseen address still belongs to its MAC address, and how long a MAC address counts as a router's.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Maximum number of MAC addresses.
const MAX_MAC_ADDRESSES: usize = 4096;
/// Minimum interval between removals of old MAC addresses when the maximum is reached.
const PRUNE_INTERVAL: SignedDuration = SignedDuration::from_secs(10);

/// Usual initial hop limits: Unix 64, Windows 128, network devices 255, old systems 60 and 32.
const INITIAL_HOP_LIMITS: [u8; 5] = [32, 60, 64, 128, 255];
/// Lower hop limits do not show a router: programs set them (multicast, traceroute), and no host is that many hops
/// away.
const LEAST_ROUTED: u8 = 33;

/// MAC addresses with their IP addresses.
#[derive(Debug, Default)]
pub(super) struct MacAddresses {
    behind: HashMap<LinkAddress, MacEntry>,
    /// When old entries were last removed.
    pruned: Option<Timestamp>,
}

/// The IP addresses of a MAC address.
#[derive(Debug, Default)]
struct MacEntry {
    addresses: Vec<(IpAddr, Timestamp)>,
    /// When it was last seen to be shared by several hosts.
    shared: Option<Timestamp>,
    seen: Timestamp,
}

impl MacAddresses {
    /// Records that a packet from `address` came from this MAC address.
    pub(super) fn sent(&mut self, mac: LinkAddress, address: IpAddr, hop_limit: u8, at: Timestamp) {
        let is_routed = hop_limit >= LEAST_ROUTED && !INITIAL_HOP_LIMITS.contains(&hop_limit);
        if let Some(behind) = self.behind(mac, at) {
            behind.add(address, at);
            if is_routed {
                behind.shared = Some(at);
            }
        }
    }

    /// Records that a packet to `address` went to this MAC address.
    pub(super) fn receives(&mut self, mac: LinkAddress, address: IpAddr, at: Timestamp) {
        if let Some(behind) = self.behind(mac, at) {
            behind.add(address, at);
        }
    }

    /// The addresses of the single host with this MAC address, including `own`; none if there may be several hosts.
    pub(super) fn addresses(&self, mac: LinkAddress, own: IpAddr, at: Timestamp) -> impl Iterator<Item = IpAddr> + '_ {
        let live = move |(_, seen): &&(IpAddr, Timestamp)| is_live(*seen, at);
        let behind = self.behind.get(&mac).filter(|behind| !behind.shared.is_some_and(|shared| is_live(shared, at)));
        let behind = behind.filter(|behind| behind.addresses.iter().filter(live).any(|(address, _)| *address == own));
        behind.into_iter().flat_map(move |behind| behind.addresses.iter().filter(live).map(|(address, _)| *address))
    }

    pub(super) fn memory_bytes(&self) -> usize {
        // A table can hold its entries twice while it grows.
        self.behind.len() * (2 * size_of::<(LinkAddress, MacEntry)>() + 8 * size_of::<(IpAddr, Timestamp)>())
    }

    fn behind(&mut self, mac: LinkAddress, at: Timestamp) -> Option<&mut MacEntry> {
        if self.behind.len() >= MAX_MAC_ADDRESSES && !self.behind.contains_key(&mac) {
            // Forged MAC addresses must not cause a scan of all entries each time.
            if self.pruned.is_some_and(|pruned| at.duration_since(pruned).abs() < PRUNE_INTERVAL) {
                return None;
            }
            self.pruned = Some(at);
            self.behind.retain(|_, behind| is_live(behind.seen, at));
            if self.behind.len() >= MAX_MAC_ADDRESSES {
                return None;
            }
        }
        let behind = self.behind.entry(mac).or_default();
        behind.seen = at;
        Some(behind)
    }
}

impl MacEntry {
    fn add(&mut self, address: IpAddr, at: Timestamp) {
        let Some(kind) = kind(address) else { return };
        if let Some((_, seen)) = self.addresses.iter_mut().find(|(known, _)| *known == address) {
            *seen = at;
            return;
        }
        self.addresses.retain(|(_, seen)| is_live(*seen, at));
        if self.addresses.iter().filter(|(known, _)| self::kind(*known) == Some(kind)).count() < OF_ONE_HOST[kind] {
            self.addresses.push((address, at));
        } else {
            self.shared = Some(at);
        }
    }
}

/// Index of an address in [`OF_ONE_HOST`]; `None` for multicast, broadcast and unspecified addresses.
fn kind(address: IpAddr) -> Option<usize> {
    match address {
        IpAddr::V4(v4) => {
            let is_host = !(v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast() || v4.is_link_local());
            is_host.then_some(0)
        }
        IpAddr::V6(v6) if v6.is_unspecified() || v6.is_multicast() => None,
        IpAddr::V6(v6) => Some(if Ipv6Addr::is_unicast_link_local(&v6) { 2 } else { 1 }),
    }
}

fn is_live(seen: Timestamp, now: Timestamp) -> bool {
    now.duration_since(seen).abs() <= LIFETIME
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(number: u32) -> LinkAddress {
        let [a, b, c, d] = number.to_be_bytes();
        LinkAddress::from_octets([2, 0, a, b, c, d]).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn addresses(mac_addresses: &MacAddresses, own: &str, seconds: i64) -> Vec<String> {
        mac_addresses.addresses(mac(1), ip(own), after(seconds)).map(|address| address.to_string()).collect()
    }

    fn host(of: &[&str]) -> MacAddresses {
        let mut mac_addresses = MacAddresses::default();
        for address in of {
            mac_addresses.sent(mac(1), ip(address), 64, after(0));
        }
        mac_addresses
    }

    const HOST: [&str; 3] = ["192.0.2.1", "2001:db8::1", "fe80::1"];

    #[test]
    fn the_addresses_of_a_host_share_its_mac_address() {
        let mut mac_addresses = host(&HOST);
        for groups in ["0.0.0.0", "::", "ff02::1", "224.0.0.251", "255.255.255.255", "169.254.3.4"] {
            mac_addresses.receives(mac(1), ip(groups), after(1));
        }
        assert_eq!(addresses(&mac_addresses, "192.0.2.1", 1), HOST);
        assert_eq!(addresses(&mac_addresses, "2001:db8::1", 1), HOST);
        assert!(addresses(&mac_addresses, "192.0.2.2", 1).is_empty(), "of another");
        assert!(mac_addresses.addresses(mac(2), ip("192.0.2.1"), after(1)).next().is_none());
    }

    #[test]
    fn a_mac_address_with_more_addresses_than_a_host_has_is_shared() {
        for more in [&["192.0.2.2"][..], &["fe80::2"], &["2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5"]] {
            let mut mac_addresses = host(&HOST);
            for address in more {
                mac_addresses.receives(mac(1), ip(address), after(1));
            }
            assert!(addresses(&mac_addresses, "192.0.2.1", 2).is_empty(), "{more:?}");
        }
        let mut mac_addresses = host(&HOST);
        for address in ["2001:db8::2", "2001:db8::3", "2001:db8::4"] {
            mac_addresses.sent(mac(1), ip(address), 64, after(1));
        }
        assert_eq!(addresses(&mac_addresses, "192.0.2.1", 2).len(), 6);
    }

    #[test]
    fn a_mac_address_that_forwards_packets_is_a_routers() {
        for (hop_limit, is_host) in
            [(64, true), (128, true), (255, true), (1, true), (63, false), (127, false), (52, false)]
        {
            let mut mac_addresses = host(&HOST);
            mac_addresses.sent(mac(1), ip("192.0.2.1"), hop_limit, after(1));
            assert_eq!(!addresses(&mac_addresses, "192.0.2.1", 2).is_empty(), is_host, "{hop_limit}");
        }
    }

    #[test]
    fn unseen_addresses_are_forgotten_after_an_hour() {
        let mut mac_addresses = host(&HOST);
        mac_addresses.sent(mac(1), ip("192.0.2.2"), 64, after(100));
        assert!(addresses(&mac_addresses, "192.0.2.2", 200).is_empty());
        mac_addresses.sent(mac(1), ip("192.0.2.2"), 64, after(3700));
        mac_addresses.sent(mac(1), ip("2001:db8::2"), 64, after(3701));
        assert_eq!(addresses(&mac_addresses, "192.0.2.2", 3702), ["192.0.2.2", "2001:db8::2"]);
    }

    #[test]
    fn forged_mac_addresses_take_bounded_memory() {
        let mut mac_addresses = host(&HOST);
        for number in 0..10_000 {
            mac_addresses.sent(mac(number), ip("192.0.2.1"), 64, after(0));
        }
        assert_eq!(mac_addresses.behind.len(), MAX_MAC_ADDRESSES);
        mac_addresses.sent(mac(20_000), ip("192.0.2.1"), 64, after(4000));
        assert_eq!(mac_addresses.behind.len(), 1);
    }
}
