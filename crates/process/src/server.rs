//! The HTTP server for probes and Prometheus: `/healthz`, `/readyz`, `/metrics`.

use std::{fmt, io, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use prometheus::{Encoder as _, Registry, TextEncoder};
use tokio::net::TcpListener;

use crate::readiness::Readiness;

/// Serves whether the process is alive, whether it is ready (if not, why, one reason per line), and its metrics.
#[derive(Clone)]
pub struct MonitoringServer {
    registry: Registry,
    readiness: Readiness,
    refresh: Arc<dyn Fn() + Send + Sync>,
}

impl MonitoringServer {
    /// A server for these metrics and this readiness.
    pub fn new(registry: Registry, readiness: Readiness) -> Self {
        Self { registry, readiness, refresh: Arc::new(|| {}) }
    }

    /// Calls `refresh` before metrics are gathered, for those that are computed at each scrape.
    #[must_use]
    pub fn refreshed_by(self, refresh: impl Fn() + Send + Sync + 'static) -> Self {
        Self { refresh: Arc::new(refresh), ..self }
    }

    /// Serves on a listener. Returns only with an error.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .with_state(self)
    }
}

impl fmt::Debug for MonitoringServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitoringServer").field("readiness", &self.readiness).finish_non_exhaustive()
    }
}

async fn ready(State(server): State<MonitoringServer>) -> Response {
    let reasons = server.readiness.reasons();
    if reasons.is_empty() {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n").into_response()
}

async fn metrics(State(server): State<MonitoringServer>) -> Response {
    (server.refresh)();
    let mut text = Vec::new();
    match TextEncoder::new().encode(&server.registry.gather(), &mut text) {
        Ok(()) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "Failed to write metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use prometheus::IntGauge;

    use super::*;

    async fn text(answer: Response) -> (u16, String) {
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 4096).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn readyz_lists_one_reason_per_line() {
        let readiness = Readiness::waiting_for(&["waiting for the Lease", "waiting for the register"]);
        let server = MonitoringServer::new(Registry::new(), readiness.clone());
        let lacking = "waiting for the Lease\nwaiting for the register\n".to_owned();
        assert_eq!(text(ready(State(server.clone())).await).await, (503, lacking));
        readiness.done("waiting for the Lease");
        readiness.done("waiting for the register");
        assert_eq!(text(ready(State(server)).await).await, (200, "ok\n".to_owned()));
    }

    #[tokio::test]
    async fn metrics_are_refreshed_before_they_are_shown() {
        let registry = Registry::new();
        let scrapes = IntGauge::new("scrapes", "Scrapes so far").unwrap();
        registry.register(Box::new(scrapes.clone())).unwrap();
        let server = MonitoringServer::new(registry, Readiness::default()).refreshed_by(move || scrapes.inc());
        let shown = "# HELP scrapes Scrapes so far\n# TYPE scrapes gauge\nscrapes 1\n".to_owned();
        assert_eq!(text(metrics(State(server)).await).await, (200, shown));
    }
}
