//! Host names: what counts as one, and which DNS answers named an address.
//!
//! ```text
//! DNS answer ─► who asked (pod, workload, address), what was told (IPv4 behind IPv6) ─► cache
//! flow       ─► all addresses of its client, all forms of its responder              ─► names
//! ```
//!
//! docs/decisions/0023-names-belong-to-the-client.md says why.

mod cache;
mod cards;
mod host;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use jiff::Timestamp;

pub use cache::{NameCache, Namespace};
pub use host::{authority, host_name};

use self::{cache::Asker, cards::Cards};
use crate::{
    attribution::{Client, Workloads},
    packet::{LinkAddress, Packet},
    translation::{DISCOVERY_NAME, Nat64Prefix, Translation},
};

/// How many clients' translators are remembered.
const MAX_DISCOVERED: usize = 1024;

/// The names that clients looked up, for all addresses that are known to be one client's.
///
/// Who a client is, in this order: the pod, or the one host that a workloads file describes; where neither is known, the
/// network card, as long as it is that of one host; else the address alone. Where nothing was asked from there, a workload
/// as a whole: its replicas run the same program.
#[derive(Debug, Default)]
pub struct Names {
    cache: NameCache,
    workloads: Arc<Workloads>,
    cards: Cards,
    translation: Translation,
    /// The prefix of the translator that a client was told of.
    discovered: HashMap<Asker, Nat64Prefix>,
    /// Their keys, in the order in which they came.
    discoverers: VecDeque<Asker>,
}

/// What was done with names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NameCounters {
    /// Names that went before their ten minutes, for want of room.
    pub evicted: u64,
    /// Names that were not kept, an address having very many of them by then.
    pub beyond: u64,
}

/// One end of a flow that may have asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientEnd {
    /// Its address.
    pub address: IpAddr,
    /// The card that the frame names at this end.
    pub card: Option<LinkAddress>,
}

impl Names {
    /// No names yet; they take `memory_bytes` at most.
    pub fn new(memory_bytes: usize, workloads: Arc<Workloads>, translation: Translation) -> Self {
        Self { cache: NameCache::within(memory_bytes), workloads, translation, ..Self::default() }
    }

    /// Takes note of who is behind which network card, by the first packet of a flow.
    pub fn met(&mut self, packet: &Packet<'_>) {
        let Packet { at, src, dst, hop_limit, link, .. } = *packet;
        if let Some(card) = link.src {
            self.cards.sent(card, self.translation.original(src), hop_limit, at);
        }
        if let Some(card) = link.dst {
            self.cards.receives(card, self.translation.original(dst), at);
        }
    }

    /// `client` asked for `name` and was told `address`.
    pub fn answered(&mut self, namespace: Namespace, client: IpAddr, address: IpAddr, name: &Arc<str>, at: Timestamp) {
        let client = self.translation.original(client);
        let known = self.workloads.client(client, at);
        if **name == *DISCOVERY_NAME
            && let IpAddr::V6(v6) = address
            && let Some(prefix) = Nat64Prefix::discovered(v6)
        {
            let asker = known.as_ref().and_then(Client::host).map_or(Asker::Address(namespace, client), Asker::Client);
            self.discover(asker, prefix);
        }
        let address = self.translation.original(address);
        let askers = match known {
            Some(Client { number, is_one_host: true, .. }) => [Some(Asker::Client(number)), None],
            Some(Client { number, .. }) => [Some(Asker::Address(namespace, client)), Some(Asker::Client(number))],
            None => [Some(Asker::Address(namespace, client)), None],
        };
        for asker in askers.into_iter().flatten() {
            self.cache.answered(asker, address, name, at);
        }
    }

    /// The names that are live for `address`, as `client` sees it; newest first.
    pub fn names(&self, namespace: Namespace, client: ClientEnd, address: IpAddr, at: Timestamp) -> Vec<Arc<str>> {
        if self.cache.is_empty() {
            return Vec::new();
        }
        let own = self.translation.original(client.address);
        let known = self.workloads.client(own, at);
        let mut askers = vec![Asker::Address(namespace, own)];
        let mut also = |address: IpAddr| {
            let asker = Asker::Address(namespace, address);
            if !askers.contains(&asker) {
                askers.push(asker);
            }
        };
        match &known {
            Some(Client { is_one_host: true, addresses, .. }) => addresses.iter().copied().for_each(&mut also),
            _ => client.card.iter().for_each(|card| self.cards.addresses(*card, own, at).for_each(&mut also)),
        }
        askers.extend(known.as_ref().and_then(Client::host).map(Asker::Client));
        let names = self.told(&askers, address, at);
        match known {
            Some(Client { number, is_one_host: false, .. }) if names.is_empty() => {
                self.told(&[Asker::Client(number)], address, at)
            }
            _ => names,
        }
    }

    /// What was done with names so far.
    pub fn counters(&self) -> NameCounters {
        self.cache.counters()
    }

    /// Memory of all that is kept.
    pub fn memory_bytes(&self) -> usize {
        self.cache.memory_bytes() + self.cards.memory_bytes()
    }

    /// How many names are held.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.cache.len()
    }

    /// What any of `askers` was told of an address, in whichever form.
    fn told(&self, askers: &[Asker], address: IpAddr, at: Timestamp) -> Vec<Arc<str>> {
        let original = self.translation.original(address);
        let translators = askers.iter().filter_map(|asker| self.discovered.get(asker));
        let behind = match original {
            IpAddr::V6(v6) => translators.filter_map(|prefix| prefix.embedded(v6)).map(IpAddr::V4).next(),
            IpAddr::V4(_) => None,
        };
        self.cache.names(askers, [Some(original), behind].into_iter().flatten(), at)
    }

    fn discover(&mut self, asker: Asker, prefix: Nat64Prefix) {
        if self.discovered.insert(asker, prefix).is_none() {
            self.discoverers.push_back(asker);
        }
        if self.discoverers.len() > MAX_DISCOVERED
            && let Some(oldest) = self.discoverers.pop_front()
        {
            self.discovered.remove(&oldest);
        }
    }
}
