use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use super::NameCounters;

/// How long a name from an answer is valid for its address.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Maximum number of names per client and address. More would only show that the address is shared.
const MAX_NAMES: usize = 32;

/// The network namespace of a client: the same private address can belong to different parties in different namespaces.
/// A capture file has only one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Namespace(pub u32);

/// Who looked up a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Requester {
    /// A client known only by its address.
    Address(Namespace, IpAddr),
    /// A pod, host or workload, by its number.
    Client(u64),
}

/// Who looked it up, and the address in the answer.
type Key = (Requester, IpAddr);

/// Memory of a name in addition to its text: its entries in map and queue, which can take twice as much while they
/// grow, and two allocations.
const OVERHEAD: usize = 2 * (size_of::<(Key, Vec<Answered>)>() + size_of::<Queued>()) + size_of::<Answered>() + 48;

/// The names under which clients looked up addresses in the last ten minutes, by the clock of the packets. Beyond the
/// capacity, the oldest answers are evicted.
#[derive(Debug)]
pub struct NameCache {
    /// Maximum memory in bytes.
    limit: usize,
    memory_bytes: usize,
    entries: HashMap<Key, Vec<Answered>>,
    /// One item for each name in `entries`, in the order in which they are checked for expiry.
    queue: VecDeque<Queued>,
    counters: NameCounters,
}

/// A name that was looked up.
#[derive(Debug)]
struct Answered {
    name: Arc<str>,
    at: Timestamp,
}

/// A name in the order of its expiry.
#[derive(Debug)]
struct Queued {
    key: Key,
    name: Arc<str>,
    at: Timestamp,
}

impl Default for NameCache {
    fn default() -> Self {
        Self::within(32 * 1024 * 1024)
    }
}

impl NameCache {
    /// A cache with a memory limit for names, clients and addresses.
    pub fn within(memory_bytes: usize) -> Self {
        Self {
            limit: memory_bytes,
            memory_bytes: 0,
            entries: HashMap::new(),
            queue: VecDeque::new(),
            counters: NameCounters::default(),
        }
    }

    /// Records that `requester` looked up `name` and got `address`.
    pub(super) fn answered(&mut self, requester: Requester, address: IpAddr, name: &Arc<str>, at: Timestamp) {
        let key = (requester, address);
        let names = self.entries.entry(key).or_insert_with(|| Vec::with_capacity(1));
        if let Some(known) = names.iter_mut().find(|known| known.name == *name) {
            known.at = known.at.max(at);
            return;
        }
        if names.len() == MAX_NAMES {
            let expired = names.iter().position(|known| !is_live(known.at, at));
            let Some(expired) = expired else {
                self.counters.beyond += 1;
                return;
            };
            // Its item in the queue then finds no name and is skipped.
            names.swap_remove(expired);
        }
        names.push(Answered { name: Arc::clone(name), at });
        self.memory_bytes += cost(name);
        self.queue.push_back(Queued { key, name: Arc::clone(name), at });
        self.forget(at);
    }

    /// The live names of any of `addresses` for any of `requesters`, newest first, each once.
    pub(super) fn names(
        &self,
        requesters: &[Requester],
        addresses: impl Iterator<Item = IpAddr>,
        at: Timestamp,
    ) -> Vec<Arc<str>> {
        let mut live: Vec<&Answered> = Vec::new();
        for address in addresses {
            let known = requesters.iter().filter_map(|requester| self.entries.get(&(*requester, address))).flatten();
            live.extend(known.filter(|known| is_live(known.at, at)));
        }
        live.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.name.cmp(&b.name)));
        let mut names: Vec<Arc<str>> = Vec::with_capacity(live.len().min(MAX_NAMES));
        for known in live {
            if names.len() < MAX_NAMES && !names.contains(&known.name) {
                names.push(Arc::clone(&known.name));
            }
        }
        names
    }

    /// Whether it holds no names.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Counters so far.
    pub fn counters(&self) -> NameCounters {
        self.counters
    }

    /// Memory in use.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Number of names.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Drops expired names, and the oldest ones while the limit is exceeded.
    fn forget(&mut self, now: Timestamp) {
        while let Some(front) = self.queue.front() {
            let expired = !is_live(front.at, now);
            if !expired && self.memory_bytes <= self.limit {
                return;
            }
            let Some(mut item) = self.queue.pop_front() else { return };
            self.memory_bytes -= cost(&item.name);
            let Some(names) = self.entries.get_mut(&item.key) else { continue };
            let Some(index) = names.iter().position(|known| known.name == item.name) else { continue };
            // Looked up again since it was queued: it moves to the end of the queue.
            if names[index].at > item.at {
                item.at = names[index].at;
                self.memory_bytes += cost(&item.name);
                self.queue.push_back(item);
                continue;
            }
            self.counters.evicted += u64::from(!expired);
            names.swap_remove(index);
            if names.is_empty() {
                self.entries.remove(&item.key);
            }
        }
    }
}

/// Memory of a name. The addresses of an answer share its text, but it counts for each, as it may be kept for one only.
fn cost(name: &Arc<str>) -> usize {
    OVERHEAD + name.len()
}

/// Whether an answer from the instant `answered` is still valid. So is one from the near future, because packets of
/// several interfaces can be slightly out of order.
fn is_live(answered: Timestamp, now: Timestamp) -> bool {
    now.duration_since(answered).abs() <= LIFETIME
}

#[cfg(test)]
mod tests;
