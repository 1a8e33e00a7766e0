//! Read access to the ledger for authorized users (people with the kubectl plugin, reports, auditors), so that nobody
//! needs access to the volume.
//!
//! | request | verb on `ledgers.landfall.dev` | answer |
//! |---|---|---|
//! | `GET /v1/ledger` | list | the key, and the manifest of each segment |
//! | `GET /v1/ledger/records?kind=&from=&until=&after=` | get | verified records, one JSON object per line |
//! | `GET /v1/ledger/verification` | get | findings, one JSON object per line; the last is a summary |
//!
//! An error is a Kubernetes Status. Records are verified before the first is sent. A response that fails midway ends
//! without its final chunk, so that no client takes it for complete.

mod query;
mod stream;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use landfall_evidence::{LedgerError, PublicKey};
use serde_json::json;
use tokio::sync::{Semaphore, watch};

use super::{
    authentication::{AuthenticationError, TokenReviewer},
    authorization::{Authorizer, Verb},
};
use query::{Query, QueryError};

/// Maximum number of concurrent readers: each verifies what it reads, which takes processor time.
const MAX_READERS: usize = 2;
const NDJSON: &str = "application/x-ndjson";

/// What the endpoints need.
#[derive(Debug, Clone)]
pub(crate) struct LedgerService {
    folder: Arc<PathBuf>,
    key: PublicKey,
    reviewer: TokenReviewer,
    authorizer: Authorizer,
    /// Whether this replica has the ledger.
    leading: watch::Receiver<bool>,
    readers: Arc<Semaphore>,
}

/// Why the ledger cannot be read.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Another replica leads and has the ledger.
    #[error("another replica leads")]
    NotLeading,
    /// There are too many readers.
    #[error("too many others read the ledger; try again later")]
    Busy,
    /// Its verification found faults.
    #[error("the ledger is not as it was written: {0} findings, the first: {1}")]
    Damaged(u64, String),
    #[error("failed to read the ledger")]
    Ledger(#[from] LedgerError),
    #[error("failed to read the ledger")]
    Panicked,
}

impl LedgerService {
    pub(crate) fn new(
        folder: PathBuf,
        key: PublicKey,
        reviewer: TokenReviewer,
        authorizer: Authorizer,
        leading: watch::Receiver<bool>,
    ) -> Self {
        let readers = Arc::new(Semaphore::new(MAX_READERS));
        Self { folder: Arc::new(folder), key, reviewer, authorizer, leading, readers }
    }

    async fn admit(&self, headers: &HeaderMap, verb: Verb) -> Result<(), ReadError> {
        let user = self.reviewer.user(headers).await?;
        self.authorizer.admit(&user, verb).await?;
        // Last, so that unauthorized callers learn nothing about the replica.
        if *self.leading.borrow() { Ok(()) } else { Err(ReadError::NotLeading) }
    }

    /// Streams lines that a blocking thread produces.
    async fn lines(
        &self,
        make: impl FnOnce(&stream::Lines) -> Result<(), ReadError> + Send + 'static,
    ) -> Result<Response, ReadError> {
        let permit = Arc::clone(&self.readers).try_acquire_owned().map_err(|_| ReadError::Busy)?;
        let body = stream::start(permit, make).await?;
        Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(body)).into_response())
    }
}

/// The routes.
pub(crate) fn router(service: LedgerService) -> Router {
    Router::new()
        .route("/v1/ledger", get(list))
        .route("/v1/ledger/records", get(records))
        .route("/v1/ledger/verification", get(verification))
        .with_state(service)
}

async fn list(State(service): State<LedgerService>, headers: HeaderMap) -> Result<Response, ReadError> {
    service.admit(&headers, Verb::List).await?;
    let (folder, key) = (Arc::clone(&service.folder), service.key.clone());
    service.lines(move |lines| stream::list(&folder, &key, lines)).await
}

async fn records(
    State(service): State<LedgerService>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ReadError> {
    service.admit(&headers, Verb::Get).await?;
    let query: Query = query.as_deref().unwrap_or_default().parse()?;
    let (folder, key) = (Arc::clone(&service.folder), service.key.clone());
    service.lines(move |lines| stream::records(&folder, &key, &query, lines)).await
}

async fn verification(State(service): State<LedgerService>, headers: HeaderMap) -> Result<Response, ReadError> {
    service.admit(&headers, Verb::Get).await?;
    let (folder, key) = (Arc::clone(&service.folder), service.key.clone());
    service.lines(move |lines| stream::verification(&folder, &key, lines)).await
}

impl ReadError {
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Authentication(AuthenticationError::Unauthenticated) => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Authentication(AuthenticationError::Forbidden) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::Authentication(AuthenticationError::ReviewUnavailable) | Self::NotLeading => {
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
            }
            Self::Query(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
            Self::Damaged(..) => (StatusCode::CONFLICT, "LedgerDamaged"),
            // Nothing has been appended yet.
            Self::Ledger(LedgerError::Absent(_) | LedgerError::NoFolder(_)) => (StatusCode::NOT_FOUND, "NotFound"),
            Self::Ledger(_) | Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        }
    }
}

impl IntoResponse for ReadError {
    fn into_response(self) -> Response {
        let (status, reason) = self.status();
        if status.is_server_error() {
            let error = &self as &dyn std::error::Error;
            tracing::error!(error, "Failed to serve the ledger");
        }
        let body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.to_string(), "reason": reason, "code": status.as_u16(),
        });
        (status, Json(body)).into_response()
    }
}
