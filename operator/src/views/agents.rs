use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

/// When each agent was heard of last: it delivered, or said that it is there and has nothing to deliver.
#[derive(Debug, Clone, Default)]
pub struct AgentsSeen(Arc<Mutex<BTreeMap<String, Timestamp>>>);

impl AgentsSeen {
    /// An agent, by its name, which is that of its node.
    pub fn saw(&self, agent: &str, now: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(agent.to_owned(), now);
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<String, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
