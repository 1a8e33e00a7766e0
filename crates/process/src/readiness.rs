//! Whether a process is ready.

use std::sync::{Arc, Mutex, PoisonError};

/// The reasons why a process is not ready; without any, it is ready. Shared by all clones.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<Vec<&'static str>>>);

impl Readiness {
    /// Not ready until all of these are done. A reason is a line of the answer to `/readyz`, such as `waiting for the
    /// Lease`.
    pub fn waiting_for(reasons: &[&'static str]) -> Self {
        Self(Arc::new(Mutex::new(reasons.to_vec())))
    }

    /// Adds a reason; returns whether what it asks for was there until now.
    pub fn lacks(&self, reason: &'static str) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_there = !waiting.contains(&reason);
        if was_there {
            waiting.push(reason);
        }
        was_there
    }

    /// Removes a reason; returns whether what it asks for was there already.
    pub fn done(&self, reason: &str) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = waiting.len();
        waiting.retain(|waiting| *waiting != reason);
        waiting.len() == before
    }

    /// [`done`](Self::done) if `is_there`, otherwise [`lacks`](Self::lacks).
    pub fn set(&self, reason: &'static str, is_there: bool) -> bool {
        if is_there { self.done(reason) } else { self.lacks(reason) }
    }

    /// Whether no reason is listed.
    pub fn is_ready(&self) -> bool {
        self.reasons().is_empty()
    }

    /// The reasons, in the order in which they were added.
    pub fn reasons(&self) -> Vec<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_when_it_lacks_nothing() {
        let readiness = Readiness::waiting_for(&["waiting for pods", "the disk is full"]);
        let shared = readiness.clone();
        assert!(!shared.done("waiting for pods"), "it was missing");
        assert!(shared.done("waiting for pods"), "it was there already");
        assert_eq!((readiness.is_ready(), readiness.reasons()), (false, vec!["the disk is full"]));
        assert!(!shared.set("the disk is full", true));
        assert!(readiness.is_ready());
        assert!(shared.set("the disk is full", false), "it was there until now");
        assert!(!shared.lacks("the disk is full"));
        assert_eq!(readiness.reasons(), ["the disk is full"]);
        assert!(Readiness::default().is_ready());
    }
}
