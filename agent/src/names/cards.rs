//! Which addresses are behind a network card, and whether it is one host's.
//!
//! A router's card stands before many hosts, and names must not pass from one of them to another: a wrong name is worse
//! than none. So a card counts as one host's only while what it sends bears a hop limit that nobody has lowered, and no more
//! addresses are behind it than one host has: one of IPv4, a few of IPv6 (temporary ones, RFC 8981) and one of its link.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use jiff::{SignedDuration, Timestamp};

use crate::packet::LinkAddress;

/// How many addresses of each kind one host has: IPv4, IPv6, IPv6 of the link.
const OF_ONE_HOST: [usize; 3] = [1, 4, 1];
/// How long an address stays behind a card without being seen, and how long a card stays a router's.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Most cards that are remembered.
const MAX_CARDS: usize = 4096;
/// How often room is looked for once there are so many.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// Hop limits that hosts begin with: Unix 64, Windows 128, network devices 255, old systems 60 and 32.
const FRESH: [u8; 5] = [32, 60, 64, 128, 255];
/// Lower ones are a choice of the program (multicast, traceroute), and no host is so far away.
const LEAST_ROUTED: u8 = 33;

/// Cards and the addresses behind them.
#[derive(Debug, Default)]
pub(super) struct Cards {
    behind: HashMap<LinkAddress, Behind>,
    /// When room was last looked for.
    pruned: Option<Timestamp>,
}

/// What is behind a card.
#[derive(Debug, Default)]
struct Behind {
    addresses: Vec<(IpAddr, Timestamp)>,
    /// When it last showed that it is not one host's.
    shared: Option<Timestamp>,
    seen: Timestamp,
}

impl Cards {
    /// A card sent what comes from `address`.
    pub(super) fn sent(&mut self, card: LinkAddress, address: IpAddr, hop_limit: u8, at: Timestamp) {
        let is_routed = hop_limit >= LEAST_ROUTED && !FRESH.contains(&hop_limit);
        if let Some(behind) = self.behind(card, at) {
            behind.add(address, at);
            if is_routed {
                behind.shared = Some(at);
            }
        }
    }

    /// A card gets what goes to `address`.
    pub(super) fn receives(&mut self, card: LinkAddress, address: IpAddr, at: Timestamp) {
        if let Some(behind) = self.behind(card, at) {
            behind.add(address, at);
        }
    }

    /// The addresses of the one host behind a card, `own` among them; none if it may be several.
    pub(super) fn addresses(&self, card: LinkAddress, own: IpAddr, at: Timestamp) -> impl Iterator<Item = IpAddr> + '_ {
        let live = move |(_, seen): &&(IpAddr, Timestamp)| is_live(*seen, at);
        let behind = self.behind.get(&card).filter(|behind| !behind.shared.is_some_and(|shared| is_live(shared, at)));
        let behind = behind.filter(|behind| behind.addresses.iter().filter(live).any(|(address, _)| *address == own));
        behind.into_iter().flat_map(move |behind| behind.addresses.iter().filter(live).map(|(address, _)| *address))
    }

    pub(super) fn memory_bytes(&self) -> usize {
        // A table can hold its entries twice while it grows.
        self.behind.len() * (2 * size_of::<(LinkAddress, Behind)>() + 8 * size_of::<(IpAddr, Timestamp)>())
    }

    fn behind(&mut self, card: LinkAddress, at: Timestamp) -> Option<&mut Behind> {
        if self.behind.len() >= MAX_CARDS && !self.behind.contains_key(&card) {
            // Whoever makes up cards must not have all of them looked at as often.
            if self.pruned.is_some_and(|pruned| at.duration_since(pruned).abs() < PATIENCE) {
                return None;
            }
            self.pruned = Some(at);
            self.behind.retain(|_, behind| is_live(behind.seen, at));
            if self.behind.len() >= MAX_CARDS {
                return None;
            }
        }
        let behind = self.behind.entry(card).or_default();
        behind.seen = at;
        Some(behind)
    }
}

impl Behind {
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

/// The kind of an address that a host can have; none of groups and of what stands for no address.
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

    fn card(number: u32) -> LinkAddress {
        let [a, b, c, d] = number.to_be_bytes();
        LinkAddress::of_card([2, 0, a, b, c, d]).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn addresses(cards: &Cards, own: &str, seconds: i64) -> Vec<String> {
        cards.addresses(card(1), ip(own), after(seconds)).map(|address| address.to_string()).collect()
    }

    fn host(of: &[&str]) -> Cards {
        let mut cards = Cards::default();
        for address in of {
            cards.sent(card(1), ip(address), 64, after(0));
        }
        cards
    }

    const HOST: [&str; 3] = ["192.0.2.1", "2001:db8::1", "fe80::1"];

    #[test]
    fn the_addresses_of_a_host_are_those_behind_its_card() {
        let mut cards = host(&HOST);
        for groups in ["0.0.0.0", "::", "ff02::1", "224.0.0.251", "255.255.255.255", "169.254.3.4"] {
            cards.receives(card(1), ip(groups), after(1));
        }
        assert_eq!(addresses(&cards, "192.0.2.1", 1), HOST);
        assert_eq!(addresses(&cards, "2001:db8::1", 1), HOST);
        assert!(addresses(&cards, "192.0.2.2", 1).is_empty(), "of another");
        assert!(cards.addresses(card(2), ip("192.0.2.1"), after(1)).next().is_none());
    }

    #[test]
    fn a_card_with_more_addresses_than_a_host_has_is_nobodys() {
        for more in [&["192.0.2.2"][..], &["fe80::2"], &["2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5"]] {
            let mut cards = host(&HOST);
            for address in more {
                cards.receives(card(1), ip(address), after(1));
            }
            assert!(addresses(&cards, "192.0.2.1", 2).is_empty(), "{more:?}");
        }
        let mut cards = host(&HOST);
        for address in ["2001:db8::2", "2001:db8::3", "2001:db8::4"] {
            cards.sent(card(1), ip(address), 64, after(1));
        }
        assert_eq!(addresses(&cards, "192.0.2.1", 2).len(), 6);
    }

    #[test]
    fn a_card_that_passes_packets_on_is_a_routers() {
        for (hop_limit, is_host) in
            [(64, true), (128, true), (255, true), (1, true), (63, false), (127, false), (52, false)]
        {
            let mut cards = host(&HOST);
            cards.sent(card(1), ip("192.0.2.1"), hop_limit, after(1));
            assert_eq!(!addresses(&cards, "192.0.2.1", 2).is_empty(), is_host, "{hop_limit}");
        }
    }

    #[test]
    fn what_is_not_seen_for_an_hour_is_forgotten() {
        let mut cards = host(&HOST);
        cards.sent(card(1), ip("192.0.2.2"), 64, after(100));
        assert!(addresses(&cards, "192.0.2.2", 200).is_empty());
        cards.sent(card(1), ip("192.0.2.2"), 64, after(3700));
        cards.sent(card(1), ip("2001:db8::2"), 64, after(3701));
        assert_eq!(addresses(&cards, "192.0.2.2", 3702), ["192.0.2.2", "2001:db8::2"]);
    }

    #[test]
    fn cards_that_are_made_up_take_bounded_room() {
        let mut cards = host(&HOST);
        for number in 0..10_000 {
            cards.sent(card(number), ip("192.0.2.1"), 64, after(0));
        }
        assert_eq!(cards.behind.len(), MAX_CARDS);
        cards.sent(card(20_000), ip("192.0.2.1"), 64, after(4000));
        assert_eq!(cards.behind.len(), 1);
    }
}
