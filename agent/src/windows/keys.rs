//! Bounds the keys of a minute. A workload with very many peers must exhaust neither the memory of its node nor the
//! operator: beyond a number of keys its traffic is one observation per transport, side and address family.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use landfall_observation::{HostMethod, LocationEvidence, Protocol};

use super::{Contribution, WindowKey};

/// Most keys of a local party in a minute; each place of a remote counts, as each has an observation of its own.
pub(super) const PARTY_KEYS: usize = 500;
/// Most keys of all parties in a minute: 40 of them can be at their limit.
pub(super) const ALL_KEYS: usize = 20_000;

/// The keys of the last minutes, by their hashes: two that share one let one key more in, or delay one, and no more.
#[derive(Debug, Default)]
pub(super) struct Keys {
    hasher: RandomState,
    minutes: BTreeMap<i128, Minute>,
}

/// The keys of a minute, whether they are open or were sent.
#[derive(Debug, Default)]
struct Minute {
    /// With the place of the remote.
    admitted: HashSet<u64>,
    /// How many of them each party has.
    of_party: HashMap<u64, usize>,
    /// Without it.
    sent: HashSet<u64>,
}

impl Keys {
    /// A minute begins. What is left of others is forgotten, but for those beside it, to which packets may still come,
    /// and those that `is_open`: a clock that is set back and forth leaves nothing behind.
    pub(super) fn begin(&mut self, minute: i128, is_open: impl Fn(i128) -> bool) {
        self.minutes.retain(|&known, _| beside(minute).contains(&known) || is_open(known));
        self.minutes.entry(minute).or_default();
    }

    /// Whether a key may have an observation of its own: it had one in this minute, or there is room.
    pub(super) fn admit(&mut self, minute: i128, key: &WindowKey, location: &[LocationEvidence]) -> bool {
        let Self { hasher, minutes } = self;
        let Minute { admitted, of_party, sent: _ } = minutes.entry(minute).or_default();
        let hash = hasher.hash_one((key, location));
        if is_other(key) || admitted.contains(&hash) {
            return true;
        }
        let of_party = of_party.entry(hasher.hash_one(&key.local)).or_default();
        if *of_party >= PARTY_KEYS || admitted.len() >= ALL_KEYS {
            return false;
        }
        *of_party += 1;
        admitted.insert(hash);
        true
    }

    /// Notes that observations of a key leave.
    pub(super) fn send(&mut self, minute: i128, key: &WindowKey) {
        self.minutes.entry(minute).or_default().sent.insert(self.hasher.hash_one(key));
    }

    /// Whether any of a key left in a minute or in those beside it.
    pub(super) fn is_sent(&self, minute: i128, key: &WindowKey) -> bool {
        let hash = self.hasher.hash_one(key);
        self.minutes.range(beside(minute)).any(|(_, known)| known.sent.contains(&hash))
    }

    /// How many hashes are held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let of_minute = |minute: &Minute| minute.admitted.len() + minute.of_party.len() + minute.sent.len();
        self.minutes.values().map(of_minute).sum()
    }
}

fn beside(minute: i128) -> std::ops::RangeInclusive<i128> {
    minute - 1..=minute + 1
}

/// The key of traffic beyond the bound.
pub(super) fn other(key: WindowKey) -> WindowKey {
    let anywhere = match key.remote {
        IpNet::V4(_) => IpNet::V4(Ipv4Net::default()),
        IpNet::V6(_) => IpNet::V6(Ipv6Net::default()),
    };
    WindowKey {
        remote: anywhere,
        outside: Vec::new(),
        port: 0,
        protocol: Protocol::UNKNOWN,
        host: None,
        host_method: HostMethod::None,
        ..key
    }
}

/// Whether a key is such a one; no address is truncated to nothing.
pub(super) fn is_other(key: &WindowKey) -> bool {
    key.remote.prefix_len() == 0
}

/// What of a contribution can stand there: what was counted and found, and nothing about the remote.
pub(super) fn anonymous(contribution: Contribution) -> Contribution {
    Contribution { names: Vec::new(), ech: false, tls: None, location: Vec::new(), ..contribution }
}
