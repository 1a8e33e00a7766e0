//! One watch a kind, shared by all who read it.

use std::{fmt::Debug, hash::Hash, sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use kube::{
    Api, Client, Resource, ResourceExt as _,
    runtime::{
        WatchStreamExt as _,
        reflector::{self, Lookup, Store},
        utils::Backoff,
        watcher,
    },
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::Instant,
};
use tracing::warn;

use super::metrics::Metrics;

/// An outage shorter than this, such as a restart of the API server, is no news.
const OUTAGE: Duration = Duration::from_secs(15);
/// Between tries of a watch that fails; doubles from one to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(10);
/// A try fails within 30 seconds, the client's limit for a connection. A watch that has not failed for longer than that
/// and a pause is back, although no event may have come.
const RECOVERED: Duration = Duration::from_secs(45);

/// Starts watches.
pub(super) struct Watches {
    client: Client,
    changes: Arc<Notify>,
    metrics: Metrics,
}

/// What a watch has read.
pub(super) struct Watched<K: Lookup<DynamicType = ()> + 'static> {
    store: Store<K>,
    health: watch::Receiver<Health>,
}

/// How long to wait before the next try.
struct Pause(Duration);

/// How a watch is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Health {
    /// Whether everything was listed once.
    listed: bool,
    /// The first and the last error without an event since.
    failing: Option<(Instant, Instant)>,
}

impl Watches {
    pub(super) fn new(client: Client, metrics: Metrics) -> Self {
        Self { client, changes: Arc::default(), metrics }
    }

    /// Told of every change.
    pub(super) fn changes(&self) -> Arc<Notify> {
        self.changes.clone()
    }

    /// Watches a kind.
    pub(super) fn start<K>(&mut self, kind: &'static str, tasks: &mut JoinSet<&'static str>) -> Watched<K>
    where
        K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
        K::DynamicType: Hash + Eq + Clone,
    {
        let (store, writer) = reflector::store();
        let (report, health) = watch::channel(Health::default());
        let api = Api::<K>::all(self.client.clone());
        let (changes, errors) = (self.changes.clone(), self.metrics.watch_errors.with_label_values(&[kind]));
        tasks.spawn(async move {
            let events = watcher(api, watcher::Config::default())
                // They are as long as the rest of a small object, and nobody here reads them.
                .modify(|object| object.managed_fields_mut().clear())
                .reflect(writer)
                .backoff(Pause(FIRST_PAUSE));
            let mut events = std::pin::pin!(events);
            while let Some(event) = events.next().await {
                match event {
                    Ok(event) => {
                        report.send_modify(|health| {
                            health.failing = None;
                            health.listed |= matches!(event, watcher::Event::InitDone);
                        });
                        // Between the start and the end of a list the store holds what it held.
                        if !matches!(event, watcher::Event::Init | watcher::Event::InitApply(_)) {
                            changes.notify_one();
                        }
                    }
                    Err(error) => {
                        let now = Instant::now();
                        warn!(%kind, %error, "Failed to watch");
                        errors.inc();
                        report.send_modify(|health| {
                            health.failing = Some((health.failing.map_or(now, |(since, _)| since), now));
                        });
                    }
                }
            }
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

    /// Whether everything was listed once.
    pub(super) fn is_listed(&self) -> bool {
        self.health.borrow().listed
    }

    /// Whether the API server has not answered for a while.
    pub(super) fn is_failing(&self) -> bool {
        self.health.borrow().is_failing(Instant::now())
    }
}

impl Iterator for Pause {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let next = self.0;
        self.0 = LAST_PAUSE.min(next * 2);
        Some(next)
    }
}

impl Backoff for Pause {
    fn reset(&mut self) {
        self.0 = FIRST_PAUSE;
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
    fn an_outage_is_told_when_it_lasts_and_until_errors_cease() {
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
