use serde::{Deserialize, Serialize};

/// What makes the delivery of an observation idempotent: no two observations share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent, as a rule the node's.
    pub agent: String,
    /// Number of the agent's run; it rises with each start.
    pub epoch: u64,
    /// Number of the observation within the epoch, from 0 and without gaps.
    pub seq: u64,
}
