use std::sync::{Arc, Mutex, PoisonError};

use landfall_observation::PodsByCapture;

/// What the next heartbeat tells the operator about the node. Whoever finds it out sets it.
#[derive(Debug, Clone, Default)]
pub struct NodeReport(Arc<Mutex<Option<PodsByCapture>>>);

impl NodeReport {
    /// Sets the pods of the node by whether they are captured.
    pub fn set(&self, pods: PodsByCapture) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pods);
    }

    /// The pods of the node, if they are known.
    pub fn pods(&self) -> Option<PodsByCapture> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
