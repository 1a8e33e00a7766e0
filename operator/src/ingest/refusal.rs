//! Why a batch was refused.

use std::fmt;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Why a batch was refused, and which record is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind.
    pub kind: RefusalKind,
    /// What was expected; never the value that was found.
    pub message: String,
    /// Index of the record in the batch, from 0.
    pub record: Option<usize>,
    /// Sequence number of that record, if it could be read.
    pub seq: Option<u64>,
    /// Seconds until a retry, if known.
    pub retry_after: Option<u64>,
}

/// Kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Not zstd although declared so, not UTF-8, or empty.
    Unreadable,
    /// Larger than a batch may be.
    TooLarge,
    /// A line that is not an observation.
    InvalidObservation,
    /// Records of different clusters, agents or runs.
    MixedIdentity,
    /// A batch of another cluster, or of an agent other than the caller. Either side may be misconfigured, so a retry
    /// may succeed.
    ForeignIdentity,
    /// Something other than a topic, from an agent that may observe topics alone.
    NotATopic,
    /// Sequence numbers that do not ascend.
    NotAscending,
    /// A heartbeat with a body that is not a report.
    InvalidReport,
    /// A window that ends in the future, within a day: a later retry succeeds.
    ClockAhead,
    /// A window that ends more than a day in the future.
    FutureDated,
    /// An unsupported compression.
    UnsupportedEncoding,
    /// No token, or one that the API server does not accept for the operator's audience.
    Unauthenticated,
    /// A token that does not belong to the agents' service account.
    Forbidden,
    /// The API server cannot review tokens at the moment.
    ReviewUnavailable,
    /// Too many deliveries wait.
    Busy,
    /// Another replica leads.
    NotLeading,
    /// The ledger cannot be written at the moment.
    LedgerStalled,
}

#[derive(Serialize)]
struct Body<'a> {
    reason: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
}

impl RefusalKind {
    /// The stable name.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unreadable => "Unreadable",
            Self::TooLarge => "TooLarge",
            Self::InvalidObservation => "InvalidObservation",
            Self::MixedIdentity => "MixedIdentity",
            Self::ForeignIdentity => "ForeignIdentity",
            Self::NotATopic => "NotATopic",
            Self::NotAscending => "NotAscending",
            Self::InvalidReport => "InvalidReport",
            Self::ClockAhead => "ClockAhead",
            Self::FutureDated => "FutureDated",
            Self::UnsupportedEncoding => "UnsupportedEncoding",
            Self::Unauthenticated => "Unauthenticated",
            Self::Forbidden => "Forbidden",
            Self::ReviewUnavailable => "ReviewUnavailable",
            Self::Busy => "Busy",
            Self::NotLeading => "NotLeading",
            Self::LedgerStalled => "LedgerStalled",
        }
    }

    /// Whether a retry can never succeed.
    pub fn is_final(self) -> bool {
        self.status().is_client_error()
            && !matches!(self, Self::Unauthenticated | Self::Forbidden | Self::ForeignIdentity | Self::Busy)
    }

    /// Whether a person must fix something about one of this cluster's agents.
    pub fn is_agent_fault(self) -> bool {
        self.is_final() || matches!(self, Self::ForeignIdentity | Self::ClockAhead)
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Unreadable | Self::InvalidReport => StatusCode::BAD_REQUEST,
            Self::InvalidObservation
            | Self::MixedIdentity
            | Self::NotATopic
            | Self::NotAscending
            | Self::FutureDated => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignIdentity => StatusCode::FORBIDDEN,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::ClockAhead | Self::ReviewUnavailable | Self::NotLeading | Self::LedgerStalled => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Unreadable => "expected NDJSON, compressed with zstd if the header says so",
            Self::TooLarge => "expected at most 10000 records, 4 MiB as sent and 16 MiB decompressed",
            Self::InvalidObservation => "expected an observation of landfall.observation/v1",
            Self::MixedIdentity => "expected one cluster, agent and epoch",
            Self::ForeignIdentity => "expected the cluster of this operator and the agent of the caller",
            Self::NotATopic => "expected observations of topics: this account may deliver no others",
            Self::NotAscending => "expected ascending sequence numbers",
            Self::InvalidReport => "expected no body, or a report as JSON of at most 64 KiB",
            Self::ClockAhead => {
                "the window ends in the future and is accepted once it has passed; check the node's clock"
            }
            Self::FutureDated => "expected a window that ends at most a day ahead; check the node's clock",
            Self::UnsupportedEncoding => "expected Content-Encoding zstd or none",
            Self::Unauthenticated => "expected a bearer token for this operator",
            Self::Forbidden => "expected the service account of the agents",
            Self::ReviewUnavailable => "the API server cannot review tokens at the moment",
            Self::Busy => "too many batches are waiting",
            Self::NotLeading => "another replica leads",
            Self::LedgerStalled => "the ledger cannot be written at the moment",
        }
    }
}

impl From<RefusalKind> for Refusal {
    fn from(kind: RefusalKind) -> Self {
        Self { kind, message: kind.message().to_owned(), record: None, seq: None, retry_after: None }
    }
}

impl From<landfall_evidence::Refusal> for Refusal {
    fn from(refusal: landfall_evidence::Refusal) -> Self {
        let kind = RefusalKind::InvalidObservation;
        Self { message: refusal.reason.to_string(), record: Some(refusal.index), ..kind.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            Some(record) => write!(f, "record {record}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { kind, message, record, seq, retry_after } = &self;
        let answer = Json(Body { reason: kind.reason(), message, record: *record, seq: *seq });
        let status = kind.status();
        let seconds = match status {
            StatusCode::TOO_MANY_REQUESTS => 1,
            StatusCode::SERVICE_UNAVAILABLE => retry_after.unwrap_or(2),
            _ => return (status, answer).into_response(),
        };
        (status, [(header::RETRY_AFTER, seconds.to_string())], answer).into_response()
    }
}
