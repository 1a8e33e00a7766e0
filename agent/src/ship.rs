//! Delivers observations from the spool.
//!
//! ```text
//! spool ─peek─► Batch ─► Transport ─► Acknowledged ─► removed from the spool
//!                            └──────► Refusal ─► wait and send again, or quarantine
//! ```
//!
//! Delivery is at least once and in order per epoch; identities make a duplicate harmless. [`HttpsTransport`] delivers
//! to the operator.

mod answer;
mod https;
mod node_report;
mod shipper;

use std::{fmt, time::Duration};

use landfall_observation::AgentReport;

use crate::spool::SpooledRecord;

pub use self::{
    answer::{MAX_ANSWER, read_answer},
    https::{HttpsConfig, HttpsTransport, InvalidUrl, OperatorUrl},
    node_report::NodeReport,
    shipper::{AgentIdentity, ShipMetrics, Shipper, Step},
};

/// Maximum number of records in a batch.
pub const MAX_RECORDS: usize = 10_000;
/// Maximum size of a batch in bytes, uncompressed.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Observations of one epoch of one agent, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch<'a> {
    /// The epoch.
    pub epoch: u64,
    /// At least one.
    pub records: &'a [SpooledRecord],
}

/// The receiver has stored everything of the epoch up to this number, possibly only a part of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Number in the epoch.
    pub through: u64,
}

/// Why a batch was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A retry cannot succeed.
    Rejected {
        /// Why.
        told: RefusalReason,
        /// The record at fault, if the receiver names one.
        culprit: Option<RejectedRecord>,
    },
    /// A smaller batch may be accepted.
    TooLarge {
        /// Why.
        told: RefusalReason,
    },
    /// The agent is not authenticated or not authorised; a change on the receiver's side can fix that.
    Unauthorised {
        /// Why.
        told: RefusalReason,
    },
    /// The receiver is busy.
    Busy {
        /// How long to wait, if the receiver said so.
        after: Option<Duration>,
    },
    /// The window is in the future by the receiver's clock: this node's clock is ahead.
    Early {
        /// Why.
        told: RefusalReason,
        /// How long to wait, if the receiver said so.
        after: Option<Duration>,
    },
    /// The receiver expects another cluster or agent: one of the two sides is misconfigured.
    Foreign {
        /// Why.
        told: RefusalReason,
    },
    /// There was no valid answer.
    Failed {
        /// The kind of failure.
        kind: FailureKind,
        /// For people.
        error: String,
    },
}

/// The receiver's reason for a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusalReason {
    /// Machine-readable, such as `FutureDated`.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// Which record of a batch is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedRecord {
    /// By its index in the batch, from 0.
    Index(usize),
    /// By its number in the epoch.
    Seq(u64),
}

/// What failed before there was a valid answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The token file cannot be read.
    Token,
    /// The file with the certificate authorities cannot be read.
    Authorities,
    /// The connection failed or broke.
    Network,
    /// TLS failed, for example because the certificate is not trusted.
    Tls,
    /// The timeout expired.
    Timeout,
    /// The answer does not follow the protocol.
    Answer,
}

/// Delivers batches.
pub trait Transport {
    /// Delivers a batch. Returns within a bounded time.
    fn deliver(&mut self, batch: &Batch<'_>) -> Result<Acknowledged, Refusal>;

    /// Sends a heartbeat with a report, so that a node without traffic does not count as unobserved. Returns within a
    /// bounded time.
    fn alive(&mut self, report: &AgentReport) -> Result<(), Refusal>;
}

// === impl FailureKind ===

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Token, Self::Authorities, Self::Network, Self::Tls, Self::Timeout, Self::Answer];

    /// The name in metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Authorities => "authorities",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Answer => "answer",
        }
    }
}

// === impl RefusalReason ===

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, message } = self;
        if message.is_empty() { f.write_str(reason) } else { write!(f, "{reason}: {message}") }
    }
}
