//! Host names: which are valid, and which DNS answers named an address.
//!
//! ```text
//! DNS answer ─► requester (pod, workload, address), answer (IPv4 behind IPv6) ─► cache
//! flow       ─► all addresses of its client, all forms of its responder              ─► names
//! ```
//!
//! docs/decisions/0023-names-belong-to-the-client.md says why.

mod cache;
mod host;
mod mac_addresses;
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

use self::{cache::Requester, mac_addresses::MacAddresses};
use crate::{
    attribution::{Client, Workloads},
    packet::{LinkAddress, Packet},
    translation::{DISCOVERY_NAME, Nat64Prefix, Translation},
};

/// Maximum number of clients whose NAT64 prefix is remembered.
const MAX_DISCOVERED: usize = 1024;

/// The names that clients looked up. All addresses that are known to belong to one client share its names.
///
/// A client is identified, in this order, by: the pod, or the single host that a workloads file describes; otherwise
/// the MAC address, if it belongs to one host only; otherwise the address. If that client looked up nothing, the names
/// of its whole workload are used, because its replicas run the same program.
#[derive(Debug, Default)]
pub struct Names {
    cache: NameCache,
    workloads: Arc<Workloads>,
    mac_addresses: MacAddresses,
    translation: Translation,
    /// The NAT64 prefix that a client learned (RFC 7050).
    discovered: HashMap<Requester, Nat64Prefix>,
    /// The keys of `discovered`, oldest first.
    discoverers: VecDeque<Requester>,
}

/// Counters of names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NameCounters {
    /// Names that were evicted before their ten minutes to free memory.
    pub evicted: u64,
    /// Names that were not kept because their address already had too many.
    pub beyond: u64,
}

/// The end of a flow that may have looked up the name of the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientEnd {
    /// Its address.
    pub address: IpAddr,
    /// The MAC address of the frame at this end.
    pub mac: Option<LinkAddress>,
}

impl Names {
    /// Without names; the memory for them is limited to `memory_bytes`.
    pub fn new(memory_bytes: usize, workloads: Arc<Workloads>, translation: Translation) -> Self {
        Self { cache: NameCache::within(memory_bytes), workloads, translation, ..Self::default() }
    }

    /// Learns from the first packet of a flow which addresses belong to which MAC address.
    pub fn met(&mut self, packet: &Packet<'_>) {
        let Packet { at, src, dst, hop_limit, link, .. } = *packet;
        if let Some(mac) = link.src {
            self.mac_addresses.sent(mac, self.translation.original(src), hop_limit, at);
        }
        if let Some(mac) = link.dst {
            self.mac_addresses.receives(mac, self.translation.original(dst), at);
        }
    }

    /// Records that `client` looked up `name` and got `address`.
    pub fn answered(&mut self, namespace: Namespace, client: IpAddr, address: IpAddr, name: &Arc<str>, at: Timestamp) {
        let client = self.translation.original(client);
        let known = self.workloads.client(client, at);
        if **name == *DISCOVERY_NAME
            && let IpAddr::V6(v6) = address
            && let Some(prefix) = Nat64Prefix::discovered(v6)
        {
            let requester =
                known.as_ref().and_then(Client::host).map_or(Requester::Address(namespace, client), Requester::Client);
            self.discover(requester, prefix);
        }
        let address = self.translation.original(address);
        let requesters = match known {
            Some(Client { number, is_one_host: true, .. }) => [Some(Requester::Client(number)), None],
            Some(Client { number, .. }) => {
                [Some(Requester::Address(namespace, client)), Some(Requester::Client(number))]
            }
            None => [Some(Requester::Address(namespace, client)), None],
        };
        for requester in requesters.into_iter().flatten() {
            self.cache.answered(requester, address, name, at);
        }
    }

    /// The live names of `address` for `client`, newest first.
    pub fn names(&self, namespace: Namespace, client: ClientEnd, address: IpAddr, at: Timestamp) -> Vec<Arc<str>> {
        if self.cache.is_empty() {
            return Vec::new();
        }
        let own = self.translation.original(client.address);
        let known = self.workloads.client(own, at);
        let mut requesters = vec![Requester::Address(namespace, own)];
        let mut also = |address: IpAddr| {
            let requester = Requester::Address(namespace, address);
            if !requesters.contains(&requester) {
                requesters.push(requester);
            }
        };
        match &known {
            Some(Client { is_one_host: true, addresses, .. }) => addresses.iter().copied().for_each(&mut also),
            _ => client.mac.iter().for_each(|mac| self.mac_addresses.addresses(*mac, own, at).for_each(&mut also)),
        }
        requesters.extend(known.as_ref().and_then(Client::host).map(Requester::Client));
        let names = self.lookup(&requesters, address, at);
        match known {
            Some(Client { number, is_one_host: false, .. }) if names.is_empty() => {
                self.lookup(&[Requester::Client(number)], address, at)
            }
            _ => names,
        }
    }

    /// Counters so far.
    pub fn counters(&self) -> NameCounters {
        self.cache.counters()
    }

    /// Memory in use.
    pub fn memory_bytes(&self) -> usize {
        self.cache.memory_bytes() + self.mac_addresses.memory_bytes()
    }

    /// Number of names.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.cache.len()
    }

    /// The names that any of `requesters` looked up for an address, in any of its forms.
    fn lookup(&self, requesters: &[Requester], address: IpAddr, at: Timestamp) -> Vec<Arc<str>> {
        let original = self.translation.original(address);
        let translators = requesters.iter().filter_map(|requester| self.discovered.get(requester));
        let behind = match original {
            IpAddr::V6(v6) => translators.filter_map(|prefix| prefix.embedded(v6)).map(IpAddr::V4).next(),
            IpAddr::V4(_) => None,
        };
        self.cache.names(requesters, [Some(original), behind].into_iter().flatten(), at)
    }

    fn discover(&mut self, requester: Requester, prefix: Nat64Prefix) {
        if self.discovered.insert(requester, prefix).is_none() {
            self.discoverers.push_back(requester);
        }
        if self.discoverers.len() > MAX_DISCOVERED
            && let Some(oldest) = self.discoverers.pop_front()
        {
            self.discovered.remove(&oldest);
        }
    }
}
