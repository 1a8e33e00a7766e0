use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

/// When each agent last delivered, or reported that it has nothing to deliver.
#[derive(Debug, Clone, Default)]
pub struct AgentsSeen(Arc<Mutex<BTreeMap<String, Timestamp>>>);

impl AgentsSeen {
    /// An agent, by the name of its node, has reported.
    pub fn record(&self, agent: &str, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(agent.to_owned(), now);
    }

    /// The last report of each agent.
    pub fn all(&self) -> BTreeMap<String, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
