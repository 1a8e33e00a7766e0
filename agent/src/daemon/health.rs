//! `/metrics`, `/healthz` and `/readyz`.
//!
//! Ready means that the agent counts: its source is open and has every interface that was named, the pods were listed if
//! they are watched, the spool takes what is written. A node without pods has no interface for a glob, and is ready.
//! A spool at its cap is no such fault: windows are held then, and no byte is lost.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use prometheus::{Encoder as _, TEXT_FORMAT, TextEncoder};
use tokio::net::TcpListener;

use crate::{metrics::Metrics, spool::Spool};

/// What readiness depends on.
#[derive(Debug, Default)]
pub(super) struct Status {
    observing: AtomicBool,
    pods_listed: Arc<AtomicBool>,
    writable: AtomicBool,
}

/// Serves what is known of the agent's health.
#[derive(Debug)]
pub(super) struct Health {
    pub(super) status: Arc<Status>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) spool: Arc<Mutex<Spool>>,
    pub(super) cap: u64,
}

impl Status {
    /// Where nobody watches the pods, none have to be listed.
    pub(super) fn new(watches_pods: bool) -> Self {
        Self { pods_listed: Arc::new(AtomicBool::new(!watches_pods)), ..Self::default() }
    }

    pub(super) fn set_observing(&self, is_complete: bool) {
        self.observing.store(is_complete, Ordering::Release);
    }

    /// Says what it was before.
    pub(super) fn set_writable(&self, is_writable: bool) -> bool {
        self.writable.swap(is_writable, Ordering::AcqRel)
    }

    /// Set when all pods were listed once.
    pub(super) fn pods_listed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.pods_listed)
    }

    /// Why the agent does not count.
    fn faults(&self) -> Vec<&'static str> {
        let Self { observing, pods_listed, writable } = self;
        let conditions = [
            (observing.load(Ordering::Acquire), "an interface that was asked for by name is not there"),
            (pods_listed.load(Ordering::Acquire), "the pods of the node were not listed yet"),
            (writable.load(Ordering::Acquire), "the spool does not take what is written"),
        ];
        conditions.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault).collect()
    }
}

impl Health {
    pub(super) async fn serve(self, listener: TcpListener) {
        let router = Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .with_state(Arc::new(self));
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "Metrics and health are not served any more");
        }
    }
}

async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, String) {
    let faults = health.status.faults();
    if faults.is_empty() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, faults.join("\n") + "\n")
}

async fn metrics(State(health): State<Arc<Health>>) -> Response {
    let Health { status, metrics, spool, cap } = &*health;
    metrics.ready.set(i64::from(status.faults().is_empty()));
    let (counters, usage) = {
        let spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
        (spool.counters(), spool.usage())
    };
    metrics.spool.update(&counters, &usage, *cap, Timestamp::now());
    let mut text = Vec::new();
    match TextEncoder::new().encode(&metrics.gather(), &mut text) {
        Ok(()) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_ready_when_it_counts() {
        let status = Status::default();
        assert_eq!(status.faults().len(), 3);
        status.set_observing(true);
        status.pods_listed().store(true, Ordering::Release);
        assert_eq!(status.faults(), ["the spool does not take what is written"]);
        assert!(!status.set_writable(true));
        assert_eq!(status.faults(), [""; 0]);
        status.set_observing(false);
        assert_eq!(status.faults(), ["an interface that was asked for by name is not there"]);
        assert_eq!(Status::new(true).faults().len(), 3);
        assert_eq!(Status::new(false).faults().len(), 2, "nobody lists pods");
    }
}
