//! The objects of one kind: desired and observed state.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use kube::Client;
use landfall_process::backoff::Backoff;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{WritePriority, call::CallError, queue::DueWrite, writer::WriteSource};
use crate::metrics::WriteMetrics;

/// How long after a write the watch may still show an older state.
const WATCH_LAG: Duration = Duration::from_secs(3);
/// Delay after a failed write; it doubles with every further failure.
const RETRY: Backoff = Backoff::new(Duration::from_secs(1), LAST_RETRY);
const LAST_RETRY: Duration = Duration::from_mins(1);
/// Maximum number of due writes per comparison; no more are written until the next one.
const MAX_DUE: usize = 512;

/// A kind of object that the operator writes.
pub(crate) trait WrittenKind: Sized + Send + Sync + 'static {
    /// The desired state of an object.
    type Desired: Clone + fmt::Debug + Send + Sync;
    /// The observed state of an object.
    type Observed: fmt::Debug + Send + Sync;
    /// The part of the observed state that a write builds on, such as the resource version.
    type Base: fmt::Debug + Send;

    /// The Kubernetes kinds that it comprises.
    const KINDS: &'static [&'static str];
    /// Whether its objects are watched. Otherwise the last write is the observed state.
    const IS_WATCHED: bool;

    /// Priority of a write; `None` if the object is as desired.
    fn priority(observed: Option<&Self::Observed>, desired: Option<&Self::Desired>) -> Option<WritePriority>;

    /// Writes one object.
    fn write(client: Client, key: ObjectKey, action: Action<Self>) -> BoxFuture<'static, Outcome<Self>>;

    /// What a write of the object builds on.
    fn base(observed: Option<&Self::Observed>) -> Self::Base;

    /// The observed version.
    fn version(_: &Self::Observed) -> Option<&str> {
        None
    }
}

/// Identifies an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectKey {
    pub(crate) kind: &'static str,
    /// `None` for cluster-scoped kinds.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

/// A write to be made.
#[derive(Debug)]
pub(crate) struct Action<K: WrittenKind> {
    /// `None` to delete the object.
    pub(super) desired: Option<K::Desired>,
    pub(super) base: K::Base,
}

/// The result of a write: the object as it is now, or `None` if it is gone.
pub(crate) type Outcome<K> = Result<Option<<K as WrittenKind>::Observed>, WriteError>;

/// Why an object was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// Someone else changed or created it in the meantime.
    #[error("the object was changed in the meantime")]
    Outdated,
    /// Its namespace does not exist or is being deleted.
    #[error("the namespace does not exist")]
    NamespaceMissing,
    #[error(transparent)]
    Call(#[from] CallError),
}

/// The desired state of the objects of one kind. Clones share it.
pub(crate) struct Desired<K: WrittenKind> {
    table: Arc<Mutex<Table<K>>>,
    changed: Arc<Notify>,
    is_listed: watch::Sender<bool>,
    metrics: WriteMetrics,
    /// How old counters may get before they are written again.
    refresh: Duration,
}

/// All desired objects, and those to be deleted.
pub(super) struct Table<K: WrittenKind> {
    entries: BTreeMap<ObjectKey, Entry<K>>,
    observe: Option<Observe<K>>,
}

/// Looks up the observed state of an object. The argument is the known version, if the object is known; the result is
/// `None` if that is still the latest.
pub(super) type Observe<K> =
    Box<dyn Fn(&ObjectKey, Option<Option<&str>>) -> Option<Option<<K as WrittenKind>::Observed>> + Send>;

#[derive(Debug)]
struct Entry<K: WrittenKind> {
    /// `None` if it is to be deleted.
    desired: Option<K::Desired>,
    observed: Option<K::Observed>,
    priority: Option<WritePriority>,
    /// Whether desired or observed state changed since the priority was computed.
    is_dirty: bool,
    written: Option<Instant>,
    retry: Option<(Instant, Backoff)>,
    in_flight: bool,
    /// Whether its namespace is missing.
    lacks_namespace: bool,
}

// === impl Desired ===

impl<K: WrittenKind> Desired<K> {
    pub(super) fn new(changed: &Arc<Notify>, metrics: &WriteMetrics, refresh: Duration) -> Self {
        Self {
            table: Arc::default(),
            changed: changed.clone(),
            is_listed: watch::Sender::new(!K::IS_WATCHED),
            metrics: metrics.clone(),
            refresh,
        }
    }

    /// Returns once all existing objects were listed. Desired state set before would create them again.
    pub(crate) async fn listed(&self) {
        // It cannot fail: the sender is a field of `self`.
        let _ = self.is_listed.subscribe().wait_for(|is_listed| *is_listed).await;
    }

    /// Sets the desired state of an object.
    pub(crate) fn set(&self, key: ObjectKey, desired: K::Desired) {
        self.lock().set_desired(key, Some(desired));
        self.changed.notify_one();
    }

    /// Has an object deleted.
    pub(crate) fn delete(&self, key: ObjectKey) {
        self.lock().set_desired(key, None);
        self.changed.notify_one();
    }

    /// Drops the desired state of all objects that are not in `keys`. They are not deleted.
    pub(crate) fn retain(&self, keys: &BTreeSet<ObjectKey>) {
        self.lock().entries.retain(|key, _| keys.contains(key));
    }

    /// Calls `f` with the desired and observed state of an object.
    pub(crate) fn with<T>(&self, key: &ObjectKey, f: impl FnOnce(Option<&K::Desired>, Option<&K::Observed>) -> T) -> T {
        let table = self.lock();
        let entry = table.entries.get(key);
        let desired = entry.and_then(|entry| entry.desired.as_ref());
        if desired.is_none()
            && let Some(read) = table.observe.as_ref().and_then(|observe| observe(key, None))
        {
            return f(None, read.as_ref());
        }
        f(desired, entry.and_then(|entry| entry.observed.as_ref()))
    }

    /// From now on `observe` provides the observed state; all objects were listed.
    pub(super) fn observe(&self, observe: Observe<K>) {
        self.lock().observe = Some(observe);
        self.is_listed.send_replace(true);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Table<K>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: WrittenKind> WriteSource for Desired<K> {
    fn due(&self, source: usize, now: Instant) -> Vec<DueWrite> {
        let mut table = self.lock();
        if K::IS_WATCHED && table.observe.is_none() {
            return Vec::new();
        }
        table.compare(now);
        let mut waiting: BTreeMap<_, usize> = K::KINDS.iter().map(|kind| (*kind, 0)).collect();
        for (kind, count) in table.waiting() {
            *waiting.entry(kind).or_default() += count;
        }
        for (kind, count) in waiting {
            self.metrics.waiting(kind, count);
        }
        table.due(source, self.refresh, now)
    }

    fn start(&self, key: &ObjectKey, client: &Client) -> Option<BoxFuture<'static, ()>> {
        let action = self.lock().start_write(key)?;
        let (desired, key) = (self.clone(), key.clone());
        let write = K::write(client.clone(), key.clone(), action);
        Some(Box::pin(async move {
            let outcome = write.await;
            desired.metrics.written(key.kind, &outcome);
            desired.lock().finish_write(&key, outcome, Instant::now());
        }))
    }
}

impl<K: WrittenKind> Clone for Desired<K> {
    fn clone(&self) -> Self {
        Self {
            table: self.table.clone(),
            changed: self.changed.clone(),
            is_listed: self.is_listed.clone(),
            metrics: self.metrics.clone(),
            refresh: self.refresh,
        }
    }
}

impl<K: WrittenKind> fmt::Debug for Desired<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desired").field("objects", &self.lock().entries.len()).finish_non_exhaustive()
    }
}

// === impl Table ===

impl<K: WrittenKind> Default for Table<K> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), observe: None }
    }
}

impl<K: WrittenKind> Table<K> {
    fn set_desired(&mut self, key: ObjectKey, desired: Option<K::Desired>) {
        match self.entries.entry(key) {
            btree_map::Entry::Vacant(vacant) => drop(vacant.insert(Entry::new(desired))),
            btree_map::Entry::Occupied(mut occupied) => {
                let entry = occupied.get_mut();
                entry.desired = desired;
                entry.is_dirty = true;
            }
        }
    }

    /// How many objects by kind wait for a write of more than counters, except those without a namespace.
    fn waiting(&self) -> BTreeMap<&'static str, usize> {
        let waits =
            |entry: &Entry<K>| entry.priority.is_some_and(WritePriority::is_significant) && !entry.lacks_namespace;
        let mut waiting = BTreeMap::new();
        for (key, _) in self.entries.iter().filter(|(_, entry)| waits(entry)) {
            *waiting.entry(key.kind).or_default() += 1;
        }
        waiting
    }

    /// Compares desired and observed state.
    fn compare(&mut self, now: Instant) {
        let Self { entries, observe } = self;
        entries.retain(|key, entry| {
            let is_behind = entry.written.is_some_and(|written| now.duration_since(written) < WATCH_LAG);
            if !is_behind && let Some(observe) = observe {
                let known = entry.observed.as_ref().map(K::version);
                if let Some(observed) = observe(key, known) {
                    entry.observed = observed;
                    entry.is_dirty = true;
                }
            }
            // This runs several times a second over thousands of objects, hardly any of which has changed.
            if std::mem::take(&mut entry.is_dirty) {
                entry.priority = K::priority(entry.observed.as_ref(), entry.desired.as_ref());
            }
            entry.desired.is_some() || entry.observed.is_some() || entry.in_flight
        });
    }

    /// The writes that are due, at most [`MAX_DUE`] of the highest priority.
    fn due(&self, source: usize, refresh: Duration, now: Instant) -> Vec<DueWrite> {
        let may = |entry: &Entry<K>| {
            let is_fresh = entry.written.is_some_and(|written| now.duration_since(written) < refresh);
            !entry.in_flight
                && entry.retry.as_ref().is_none_or(|(at, _)| now >= *at)
                && !(entry.priority == Some(WritePriority::CountersOnly) && is_fresh)
        };
        let due = self.entries.iter().filter(|(_, entry)| may(entry));
        let due = due.filter_map(|(key, entry)| Some((entry.priority?, entry.written, key)));
        let mut due: Vec<_> = due.collect();
        if due.len() > MAX_DUE {
            due.select_nth_unstable(MAX_DUE);
            due.truncate(MAX_DUE);
        }
        let owned =
            |(priority, written, key): (_, _, &ObjectKey)| DueWrite { priority, written, source, key: key.clone() };
        due.into_iter().map(owned).collect()
    }

    /// Starts a write: returns the action and marks the object as in flight.
    fn start_write(&mut self, key: &ObjectKey) -> Option<Action<K>> {
        let entry = self.entries.get_mut(key)?;
        if entry.in_flight {
            return None;
        }
        entry.in_flight = true;
        Some(Action { desired: entry.desired.clone(), base: K::base(entry.observed.as_ref()) })
    }

    /// Stores the outcome of a write.
    fn finish_write(&mut self, key: &ObjectKey, outcome: Outcome<K>, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.in_flight = false;
        match outcome {
            Ok(observed) => {
                entry.observed = observed;
                entry.written = Some(now);
                entry.retry = None;
                entry.lacks_namespace = false;
            }
            // The watch will deliver the current state soon.
            Err(WriteError::Outdated) => {
                entry.written = None;
                entry.retry = Some(retry_after(RETRY, now));
            }
            // The namespace may come back. Nothing is lost: the evidence is in the ledger.
            Err(WriteError::NamespaceMissing) => {
                entry.lacks_namespace = true;
                entry.retry = Some((now + LAST_RETRY, RETRY));
            }
            Err(error) => {
                let backoff = entry.retry.take().map_or(RETRY, |(_, backoff)| backoff);
                entry.retry = Some(retry_after(backoff, now));
                let ObjectKey { kind, namespace, name } = key;
                let (error, namespace) = (&error as &dyn std::error::Error, namespace.as_deref().unwrap_or_default());
                tracing::warn!(error, %kind, %namespace, %name, "Failed to write an object");
            }
        }
        entry.priority = K::priority(entry.observed.as_ref(), entry.desired.as_ref());
    }
}

impl<K: WrittenKind> Entry<K> {
    fn new(desired: Option<K::Desired>) -> Self {
        Self {
            desired,
            observed: None,
            priority: None,
            is_dirty: true,
            written: None,
            retry: None,
            in_flight: false,
            lacks_namespace: false,
        }
    }
}

fn retry_after(mut backoff: Backoff, now: Instant) -> (Instant, Backoff) {
    (now + backoff.next_wait(), backoff)
}

impl WriteError {
    /// Whether the error means that the namespace is missing. The API server has no reason of its own for this, only a
    /// message and a cause.
    pub(super) fn lacks_namespace(status: &kube::core::Status) -> bool {
        status.is_not_found() || (status.is_forbidden() && status.message.contains("being terminated"))
    }

    /// The error of writing an object that was observed before.
    pub(super) fn for_existing(error: CallError) -> Self {
        let CallError::Api(kube::Error::Api(status)) = &error else { return Self::Call(error) };
        // Not found: it was deleted after it was read.
        let is_outdated = status.is_conflict() || status.is_already_exists() || status.is_not_found();
        if is_outdated { Self::Outdated } else { Self::Call(error) }
    }
}

#[cfg(test)]
mod tests;
