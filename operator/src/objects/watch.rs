//! Watches of the API server. Each fills a store that all readers of the kind share.

use std::{fmt::Debug, future::ready, time::Duration};

use futures_util::StreamExt as _;
use kube::{
    Api, Resource, ResourceExt as _,
    runtime::{WatchStreamExt as _, reflector::store::Writer, watcher},
};
use landfall_process::{backoff::Backoff, metrics::Families};
use prometheus::{IntCounterVec, Registry};
use serde::de::DeserializeOwned;

/// Delay between attempts of a failing watch; it doubles each time.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));

/// What defines the kinds.
const DEFINE: &str = "helm upgrade --install landfall-crds charts/landfall-crds";

/// Counts errors of watches by kind.
#[derive(Debug, Clone)]
pub struct WatchErrors(IntCounterVec);

impl WatchErrors {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let family = Families(registry).counters(
            "landfall_watch_errors_total",
            "Errors of the watches of the API server",
            &["kind"],
        )?;
        Ok(Self(family))
    }

    fn count(&self, kind: &str) {
        self.0.with_label_values(&[kind]).inc();
    }

    /// Creates a series, so that the family is exposed.
    #[cfg(test)]
    pub(crate) fn show(&self) {
        self.0.with_label_values(&["Recipient"]);
    }
}

/// A list of all objects of a kind is not found only where there is no such kind; the API server says it without a reason.
fn is_undefined(error: &watcher::Error) -> bool {
    use watcher::Error::{InitialListFailed, WatchStartFailed};
    matches!(error, InitialListFailed(kube::Error::Api(status)) | WatchStartFailed(kube::Error::Api(status)) if status.code == 404)
}

/// Watches a kind. Objects go into the store, errors are counted and logged. `on_event` is called with every event but the
/// announcement of a list, and with `None` for an error. Does not return by itself.
pub(crate) async fn run_watch<K>(
    api: Api<K>,
    kind: &'static str,
    writer: Writer<K>,
    errors: WatchErrors,
    mut on_event: impl FnMut(Option<&watcher::Event<K>>),
) where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let events = watcher(api, watcher::Config::default())
        // Nobody reads the managed fields, and they are as large as the rest of a small object.
        .modify(|object| object.managed_fields_mut().clear())
        .reflect(writer)
        // It announces an attempt, whose success it is not.
        .filter(|event| ready(!matches!(event, Ok(watcher::Event::Init))))
        .backoff(BACKOFF);
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        if let Err(error) = &event {
            if is_undefined(error) {
                tracing::error!(%kind, next = DEFINE, "The kind is not defined in this cluster");
            } else {
                tracing::warn!(%kind, %error, "Failed to watch");
            }
            errors.count(kind);
        }
        on_event(event.as_ref().ok());
    }
}
