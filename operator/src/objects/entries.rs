use std::{
    collections::{BTreeMap, VecDeque, btree_map},
    time::Duration,
};

use kube::runtime::reflector::Store;
use landfall_api::Stored;
use tokio::time::Instant;

use super::{Pace, Urgency, Written, there, write::WriteError};

/// After a write, for how long the store may be behind.
const LAG: Duration = Duration::from_secs(3);
/// After a failed write; doubles with every further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_mins(1);
/// Most that are lined up from one look to the next; that many are not written meanwhile.
const LINE: usize = 512;

/// Namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// An object as it should be. Of one that is there, the spec stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted<S: Written> {
    pub(crate) spec: S,
    pub(crate) status: S::Status,
}

/// All objects that are wanted, and those that are not any more.
#[derive(Debug)]
pub(crate) struct Entries<S: Written> {
    all: BTreeMap<Key, Entry<S>>,
    /// Those that may be written until the next look, the most urgent first.
    line: VecDeque<Key>,
}

#[derive(Debug)]
struct Entry<S: Written> {
    /// `None`: it is to go.
    wanted: Option<Wanted<S>>,
    /// What is there.
    there: Option<There<S>>,
    urgency: Option<Urgency>,
    /// Whether what is wanted or there is another than when the urgency was found.
    is_news: bool,
    written: Option<Instant>,
    retry: Option<(Instant, Duration)>,
    under_way: bool,
    /// Whether there is no namespace to write it to.
    homeless: bool,
}

#[derive(Debug, Clone)]
struct There<S: Written> {
    version: Option<String>,
    status: Option<S::Status>,
}

/// A write that is due.
#[derive(Debug)]
pub(super) struct Due<S: Written> {
    pub(super) key: Key,
    pub(super) action: Action<S>,
}

/// What is to be written.
#[derive(Debug)]
pub(super) enum Action<S: Written> {
    /// A new object, with its status.
    Create(Wanted<S>),
    /// The status of an object that is there in this version.
    Replace(Wanted<S>, Option<String>),
    /// It goes.
    Delete,
}

/// What came of it: the object as it is now, or that it is gone.
pub(super) type Outcome<S> = Result<Option<Stored<S>>, WriteError>;

impl<S: Written> Default for Entries<S> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), line: VecDeque::new() }
    }
}

impl<S: Written> Entries<S> {
    /// It should be like this.
    pub(crate) fn want(&mut self, key: Key, wanted: Wanted<S>) {
        match self.all.entry(key) {
            btree_map::Entry::Vacant(vacant) => {
                vacant.insert(Entry::new(Some(wanted)));
            }
            btree_map::Entry::Occupied(mut occupied) => occupied.get_mut().want(Some(wanted)),
        }
    }

    /// How it should be.
    pub(crate) fn wanted(&self, key: &Key) -> Option<&Wanted<S>> {
        self.all.get(key)?.wanted.as_ref()
    }

    /// All that should be.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &Wanted<S>)> {
        self.all.iter().filter_map(|(key, entry)| Some((key, entry.wanted.as_ref()?)))
    }

    /// It should not be.
    pub(crate) fn forget(&mut self, key: Key) {
        self.all.entry(key).or_insert_with(|| Entry::new(None)).want(None);
    }

    /// How many have something of substance that is not written and could be.
    pub(super) fn waiting(&self) -> usize {
        let waits = |entry: &&Entry<S>| matches!(entry.urgency, Some(Urgency::Now(_))) && !entry.homeless;
        self.all.values().filter(waits).count()
    }

    /// Compares what is wanted with what is there.
    pub(super) fn compare(&mut self, store: &Store<Stored<S>>, now: Instant) {
        self.all.retain(|key, entry| {
            let there = there(store, key);
            let is_behind = entry.written.is_some_and(|written| now.duration_since(written) < LAG);
            let version = there.as_ref().map(|object| &object.metadata.resource_version);
            if !is_behind && version != entry.there.as_ref().map(|it| &it.version) {
                entry.there = there.as_deref().map(There::of);
                entry.is_news = true;
            }
            // There are thousands, this is several times a second, and hardly any of them has changed.
            if std::mem::take(&mut entry.is_news) {
                entry.urgency = entry.difference();
            }
            entry.wanted.is_some() || entry.there.is_some() || entry.under_way
        });
    }

    /// Lines up what may be written until the next look.
    pub(super) fn line_up(&mut self, refresh: Duration, now: Instant) {
        let may = |entry: &Entry<S>| {
            let is_fresh = entry.written.is_some_and(|written| now.duration_since(written) < refresh);
            !entry.under_way
                && entry.retry.is_none_or(|(at, _)| now >= at)
                && !(entry.urgency == Some(Urgency::WhenQuiet) && is_fresh)
        };
        let due = self.all.iter().filter(|(_, entry)| entry.urgency.is_some() && may(entry));
        // Of equal urgency, what was written longest ago.
        let mut due: Vec<_> = due.map(|(key, entry)| (entry.urgency, entry.written, key)).collect();
        if due.len() > LINE {
            due.select_nth_unstable(LINE);
            due.truncate(LINE);
        }
        due.sort_unstable();
        self.line = due.into_iter().map(|(_, _, key)| key.clone()).collect();
    }

    /// How many of substance are lined up: what failed a moment ago, or has no namespace, is not.
    pub(super) fn lined_up(&self) -> usize {
        let is_substance = |key: &&Key| matches!(self.all[*key].urgency, Some(Urgency::Now(_)));
        self.line.iter().filter(is_substance).count()
    }

    /// The first of the line that may be written now.
    pub(super) fn take_due(&mut self, pace: &mut Pace, room: usize, now: Instant) -> Vec<Due<S>> {
        let mut taken = Vec::new();
        while taken.len() < room
            && let Some(key) = self.line.pop_front()
        {
            let Some(entry) = self.all.get_mut(&key) else { continue };
            let budget = match entry.urgency {
                Some(Urgency::Now(_)) => pace.turn.budget(&mut pace.substance),
                _ => &mut pace.figures,
            };
            if !budget.take(now) {
                self.line.push_front(key);
                break;
            }
            entry.under_way = true;
            let action = match (&entry.wanted, &entry.there) {
                (None, _) => Action::Delete,
                (Some(wanted), None) => Action::Create(wanted.clone()),
                (Some(wanted), Some(there)) => Action::Replace(wanted.clone(), there.version.clone()),
            };
            taken.push(Due { key, action });
        }
        taken
    }

    /// A write has come to its end.
    pub(super) fn written(&mut self, key: &Key, outcome: Outcome<S>, now: Instant) {
        let Some(entry) = self.all.get_mut(key) else { return };
        entry.under_way = false;
        match outcome {
            Ok(object) => {
                entry.there = object.as_ref().map(There::of);
                entry.written = Some(now);
                entry.retry = None;
                entry.homeless = false;
            }
            // The store tells soon how it is.
            Err(WriteError::Outdated) => {
                entry.written = None;
                entry.retry = Some((now + FIRST_RETRY, FIRST_RETRY));
            }
            // It may come back, and the evidence is in the ledger.
            Err(WriteError::Homeless) => {
                entry.homeless = true;
                entry.retry = Some((now + LAST_RETRY, LAST_RETRY));
            }
            Err(error) => {
                let pause = entry.retry.map_or(FIRST_RETRY, |(_, pause)| LAST_RETRY.min(pause * 2));
                entry.retry = Some((now + pause, pause));
                let Key { namespace, name } = key;
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, kind = S::KIND, %namespace, %name, "Failed to write an object");
            }
        }
        entry.urgency = entry.difference();
    }
}

impl<S: Written> Entry<S> {
    fn new(wanted: Option<Wanted<S>>) -> Self {
        Self {
            wanted,
            there: None,
            urgency: None,
            is_news: true,
            written: None,
            retry: None,
            under_way: false,
            homeless: false,
        }
    }

    fn want(&mut self, wanted: Option<Wanted<S>>) {
        self.wanted = wanted;
        self.is_news = true;
    }

    fn difference(&self) -> Option<Urgency> {
        match (&self.wanted, &self.there) {
            (None, None) => None,
            (None, Some(_)) => Some(Urgency::Now(u8::MAX)),
            (Some(wanted), there) => S::urgency(there.as_ref().and_then(|there| there.status.as_ref()), &wanted.status),
        }
    }
}

impl<S: Written> There<S> {
    fn of(object: &Stored<S>) -> Self {
        Self { version: object.metadata.resource_version.clone(), status: object.status.clone() }
    }
}

#[cfg(test)]
mod tests;
