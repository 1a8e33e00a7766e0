//! Observations from the spool to whoever takes them in.
//!
//! ```text
//! spool ─peek─► Batch ─► Transport ─► Acknowledged ─► spool forgets
//!                            └──────► Refusal ─► wait and send again, or into the quarantine
//! ```
//!
//! At least once, in order per epoch; identities make a second delivery harmless. [`Direct`] is HTTPS to the operator.

mod answer;
mod direct;
mod shipper;

use std::{fmt, time::Duration};

use crate::spool::Spooled;

pub use self::{
    answer::{MAX_ANSWER, read_answer},
    direct::{Direct, DirectConfig, InvalidUrl, OperatorUrl},
    shipper::{Ours, ShipMetrics, Shipper, Step},
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
    pub records: &'a [Spooled],
}

/// All of the epoch up to this number is kept on the other side; it need not be the whole batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Number in the epoch.
    pub through: u64,
}

/// Why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Sending it again cannot help.
    Rejected {
        /// Why.
        told: Told,
        /// Which record, if one is named.
        culprit: Option<Culprit>,
    },
    /// A smaller batch might do.
    TooLarge {
        /// Why.
        told: Told,
    },
    /// The agent may not, or is not believed; this may change without its doing.
    Unauthorised {
        /// Why.
        told: Told,
    },
    /// Not now.
    Busy {
        /// How long to wait, if it was said.
        after: Option<Duration>,
    },
    /// Not before the clock on the other side shows its time: ours runs ahead.
    Early {
        /// Why.
        told: Told,
        /// How long to wait, if it was said.
        after: Option<Duration>,
    },
    /// It is of another cluster or agent than the other side expects. It is right once either side is set up rightly.
    Foreign {
        /// Why.
        told: Told,
    },
    /// Nobody answered, or nobody who knows the protocol.
    Failed {
        /// In one word.
        kind: FailureKind,
        /// In more.
        error: String,
    },
}

/// What the other side says about a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// In one word, such as `WindowTooOld`.
    pub reason: String,
    /// In more.
    pub message: String,
}

/// Which record of a batch is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Culprit {
    /// By its place in the batch, from 0.
    Index(usize),
    /// By its number in the epoch.
    Seq(u64),
}

/// What failed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The token file does not read.
    Token,
    /// The file of the certificate authorities does not read.
    Authorities,
    /// No connection, or it broke.
    Network,
    /// The other side could not prove who it is, or spoke no TLS.
    Tls,
    /// It took too long.
    Timeout,
    /// An answer that is none of the protocol.
    Answer,
}

/// Takes batches to where they are kept.
pub trait Transport {
    /// Delivers a batch, or says why not. Returns within a bounded time.
    fn deliver(&mut self, batch: &Batch<'_>) -> Result<Acknowledged, Refusal>;

    /// Says that the agent is there though it has nothing to deliver, so that a quiet node is not taken for one that
    /// nobody watches. Returns within a bounded time.
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

// === impl Told ===

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, message } = self;
        if message.is_empty() { f.write_str(reason) } else { write!(f, "{reason}: {message}") }
    }
}
