//! Readiness of the agent, and its server of health and metrics.
//!
//! Ready means that no traffic goes uncounted: the source is open and has every interface that was configured by name,
//! the pods were listed if they are watched, and the spool is writable. A node without pods, where a glob matches no
//! interface, is ready. So is an agent whose spool is full: it holds windows in memory, and no byte is lost.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use landfall_process::{readiness::Readiness, server::MonitoringServer};

use crate::{metrics::Metrics, pods::PODS_NOT_LISTED, spool::Spool};

/// An interface that is configured by its name, not by a glob, is missing.
pub(super) const INTERFACE_MISSING: &str = "an interface that is configured by name does not exist";
/// The disk rejects writes.
pub(super) const SPOOL_NOT_WRITABLE: &str = "the spool is not writable";

/// Not ready until the source and the spool are ready, and the pods are listed if they are watched.
pub(super) fn readiness(watches_pods: bool) -> Readiness {
    let reasons = [INTERFACE_MISSING, SPOOL_NOT_WRITABLE];
    let readiness = Readiness::waiting_for(&reasons);
    if watches_pods {
        readiness.lacks(PODS_NOT_LISTED);
    }
    readiness
}

/// The server of health and metrics. Gauges of the spool are computed at each scrape.
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
        assert_eq!(agent.reasons(), ["the spool is not writable"]);
        assert!(!agent.set(SPOOL_NOT_WRITABLE, true), "it was not writable before");
        assert_eq!(agent.reasons(), [""; 0]);
        agent.set(INTERFACE_MISSING, false);
        assert_eq!(agent.reasons(), ["an interface that is configured by name does not exist"]);
        assert_eq!(readiness(false).reasons().len(), 2, "pods are not watched");
    }
}
