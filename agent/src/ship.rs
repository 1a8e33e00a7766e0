//! Delivers observations from the spool.
//!
//! ```text
//! spool ─peek─► Batch ─► Transport ─► Acknowledged ─► removed from the spool
//!                            └──────► Refusal ─► wait and send again, or quarantine
//! ```
//!
//! At least once, in order per epoch; identities make a second delivery harmless. [`HttpsTransport`] is HTTPS to the operator.

mod answer;
mod https;
mod shipper;

use std::{fmt, time::Duration};

use crate::spool::SpooledRecord;

pub use self::{
    answer::{MAX_ANSWER, read_answer},
    https::{HttpsConfig, HttpsTransport, InvalidUrl, OperatorUrl},
    shipper::{AgentIdentity, ShipMetrics, Shipper, Step},
};

/// Most records of a batch.
pub const MAX_RECORDS: usize = 10_000;
/// Most bytes of a batch, uncompressed.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Observations of one epoch of one agent, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch<'a> {
    /// The epoch.
    pub epoch: u64,
    /// At least one.
    pub records: &'a [SpooledRecord],
}

/// The receiver has stored all of the epoch up to this number, which need not be the whole batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Number in the epoch.
    pub through: u64,
}

/// Why a batch was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Sending it again cannot help.
    Rejected {
        /// Why.
        told: RefusalReason,
        /// Which record, if one is named.
        culprit: Option<RejectedRecord>,
    },
    /// A smaller batch might do.
    TooLarge {
        /// Why.
        told: RefusalReason,
    },
    /// The agent is not authenticated or not authorised; that can change on the other side.
    Unauthorised {
        /// Why.
        told: RefusalReason,
    },
    /// The receiver is busy.
    Busy {
        /// How long to wait, if it was said.
        after: Option<Duration>,
    },
    /// The window lies in the future by the receiver's clock: ours is ahead.
    Early {
        /// Why.
        told: RefusalReason,
        /// How long to wait, if it was said.
        after: Option<Duration>,
    },
    /// The receiver expects another cluster or agent: one of both sides is misconfigured.
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
    /// A word for machines, such as `WindowTooOld`.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// Which record of a batch is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectedRecord {
    /// By its place in the batch, from 0.
    Index(usize),
    /// By its number in the epoch.
    Seq(u64),
}

/// What failed before there was a valid answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The token file cannot be read.
    Token,
    /// The file of the certificate authorities cannot be read.
    Authorities,
    /// There was no connection, or it broke.
    Network,
    /// TLS failed, for example because the certificate is not trusted.
    Tls,
    /// It took too long.
    Timeout,
    /// The answer is not one of the protocol.
    Answer,
}

/// Delivers batches.
pub trait Transport {
    /// Delivers a batch, or says why not. Returns within a bounded time.
    fn deliver(&mut self, batch: &Batch<'_>) -> Result<Acknowledged, Refusal>;

    /// Tells the receiver that the agent runs though it has nothing to deliver, so that a quiet node does not count as
    /// unobserved. Returns within a bounded time.
    fn alive(&mut self) -> Result<(), Refusal>;
}

// === impl FailureKind ===

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Token, Self::Authorities, Self::Network, Self::Tls, Self::Timeout, Self::Answer];

    /// The word in metrics and logs.
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
