//! One watch per kind, shared by everything that reads the kind.

use std::{fmt::Debug, hash::Hash, sync::Arc, time::Duration};

use kube::{
    Api, Client, Resource,
    runtime::{
        reflector::{self, Lookup, Store},
        watcher,
    },
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::Instant,
};

use crate::objects::watch::{WatchErrors, run_watch};

/// Outages shorter than this, such as a restart of the API server, are not reported.
const OUTAGE: Duration = Duration::from_secs(15);
/// An attempt fails within 30 seconds, the client's connection timeout. A watch without a failure for longer than that plus
/// the backoff has recovered, even if no event has arrived.
const RECOVERED: Duration = Duration::from_secs(45);

/// Starts watches.
pub(super) struct Watches {
    client: Client,
    changes: Arc<Notify>,
    errors: WatchErrors,
}

/// The objects of a watch, and its health.
pub(super) struct Watched<K: Lookup<DynamicType = ()> + 'static> {
    store: Store<K>,
    health: watch::Receiver<Health>,
}

/// Health of a watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Health {
    /// Whether all objects were listed once.
    listed: bool,
    /// The first and the latest error since the last event.
    failing: Option<(Instant, Instant)>,
}

impl Watches {
    pub(super) fn new(client: Client, errors: WatchErrors) -> Self {
        Self { client, changes: Arc::default(), errors }
    }

    /// Notified of every change.
    pub(super) fn changes(&self) -> Arc<Notify> {
        self.changes.clone()
    }

    /// The client for the API server.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Watches a kind.
    pub(super) fn start<K>(&mut self, kind: &'static str, tasks: &mut JoinSet<&'static str>) -> Watched<K>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
        K::DynamicType: Hash + Eq + Clone,
    {
        self.start_notifying(kind, tasks, |event| !matches!(event, watcher::Event::InitApply(_)))
    }

    /// Watches a kind without notifying of changes, except for the end of the first list.
    pub(super) fn start_silent<K>(&mut self, kind: &'static str, tasks: &mut JoinSet<&'static str>) -> Watched<K>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
        K::DynamicType: Hash + Eq + Clone,
    {
        self.start_notifying(kind, tasks, |event| matches!(event, watcher::Event::InitDone))
    }

    fn start_notifying<K>(
        &mut self,
        kind: &'static str,
        tasks: &mut JoinSet<&'static str>,
        is_news: fn(&watcher::Event<K>) -> bool,
    ) -> Watched<K>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
        K::DynamicType: Hash + Eq + Clone,
    {
        let (store, writer) = reflector::store();
        let (report, health) = watch::channel(Health::default());
        let api = Api::<K>::all(self.client.clone());
        let (changes, errors) = (self.changes.clone(), self.errors.clone());
        tasks.spawn(async move {
            let on_event = |event: Option<&watcher::Event<K>>| {
                let Some(event) = event else {
                    let now = Instant::now();
                    return report.send_modify(|health| {
                        health.failing = Some((health.failing.map_or(now, |(since, _)| since), now));
                    });
                };
                report.send_modify(|health| {
                    health.failing = None;
                    health.listed |= matches!(event, watcher::Event::InitDone);
                });
                // The store keeps its previous content until a new list is complete.
                if is_news(event) {
                    changes.notify_one();
                }
            };
            run_watch(api, kind, writer, errors, on_event).await;
            "watches a kind"
        });
        Watched { store, health }
    }
}

impl<K: Lookup<DynamicType = ()> + Clone + 'static> Watched<K> {
    /// All objects.
    pub(super) fn state(&self) -> Vec<Arc<K>> {
        self.store.state()
    }

    /// Their store.
    pub(super) fn store(&self) -> Store<K> {
        self.store.clone()
    }

    /// Whether the last attempt failed.
    pub(super) fn has_failed(&self) -> bool {
        self.health.borrow().failing.is_some()
    }

    /// Whether all objects were listed once.
    pub(super) fn is_listed(&self) -> bool {
        self.health.borrow().listed
    }

    /// Whether the watch has been failing for a while.
    pub(super) fn is_failing(&self) -> bool {
        self.health.borrow().is_failing(Instant::now())
    }
}

impl Health {
    fn is_failing(self, now: Instant) -> bool {
        self.failing.is_some_and(|(since, last)| now - since >= OUTAGE && now - last < RECOVERED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasting_outage_is_reported_until_errors_cease() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let failing = |last| Health { listed: true, failing: Some((at(0), at(last))) };
        assert!(!failing(0).is_failing(at(14)));
        assert!(failing(10).is_failing(at(15)));
        assert!(failing(40).is_failing(at(84)));
        assert!(!failing(40).is_failing(at(85)));
        assert!(!Health { listed: true, failing: None }.is_failing(at(99)));
    }
}
