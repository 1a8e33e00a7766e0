//! Accepts observations: `POST /v1/observations`.
//!
//! The body is NDJSON in the wire schema, optionally compressed with zstd, from one run of one agent, with ascending
//! sequence numbers. 200 returns the sequence number up to which everything is on disk. A batch that can never be accepted
//! is refused with 4xx, the reason, and the record at fault. A batch that may be accepted later gets 429 or 503 with
//! `Retry-After`, or 403 if a person must fix something first.
//!
//! A heartbeat (`POST /v1/alive`) says that an agent without observations is there; its body, if any, is a JSON
//! [`AgentReport`] of at most 64 KiB, in which unknown fields are ignored.

mod batch;
mod refusal;
mod scope;
#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use landfall_observation::AgentReport;
use serde::Serialize;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    clock,
    ledger_writer::{Answer, Delivery},
    metrics::Metrics,
    serving::authentication::{AuthenticationError, Authenticator},
    views::agents::AgentsSeen,
};
pub use batch::{Batch, MAX_BYTES, MAX_COMPRESSED, MAX_RECORDS, read};
pub use refusal::{Refusal, RefusalKind};

/// How long a delivery may wait for the disk before the agent is asked to retry.
const APPEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum size of the report in a heartbeat, in bytes.
const MAX_REPORT: usize = 64 << 10;

/// State of the endpoint.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Name of the cluster whose agents may deliver.
    pub cluster: String,
    /// Authenticates agents.
    pub authenticator: Authenticator,
    /// To the ledger writer. The channel is bounded for back-pressure: when it is full, agents keep their observations.
    pub deliveries: mpsc::Sender<Delivery>,
    /// Whether this replica leads.
    pub leading: watch::Receiver<bool>,
    /// When each agent last reported.
    pub agents: AgentsSeen,
    /// Metrics.
    pub metrics: Metrics,
}

#[derive(Serialize)]
struct Acknowledged {
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<u64>,
}

/// The route.
pub fn router(intake: Intake) -> Router {
    Router::new().route("/v1/observations", post(observations)).route("/v1/alive", post(alive)).with_state(intake)
}

async fn observations(State(intake): State<Intake>, headers: HeaderMap, body: Body) -> Response {
    match intake.take(&headers, body).await {
        Ok(acknowledged) => Json(Acknowledged { acknowledged }).into_response(),
        Err(refusal) => {
            intake.refused(&refusal);
            refusal.into_response()
        }
    }
}

async fn alive(State(intake): State<Intake>, headers: HeaderMap, body: Body) -> Response {
    match intake.heartbeat(&headers, body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => {
            intake.refused(&refusal);
            refusal.into_response()
        }
    }
}

impl From<AuthenticationError> for Refusal {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Unauthenticated => RefusalKind::Unauthenticated.into(),
            AuthenticationError::Forbidden => RefusalKind::Forbidden.into(),
            AuthenticationError::ReviewUnavailable => RefusalKind::ReviewUnavailable.into(),
        }
    }
}

impl Intake {
    /// Counts a refusal, and logs it if a person must act.
    fn refused(&self, refusal: &Refusal) {
        self.metrics.refused(refusal.kind.reason());
        if refusal.kind.is_agent_fault() {
            tracing::warn!(reason = refusal.kind.reason(), message = %refusal, "Refused a batch");
        }
    }

    async fn heartbeat(&self, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
        if !*self.leading.borrow() {
            return Err(RefusalKind::NotLeading.into());
        }
        let caller = self.authenticator.authenticate(headers).await?;
        // Whatever its report is, this agent is there.
        if let Some(agent) = &caller.agent {
            self.agents.record(agent, clock::now());
        }
        let body = to_bytes(body, MAX_REPORT).await.map_err(|_| Refusal::from(RefusalKind::InvalidReport))?;
        let Some(AgentReport { agent, pods, .. }) = read_report(&body, &self.cluster, caller.agent.as_deref())? else {
            return Ok(());
        };
        match pods {
            Some(pods) => self.agents.report(&agent, pods, clock::now()),
            None => self.agents.record(&agent, clock::now()),
        }
        Ok(())
    }

    async fn take(&self, headers: &HeaderMap, body: Body) -> Result<Option<u64>, Refusal> {
        if !*self.leading.borrow() {
            return Err(RefusalKind::NotLeading.into());
        }
        let caller = self.authenticator.authenticate(headers).await?;
        let compressed = match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            Some(b"zstd") => true,
            None | Some(b"identity") => false,
            Some(_) => return Err(RefusalKind::UnsupportedEncoding.into()),
        };
        let body = to_bytes(body, MAX_COMPRESSED).await.map_err(|_| Refusal::from(RefusalKind::TooLarge))?;
        let cluster = self.cluster.clone();
        // The largest batches take tens of milliseconds, too long for a thread that serves other requests.
        let read = tokio::task::spawn_blocking(move || {
            let mut batch = read(&body, compressed)?;
            batch.check_source(&cluster, caller.agent.as_deref())?;
            batch.check_scope(caller.scope)?;
            let rest = batch.truncate_future(clock::now())?;
            Ok::<_, Refusal>((batch, rest))
        });
        let (batch, rest) = read.await.map_err(|_| Refusal::from(RefusalKind::Busy))??;
        if let Some(rest) = rest {
            // The agent sends the rest again and gets the refusal then.
            self.refused(&rest);
        }
        let Batch { source, observations } = batch;
        self.agents.record(&source.agent, clock::now());
        let (answer, answered) = oneshot::channel();
        let delivery = Delivery { source, observations, answer };
        self.deliveries.try_send(delivery).map_err(|_| Refusal::from(RefusalKind::Busy))?;
        match timeout(APPEND_TIMEOUT, answered).await {
            Ok(Ok(Answer::Acknowledged(acknowledged))) => Ok(acknowledged),
            Ok(Ok(Answer::Refused(refusal))) => Err(refusal.into()),
            Ok(Ok(Answer::Unavailable) | Err(_)) | Err(_) => Err(RefusalKind::LedgerStalled.into()),
        }
    }
}

/// The report in a heartbeat; `None` from an agent before reports, which sends no body.
fn read_report(body: &[u8], cluster: &str, caller: Option<&str>) -> Result<Option<AgentReport>, Refusal> {
    if body.is_empty() {
        return Ok(None);
    }
    // An error of serde may quote the value.
    let report: AgentReport = serde_json::from_slice(body).map_err(|_| Refusal::from(RefusalKind::InvalidReport))?;
    if report.cluster != cluster || caller.is_some_and(|agent| agent != report.agent) {
        return Err(RefusalKind::ForeignIdentity.into());
    }
    Ok(Some(report))
}
