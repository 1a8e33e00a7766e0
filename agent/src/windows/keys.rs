//! Bounds the number of keys per minute. A workload with very many peers must exhaust neither the memory of its node
//! nor the operator: beyond the limit its traffic is merged into one observation per transport, side and address
//! family.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use landfall_observation::{HostMethod, LocationEvidence, Protocol};

use super::{Contribution, WindowKey};

/// Maximum number of keys of a local party in a minute. Different locations of a remote count separately, because each
/// has an observation of its own.
pub(super) const PARTY_KEYS: usize = 500;
/// Maximum number of keys of all parties in a minute: 40 parties can be at their limit.
pub(super) const ALL_KEYS: usize = 20_000;

/// The keys of the last minutes, as hashes: a collision only admits one key too many, or delays one.
#[derive(Debug, Default)]
pub(super) struct Keys {
    hasher: RandomState,
    minutes: BTreeMap<i128, Minute>,
}

/// The keys of a minute, open or sent.
#[derive(Debug, Default)]
struct Minute {
    /// Hashes of the admitted keys with the location of the remote.
    admitted: HashSet<u64>,
    /// Number of admitted keys of each party.
    of_party: HashMap<u64, usize>,
    /// Hashes of the sent keys, without the location.
    sent: HashSet<u64>,
}

impl Keys {
    /// Starts a minute and forgets the others, except adjacent ones, to which packets may still belong, and open ones.
    /// So a clock that jumps back and forth does not accumulate minutes.
    pub(super) fn begin(&mut self, minute: i128, is_open: impl Fn(i128) -> bool) {
        self.minutes.retain(|&known, _| adjacent(minute).contains(&known) || is_open(known));
        self.minutes.entry(minute).or_default();
    }

    /// Whether a key may have an observation of its own: it already has one in this minute, or there is room.
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

    /// Notes that an observation of a key is sent.
    pub(super) fn send(&mut self, minute: i128, key: &WindowKey) {
        self.minutes.entry(minute).or_default().sent.insert(self.hasher.hash_one(key));
    }

    /// Whether an observation of a key was sent in this minute or an adjacent one.
    pub(super) fn is_sent(&self, minute: i128, key: &WindowKey) -> bool {
        let hash = self.hasher.hash_one(key);
        self.minutes.range(adjacent(minute)).any(|(_, known)| known.sent.contains(&hash))
    }

    /// How many hashes are held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let of_minute = |minute: &Minute| minute.admitted.len() + minute.of_party.len() + minute.sent.len();
        self.minutes.values().map(of_minute).sum()
    }
}

/// The minute and the adjacent ones.
fn adjacent(minute: i128) -> std::ops::RangeInclusive<i128> {
    minute - 1..=minute + 1
}

/// The key of merged traffic, beyond the limit.
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

/// Whether a key is that of merged traffic: no address is ever truncated to length 0.
pub(super) fn is_other(key: &WindowKey) -> bool {
    key.remote.prefix_len() == 0
}

/// A contribution for merged traffic: counters and findings, without anything about the remote.
pub(super) fn anonymous(contribution: Contribution) -> Contribution {
    Contribution { names: Vec::new(), ech: false, tls: None, location: Vec::new(), ..contribution }
}
