//! A delivery of observations and its answer.

use landfall_evidence::{Refusal, Source};
use landfall_observation::Observation;
use tokio::sync::oneshot;

/// Observations of one run of one agent.
#[derive(Debug)]
pub struct Delivery {
    /// The run of the agent.
    pub source: Source,
    /// Sequence number, line and observation, in ascending order.
    pub observations: Vec<(u64, String, Observation)>,
    /// Receives the answer.
    pub answer: oneshot::Sender<Answer>,
}

/// The answer to a delivery.
#[derive(Debug)]
pub enum Answer {
    /// Everything up to this sequence number is on disk.
    Acknowledged(Option<u64>),
    /// The ledger refuses it.
    Refused(Refusal),
    /// The ledger cannot be written at the moment.
    Unavailable,
}
