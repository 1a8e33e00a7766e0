//! Takes observations in: `POST /v1/observations`.
//!
//! The body is the wire schema as NDJSON, compressed with zstd or not, from one run of one agent, numbers ascending.
//! 200 says through which number everything is on the disk. A batch that can never be taken is refused with 4xx, the
//! reason, and the record at fault; what can be taken later is answered 429 or 503 with `Retry-After`, or 403 where
//! somebody has to set something right before. An agent with nothing to deliver says so: `POST /v1/alive`.

mod batch;

mod refusal;
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

/// How long a delivery waits for the disk before the agent is told to come again.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the endpoint needs.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Name of the cluster whose agents may deliver.
    pub cluster: String,
    /// Who delivers.
    pub authenticator: Authenticator,
    /// To the ledger writer. Its bound is the back-pressure: when it is full, agents keep what they have.
    pub deliveries: mpsc::Sender<Delivery>,
    /// Whether this replica takes observations in.
    pub leading: watch::Receiver<bool>,
    /// Which agents were heard of.
    pub agents: AgentsSeen,
    /// Counts.
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

/// An agent that has nothing to deliver says that it is there.
async fn alive(State(intake): State<Intake>, headers: HeaderMap) -> Response {
    match intake.hear(&headers).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
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
    /// Counts a refusal, and says why where somebody must do something.
    fn refused(&self, refusal: &Refusal) {
        self.metrics.refused(refusal.kind.reason());
        if refusal.kind.is_fault_of_an_agent() {
            tracing::warn!(reason = refusal.kind.reason(), message = %refusal, "Refused a batch");
        }
    }

    async fn hear(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if !*self.leading.borrow() {
            return Err(RefusalKind::NotLeading.into());
        }
        if let Some(agent) = self.authenticator.authenticate(headers).await?.agent {
            self.agents.saw(&agent, clock::now());
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
        // Tens of milliseconds for the largest batches: not on a thread that serves others.
        let read = tokio::task::spawn_blocking(move || {
            let mut batch = read(&body, compressed)?;
            batch.is_of(&cluster, caller.agent.as_deref())?;
            let rest = batch.cut_to_the_past(clock::now())?;
            Ok::<_, Refusal>((batch, rest))
        });
        let (batch, rest) = read.await.map_err(|_| Refusal::from(RefusalKind::Busy))??;
        if let Some(rest) = rest {
            // The agent sends it again behind what is acknowledged now, and is told then.
            self.refused(&rest);
        }
        let Batch { source, observations } = batch;
        self.agents.saw(&source.agent, clock::now());
        let (answer, answered) = oneshot::channel();
        let delivery = Delivery { source, observations, answer };
        self.deliveries.try_send(delivery).map_err(|_| Refusal::from(RefusalKind::Busy))?;
        match timeout(PATIENCE, answered).await {
            Ok(Ok(Answer::Acknowledged(acknowledged))) => Ok(acknowledged),
            Ok(Ok(Answer::Refused(refusal))) => Err(refusal.into()),
            Ok(Ok(Answer::Unavailable) | Err(_)) | Err(_) => Err(RefusalKind::LedgerStalled.into()),
        }
    }
}
