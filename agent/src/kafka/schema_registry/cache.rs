//! What was looked up, so that nothing is looked up twice: not by two who ask at once, nor soon after it was not there.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::kafka::schema::NoSchema;

/// What is known of a key: what there is, or why there is nothing.
pub type Lookup<T> = Result<Arc<T>, NoSchema>;

/// An outcome, and for how long it holds.
#[derive(Debug)]
pub(super) struct Fetched<T> {
    pub(super) lookup: Lookup<T>,
    /// How much memory it takes, in bytes.
    pub(super) bytes: usize,
    /// `None`: as long as there is room.
    pub(super) holds: Option<Duration>,
}

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) entries: usize,
    pub(super) bytes: usize,
}

/// Outcomes by key. What was not asked for longest goes first.
#[derive(Debug)]
pub(super) struct Cache<K, T> {
    state: Mutex<State<K, T>>,
    limits: Limits,
}

#[derive(Debug)]
struct State<K, T> {
    entries: HashMap<K, Entry<T>>,
    flights: HashMap<K, Arc<Flight<T>>>,
    bytes: usize,
    /// Counts the look-ups: the time of an entry's last use.
    uses: u64,
}

#[derive(Debug)]
struct Entry<T> {
    lookup: Lookup<T>,
    bytes: usize,
    until: Option<Instant>,
    used: u64,
}

/// A look-up under way, for which others wait.
#[derive(Debug)]
struct Flight<T> {
    outcome: Mutex<Option<Lookup<T>>>,
    is_done: Condvar,
}

/// Ends a look-up even if it panics, so that nobody waits for it for ever.
struct Landing<'a, K: Hash + Eq + Clone, T> {
    cache: &'a Cache<K, T>,
    key: &'a K,
    flight: Arc<Flight<T>>,
}

// === impl Cache ===

impl<K: Hash + Eq + Clone, T> Cache<K, T> {
    pub(super) fn new(limits: Limits) -> Self {
        let state = State { entries: HashMap::new(), flights: HashMap::new(), bytes: 0, uses: 0 };
        Self { state: Mutex::new(state), limits }
    }

    /// What is known of the key; else what `fetch` finds, which of those who ask at once runs once and the others wait for.
    /// The second value says whether it was known.
    pub(super) fn get(&self, key: &K, now: Instant, fetch: impl FnOnce() -> Fetched<T>) -> (Lookup<T>, bool) {
        let landing = {
            let mut state = lock(&self.state);
            if let Some(lookup) = state.known(key, now) {
                return (lookup, true);
            }
            if let Some(flight) = state.flights.get(key).map(Arc::clone) {
                drop(state);
                return (flight.wait(), true);
            }
            let flight = Arc::new(Flight { outcome: Mutex::new(None), is_done: Condvar::new() });
            state.flights.insert(key.clone(), Arc::clone(&flight));
            Landing { cache: self, key, flight }
        };
        let fetched = fetch();
        let lookup = fetched.lookup.clone();
        lock(&self.state).keep(key, fetched, now, self.limits);
        *lock(&landing.flight.outcome) = Some(lookup.clone());
        drop(landing);
        (lookup, false)
    }
}

// === impl State ===

impl<K: Hash + Eq + Clone, T> State<K, T> {
    fn known(&mut self, key: &K, now: Instant) -> Option<Lookup<T>> {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        if entry.until.is_some_and(|until| until <= now) {
            return None;
        }
        entry.used = self.uses;
        Some(entry.lookup.clone())
    }

    /// Keeps an outcome. One that is larger than all room is not kept.
    fn keep(&mut self, key: &K, fetched: Fetched<T>, now: Instant, limits: Limits) {
        self.remove(key);
        let Fetched { lookup, bytes, holds } = fetched;
        if bytes > limits.bytes || holds.is_some_and(|holds| holds.is_zero()) {
            return;
        }
        while self.entries.len() >= limits.entries.max(1) || self.bytes + bytes > limits.bytes {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            self.remove(&oldest);
        }
        self.bytes += bytes;
        let until = holds.and_then(|holds| now.checked_add(holds));
        self.entries.insert(key.clone(), Entry { lookup, bytes, until, used: self.uses });
    }

    fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.bytes;
        }
    }
}

// === impl Flight ===

impl<T> Flight<T> {
    fn wait(&self) -> Lookup<T> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(lookup) = &*outcome {
                return lookup.clone();
            }
            outcome = self.is_done.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

// === impl Landing ===

impl<K: Hash + Eq + Clone, T> Drop for Landing<'_, K, T> {
    fn drop(&mut self) {
        lock(&self.flight.outcome).get_or_insert(Err(NoSchema::Unreachable));
        self.flight.is_done.notify_all();
        lock(&self.cache.state).flights.remove(self.key);
    }
}

/// Nothing here panics while it holds a lock: what is behind it is complete.
fn lock<S>(mutex: &Mutex<S>) -> MutexGuard<'_, S> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
