use serde::{Deserialize, Serialize};

/// What makes the delivery of an observation idempotent: no two observations share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identity {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent, as a rule the node's.
    pub agent: String,
    /// Rises with each start of the agent.
    pub epoch: u64,
    /// Rises by one with each observation of an epoch, from 0.
    pub seq: u64,
}
