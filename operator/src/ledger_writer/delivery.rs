//! What agents deliver, and what becomes of it.

use landfall_evidence::{Refusal, Source};
use landfall_observation::Observation;
use tokio::sync::oneshot;

/// Observations of one run of one agent.
#[derive(Debug)]
pub struct Delivery {
    /// From whom.
    pub source: Source,
    /// Each with its number and its line, in ascending order.
    pub observations: Vec<(u64, String, Observation)>,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// What becomes of a delivery.
#[derive(Debug)]
pub enum Answer {
    /// Everything through this number is on the disk.
    Acknowledged(Option<u64>),
    /// The ledger cannot take it.
    Refused(Refusal),
    /// Not now.
    Unavailable,
}
