//! When the agent is ready, and what a scrape reads.
//!
//! Ready means that nothing goes uncounted: the source is open and has every interface that was named, the pods were listed
//! if they are watched, the spool takes what is written. A node without pods has no interface for a glob, and is ready.
//! So is an agent whose spool is at its cap: windows are held in memory then, and no byte is lost.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use landfall_process::{readiness::Readiness, server::MonitoringServer};

use crate::{metrics::Metrics, pods::PODS_NOT_LISTED, spool::Spool};

/// An interface that was named, rather than matched by a glob, is missing.
pub(super) const INTERFACE_MISSING: &str = "an interface that was asked for by name is not there";
/// The disk refuses.
pub(super) const SPOOL_NOT_WRITABLE: &str = "the spool does not take what is written";

/// Not ready until the source and the spool are, and the pods are listed if they are watched.
pub(super) fn readiness(watches_pods: bool) -> Readiness {
    let reasons = [INTERFACE_MISSING, SPOOL_NOT_WRITABLE];
    let readiness = Readiness::waiting_for(&reasons);
    if watches_pods {
        readiness.lacks(PODS_NOT_LISTED);
    }
    readiness
}

/// The server of health and metrics. What is read rather than counted is read at each scrape.
pub(super) fn server(
    metrics: Arc<Metrics>,
    readiness: Readiness,
    spool: Arc<Mutex<Spool>>,
    cap: u64,
) -> MonitoringServer {
    let registry = metrics.registry().clone();
    let shown = readiness.clone();
    MonitoringServer::new(registry, shown).refreshed_by(move || {
        metrics.ready.set(i64::from(readiness.is_ready()));
        let (counters, usage) = {
            let spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
            (spool.counters(), spool.usage())
        };
        metrics.spool.update(&counters, &usage, cap, Timestamp::now());
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_is_ready_when_nothing_goes_uncounted() {
        let agent = readiness(true);
        assert_eq!(agent.reasons().len(), 3);
        agent.set(INTERFACE_MISSING, true);
        agent.done(PODS_NOT_LISTED);
        assert_eq!(agent.reasons(), ["the spool does not take what is written"]);
        assert!(!agent.set(SPOOL_NOT_WRITABLE, true), "it was not writable before");
        assert_eq!(agent.reasons(), [""; 0]);
        agent.set(INTERFACE_MISSING, false);
        assert_eq!(agent.reasons(), ["an interface that was asked for by name is not there"]);
        assert_eq!(readiness(false).reasons().len(), 2, "nobody lists pods");
    }
}
