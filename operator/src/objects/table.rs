//! The objects of one kind: what is desired beside what is there.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use kube::Client;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{WritePriority, call::CallError, queue::Due, writer::Lane};
use crate::metrics::WriteMetrics;

/// After a write, for how long what was read may be behind.
const LAG: Duration = Duration::from_secs(3);
/// After a failed write; doubles with every further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_mins(1);
/// Most that are lined up from one look to the next; no more are written meanwhile.
const LINE: usize = 512;

/// A kind of object that the operator writes.
pub(crate) trait WrittenKind: Sized + Send + Sync + 'static {
    /// As an object should be.
    type Desired: Clone + fmt::Debug + Send + Sync;
    /// What is known of one that is there.
    type Observed: fmt::Debug + Send + Sync;
    /// What of that a write builds on.
    type Base: fmt::Debug + Send;

    /// The kinds of the API server that it stands for.
    const KINDS: &'static [&'static str];
    /// Whether its objects are watched. Of others the last write is known.
    const IS_WATCHED: bool;

    /// How soon it must be written; `None`: it is as it should be.
    fn priority(observed: Option<&Self::Observed>, desired: Option<&Self::Desired>) -> Option<WritePriority>;

    /// Writes one object.
    fn write(client: Client, key: ObjectKey, action: Action<Self>) -> BoxFuture<'static, Outcome<Self>>;

    /// What of an object that is there, or is not, a write builds on.
    fn base(observed: Option<&Self::Observed>) -> Self::Base;

    /// The version that was observed.
    fn version(_: &Self::Observed) -> Option<&str> {
        None
    }
}

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectKey {
    pub(crate) kind: &'static str,
    /// `None` for a kind that lives in no namespace.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Action<K: WrittenKind> {
    /// `None`: it is to be deleted.
    pub(super) desired: Option<K::Desired>,
    pub(super) base: K::Base,
}

/// What came of it: the object as it is now, or that it is gone.
pub(crate) type Outcome<K> = Result<Option<<K as WrittenKind>::Observed>, WriteError>;

/// Why an object was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// Somebody else wrote it meanwhile, or made it.
    #[error("the object has changed meanwhile")]
    Outdated,
    /// Its namespace is gone, or going.
    #[error("the namespace is not there")]
    NamespaceMissing,
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What is desired of the objects of one kind. Clones share it.
pub(crate) struct Desired<K: WrittenKind> {
    table: Arc<Mutex<Table<K>>>,
    changed: Arc<Notify>,
    is_listed: watch::Sender<bool>,
    metrics: WriteMetrics,
    /// How old figures may get before they are written again.
    refresh: Duration,
}

/// All objects that are desired, and those that are to be deleted.
pub(super) struct Table<K: WrittenKind> {
    entries: BTreeMap<ObjectKey, Entry<K>>,
    observe: Option<Observe<K>>,
}

/// Looks up what was read of an object. Given the version that is known, if an object is: `None` where that is what was
/// read last.
pub(super) type Observe<K> =
    Box<dyn Fn(&ObjectKey, Option<Option<&str>>) -> Option<Option<<K as WrittenKind>::Observed>> + Send>;

#[derive(Debug)]
struct Entry<K: WrittenKind> {
    /// `None`: it is to be deleted.
    desired: Option<K::Desired>,
    observed: Option<K::Observed>,
    priority: Option<WritePriority>,
    /// Whether what is desired or observed is another than when the priority was found.
    is_news: bool,
    written: Option<Instant>,
    retry: Option<(Instant, Duration)>,
    under_way: bool,
    /// Whether there is no namespace to write it to.
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

    /// Returns when all objects that are there were read: what is desired before would be made anew.
    pub(crate) async fn listed(&self) {
        // The sender is this one's own.
        let _ = self.is_listed.subscribe().wait_for(|is_listed| *is_listed).await;
    }

    /// An object should be like this.
    pub(crate) fn set(&self, key: ObjectKey, desired: K::Desired) {
        self.lock().want(key, Some(desired));
        self.changed.notify_one();
    }

    /// An object should not be.
    pub(crate) fn delete(&self, key: ObjectKey) {
        self.lock().want(key, None);
        self.changed.notify_one();
    }

    /// Of the objects that are not in `keys` nothing is desired any more, neither that they are nor that they are not.
    pub(crate) fn retain(&self, keys: &BTreeSet<ObjectKey>) {
        self.lock().entries.retain(|key, _| keys.contains(key));
    }

    /// What `f` makes of an object: as it should be, and as it was read.
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

    /// From now on this is asked for what was read; everything was listed.
    pub(super) fn observe(&self, observe: Observe<K>) {
        self.lock().observe = Some(observe);
        self.is_listed.send_replace(true);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Table<K>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: WrittenKind> Lane for Desired<K> {
    fn due(&self, lane: usize, now: Instant) -> Vec<Due> {
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
        table.due(lane, self.refresh, now)
    }

    fn start(&self, key: &ObjectKey, client: &Client) -> Option<BoxFuture<'static, ()>> {
        let action = self.lock().begin(key)?;
        let (desired, key) = (self.clone(), key.clone());
        let write = K::write(client.clone(), key.clone(), action);
        Some(Box::pin(async move {
            let outcome = write.await;
            desired.metrics.written(key.kind, &outcome);
            desired.lock().written(&key, outcome, Instant::now());
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
    fn want(&mut self, key: ObjectKey, desired: Option<K::Desired>) {
        match self.entries.entry(key) {
            btree_map::Entry::Vacant(vacant) => drop(vacant.insert(Entry::new(desired))),
            btree_map::Entry::Occupied(mut occupied) => {
                let entry = occupied.get_mut();
                entry.desired = desired;
                entry.is_news = true;
            }
        }
    }

    /// How many have something of substance that is not written and could be, by kind.
    fn waiting(&self) -> BTreeMap<&'static str, usize> {
        let waits =
            |entry: &Entry<K>| entry.priority.is_some_and(WritePriority::is_substance) && !entry.lacks_namespace;
        let mut waiting = BTreeMap::new();
        for (key, _) in self.entries.iter().filter(|(_, entry)| waits(entry)) {
            *waiting.entry(key.kind).or_default() += 1;
        }
        waiting
    }

    /// Compares what is desired with what is there.
    fn compare(&mut self, now: Instant) {
        let Self { entries, observe } = self;
        entries.retain(|key, entry| {
            let is_behind = entry.written.is_some_and(|written| now.duration_since(written) < LAG);
            if !is_behind && let Some(observe) = observe {
                let known = entry.observed.as_ref().map(K::version);
                if let Some(observed) = observe(key, known) {
                    entry.observed = observed;
                    entry.is_news = true;
                }
            }
            // There are thousands, this is several times a second, and hardly any of them has changed.
            if std::mem::take(&mut entry.is_news) {
                entry.priority = K::priority(entry.observed.as_ref(), entry.desired.as_ref());
            }
            entry.desired.is_some() || entry.observed.is_some() || entry.under_way
        });
    }

    /// The first that may be written until the next look.
    fn due(&self, lane: usize, refresh: Duration, now: Instant) -> Vec<Due> {
        let may = |entry: &Entry<K>| {
            let is_fresh = entry.written.is_some_and(|written| now.duration_since(written) < refresh);
            !entry.under_way
                && entry.retry.is_none_or(|(at, _)| now >= at)
                && !(entry.priority == Some(WritePriority::Figures) && is_fresh)
        };
        let due = self.entries.iter().filter(|(_, entry)| may(entry));
        let due = due.filter_map(|(key, entry)| Some((entry.priority?, entry.written, key)));
        let mut due: Vec<_> = due.collect();
        if due.len() > LINE {
            due.select_nth_unstable(LINE);
            due.truncate(LINE);
        }
        let owned = |(priority, written, key): (_, _, &ObjectKey)| Due { priority, written, lane, key: key.clone() };
        due.into_iter().map(owned).collect()
    }

    /// What is to be written of an object, which is under way from now on.
    fn begin(&mut self, key: &ObjectKey) -> Option<Action<K>> {
        let entry = self.entries.get_mut(key)?;
        if entry.under_way {
            return None;
        }
        entry.under_way = true;
        Some(Action { desired: entry.desired.clone(), base: K::base(entry.observed.as_ref()) })
    }

    /// A write has come to its end.
    fn written(&mut self, key: &ObjectKey, outcome: Outcome<K>, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.under_way = false;
        match outcome {
            Ok(observed) => {
                entry.observed = observed;
                entry.written = Some(now);
                entry.retry = None;
                entry.lacks_namespace = false;
            }
            // What is read tells soon how it is.
            Err(WriteError::Outdated) => {
                entry.written = None;
                entry.retry = Some((now + FIRST_RETRY, FIRST_RETRY));
            }
            // It may come back, and the evidence is in the ledger.
            Err(WriteError::NamespaceMissing) => {
                entry.lacks_namespace = true;
                entry.retry = Some((now + LAST_RETRY, LAST_RETRY));
            }
            Err(error) => {
                let pause = entry.retry.map_or(FIRST_RETRY, |(_, pause)| LAST_RETRY.min(pause * 2));
                entry.retry = Some((now + pause, pause));
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
            is_news: true,
            written: None,
            retry: None,
            under_way: false,
            lacks_namespace: false,
        }
    }
}

impl WriteError {
    /// Whether an answer says that there is no namespace to write to: the API server says so in words and in a cause, and
    /// in no reason of its own.
    pub(super) fn lacks_namespace(status: &kube::core::Status) -> bool {
        status.is_not_found() || (status.is_forbidden() && status.message.contains("being terminated"))
    }

    /// Of an object that was read before it was written.
    pub(super) fn of_known(error: CallError) -> Self {
        let CallError::Api(kube::Error::Api(status)) = &error else { return Self::Call(error) };
        // One that is not found was deleted after it was read.
        let is_outdated = status.is_conflict() || status.is_already_exists() || status.is_not_found();
        if is_outdated { Self::Outdated } else { Self::Call(error) }
    }
}

#[cfg(test)]
mod tests;
