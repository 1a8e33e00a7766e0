//! Why a batch was not taken.

use std::fmt;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Why a batch was not taken, and which record is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// What was expected, without any value that stood there.
    pub message: String,
    /// Index of the record in the batch, from 0.
    pub record: Option<usize>,
    /// Number of that record, where it could be read.
    pub seq: Option<u64>,
    /// After how many seconds to come again, where that is known.
    pub retry_after: Option<u64>,
}

/// Kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Not what it says it is: not zstd, not text, or nothing in it.
    Unreadable,
    /// More than a batch may hold.
    TooLarge,
    /// A line that is no observation.
    InvalidObservation,
    /// A record of another cluster, agent or run than the rest.
    MixedIdentity,
    /// A batch of another cluster than ours, or of another agent than the caller. Either side may be the one that is
    /// set up wrongly, so it can become right.
    ForeignIdentity,
    /// Numbers that do not ascend.
    NotAscending,
    /// A window that ends in the future, within a day: it becomes right by waiting.
    ClockAhead,
    /// A window that ends in the future, farther than anybody waits for.
    FutureDated,
    /// A compression that is not understood.
    UnsupportedEncoding,
    /// No token, or none that the API server knows for us.
    Unauthenticated,
    /// A token of somebody who is no agent.
    Forbidden,
    /// The API server does not say whose token it is.
    ReviewUnavailable,
    /// More waits than can be taken at once.
    Busy,
    /// Another replica takes observations in.
    NotLeading,
    /// The ledger takes nothing at the moment.
    LedgerStalled,
}

#[derive(Serialize)]
struct Answer<'a> {
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
            Self::NotAscending => "NotAscending",
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

    /// Whether sending the same again can never help.
    pub fn is_final(self) -> bool {
        self.status().is_client_error()
            && !matches!(self, Self::Unauthenticated | Self::Forbidden | Self::ForeignIdentity | Self::Busy)
    }

    /// Whether a person must do something about an agent of ours.
    pub fn is_fault_of_an_agent(self) -> bool {
        self.is_final() || matches!(self, Self::ForeignIdentity | Self::ClockAhead)
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::InvalidObservation | Self::MixedIdentity | Self::NotAscending | Self::FutureDated => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
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
            Self::TooLarge => "expected at most 10000 records, 4 MiB as sent and 16 MiB as text",
            Self::InvalidObservation => "expected an observation of landfall.observation/v1",
            Self::MixedIdentity => "expected one cluster, agent and epoch",
            Self::ForeignIdentity => "expected the cluster of this operator and the agent of the caller",
            Self::NotAscending => "expected numbers that ascend",
            Self::ClockAhead => {
                "the window ends in the future, and is taken when it is past; look at the clock of the node"
            }
            Self::FutureDated => "expected a window that ends within a day; look at the clock of the node",
            Self::UnsupportedEncoding => "expected Content-Encoding zstd or none",
            Self::Unauthenticated => "expected a bearer token for this operator",
            Self::Forbidden => "expected the service account of the agents",
            Self::ReviewUnavailable => "the API server does not review tokens at the moment",
            Self::Busy => "too many batches wait",
            Self::NotLeading => "another replica takes observations in",
            Self::LedgerStalled => "the ledger takes nothing at the moment",
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
        let answer = Json(Answer { reason: kind.reason(), message, record: *record, seq: *seq });
        let status = kind.status();
        let seconds = match status {
            StatusCode::TOO_MANY_REQUESTS => 1,
            StatusCode::SERVICE_UNAVAILABLE => retry_after.unwrap_or(2),
            _ => return (status, answer).into_response(),
        };
        (status, [(header::RETRY_AFTER, seconds.to_string())], answer).into_response()
    }
}
