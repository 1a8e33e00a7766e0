//! Says what is captured, and which pods of the node are not: in the log, as metrics, and to the operator.

use std::{io, time::Duration};

use tokio::{task::block_in_place, time::sleep};

use crate::{
    metrics::PodCaptureMetrics,
    pod_capture::{CaptureState, PodCapture, PodCaptureCheck},
    pods::NodePods,
    ship::NodeReport,
};

/// How often to check. What the log says has held for two checks: an interface and its pod do not appear at once.
const INTERVAL: Duration = Duration::from_secs(3);
/// Maximum number of pods that are named in a line of the log.
const MAX_NAMED: usize = 20;

/// Checks what is captured, periodically.
#[derive(Debug)]
pub(super) struct CaptureReport {
    pub(super) check: PodCaptureCheck,
    /// `None` where pods are not watched.
    pub(super) pods: Option<NodePods>,
    pub(super) metrics: PodCaptureMetrics,
    /// What the operator is told.
    pub(super) report: NodeReport,
}

impl CaptureReport {
    /// Checks every few seconds. Does not end.
    pub(super) async fn follow(mut self) {
        let (mut before, mut logged, mut failure) = (None, None::<CaptureState>, None);
        loop {
            match block_in_place(|| self.check()) {
                Ok(Some(state)) => {
                    failure = None;
                    self.metrics.update(&state);
                    if before.as_ref() == Some(&state) && logged.as_ref() != Some(&state) {
                        log(&state, logged.as_ref());
                        // Without a watch of pods there is nothing to count.
                        if self.pods.is_some() {
                            self.report.set(state.counts());
                        }
                        logged = Some(state.clone());
                    }
                    before = Some(state);
                }
                // The pods are not listed yet.
                Ok(None) => {}
                Err(error) => {
                    let error = error.to_string();
                    if failure.as_ref() != Some(&error) {
                        tracing::warn!(%error, "Failed to find out which pods are captured");
                    }
                    failure = Some(error);
                }
            }
            sleep(INTERVAL).await;
        }
    }

    fn check(&mut self) -> io::Result<Option<CaptureState>> {
        let pods = self.pods.as_ref().map_or(Some(Vec::new()), NodePods::all);
        pods.map(|pods| self.check.check(&pods)).transpose()
    }
}

/// Counts always, names only where they are others than those logged before.
fn log(state: &CaptureState, before: Option<&CaptureState>) {
    let [captured, shared, unknown, not_captured, host_network] = PodCapture::ALL.map(|one| state.count(one));
    let interfaces = state.interfaces.len();
    tracing::info!(interfaces, captured, shared, unknown, not_captured, host_network, "Pods of the node by capture");
    if !state.unmatched.is_empty() && before.is_none_or(|before| before.unmatched != state.unmatched) {
        let patterns = state.unmatched.join(",");
        tracing::warn!(patterns, "No interface matches (LANDFALL_INTERFACE); one that appears later is captured");
    }
    let named = |capture| {
        let names = state.names(capture);
        let is_new = !names.is_empty() && before.is_none_or(|before| before.names(capture) != names);
        is_new.then(|| match names.len().checked_sub(MAX_NAMED) {
            None | Some(0) => names.join(","),
            Some(more) => format!("{} and {more} more", names[..MAX_NAMED].join(",")),
        })
    };
    if let Some(pods) = named(PodCapture::NotCaptured) {
        tracing::error!(pods, "Pods are not captured: no selected interface leads to them; see docs/networks.md");
    }
    if let Some(pods) = named(PodCapture::Shared) {
        tracing::warn!(
            pods,
            "Pods are captured only where they share an interface: traffic within the node is missing"
        );
    }
    if let Some(pods) = named(PodCapture::Unknown) {
        tracing::warn!(pods, "It is not known whether pods are captured: no packet of theirs was seen yet");
    }
}
