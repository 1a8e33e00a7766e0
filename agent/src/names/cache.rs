use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

/// How long an answer speaks for its address.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How many names are kept for one client and address. More say no more than that the address is shared.
const MAX_NAMES: usize = 32;

/// The network namespace a client lives in: the same private address can be another party in
/// each. Captures know one only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Namespace(pub u32);

/// Who asked, and which address was the answer.
type Key = (Namespace, IpAddr, IpAddr);

/// The names under which clients looked up addresses in the last ten minutes, by the clock of
/// the packets. Bounded: beyond the capacity the oldest answers go.
#[derive(Debug)]
pub struct NameCache {
    capacity: usize,
    entries: HashMap<Key, Vec<Answered>>,
    /// One item for each name in `entries`, in the order in which they are considered to go.
    queue: VecDeque<Queued>,
    evicted: u64,
}

/// A name that was the question of an answer.
#[derive(Debug)]
struct Answered {
    name: Arc<str>,
    at: Timestamp,
}

/// Reminds of a name that may be too old.
#[derive(Debug)]
struct Queued {
    key: Key,
    name: Arc<str>,
    at: Timestamp,
}

impl Default for NameCache {
    fn default() -> Self {
        Self::new(65_536)
    }
}

impl NameCache {
    /// A cache of at most `capacity` names, each with its client and address.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), entries: HashMap::new(), queue: VecDeque::new(), evicted: 0 }
    }

    /// `client` asked for `name` and was told `address`.
    pub fn answered(&mut self, namespace: Namespace, client: IpAddr, address: IpAddr, name: &Arc<str>, at: Timestamp) {
        let key = (namespace, client, address);
        let names = self.entries.entry(key).or_default();
        if let Some(known) = names.iter_mut().find(|known| known.name == *name) {
            known.at = known.at.max(at);
            return;
        }
        if names.len() == MAX_NAMES {
            let expired = names.iter().position(|known| !is_live(known.at, at));
            let Some(expired) = expired else { return };
            // Its place in the queue finds nothing and is skipped.
            names.swap_remove(expired);
        }
        names.push(Answered { name: Arc::clone(name), at });
        self.queue.push_back(Queued { key, name: Arc::clone(name), at });
        self.forget(at);
    }

    /// The names that are live for `address`, as `client` sees it; newest first.
    pub fn names(&self, namespace: Namespace, client: IpAddr, address: IpAddr, at: Timestamp) -> Vec<Arc<str>> {
        let Some(known) = self.entries.get(&(namespace, client, address)) else { return Vec::new() };
        let mut live: Vec<&Answered> = known.iter().filter(|known| is_live(known.at, at)).collect();
        live.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.name.cmp(&b.name)));
        live.into_iter().map(|known| Arc::clone(&known.name)).collect()
    }

    /// How many names are held.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// How many names went before their time, for want of room.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Drops what has expired from the front of the queue, and the oldest while there is too much.
    fn forget(&mut self, now: Timestamp) {
        while let Some(front) = self.queue.front() {
            let expired = !is_live(front.at, now);
            if !expired && self.queue.len() <= self.capacity {
                return;
            }
            let Some(mut item) = self.queue.pop_front() else { return };
            let Some(names) = self.entries.get_mut(&item.key) else { continue };
            let Some(index) = names.iter().position(|known| known.name == item.name) else { continue };
            // Answered again since it was queued: it goes to the end of the queue instead, once.
            if names[index].at > item.at {
                item.at = names[index].at;
                self.queue.push_back(item);
                continue;
            }
            self.evicted += u64::from(!expired);
            names.swap_remove(index);
            if names.is_empty() {
                self.entries.remove(&item.key);
            }
        }
    }
}

/// Whether an answer of the instant `answered` still speaks for its address. Packets of several
/// interfaces can be slightly out of order, so one from the near future does too.
fn is_live(answered: Timestamp, now: Timestamp) -> bool {
    now.duration_since(answered).abs() <= LIFETIME
}

#[cfg(test)]
mod tests;
