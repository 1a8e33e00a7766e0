//! Signals that end a run.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Context as _;

/// Whether SIGINT or SIGTERM arrived. The first requests a clean stop, which still reports the open flows; the second ends
/// the process.
#[derive(Debug, Clone)]
pub(crate) struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let stop = Self(Arc::new(AtomicBool::new(false)));
        let asked = stop.clone();
        ctrlc::set_handler(move || {
            if asked.0.swap(true, Ordering::SeqCst) {
                std::process::abort();
            }
        })
        .context("failed to listen for signals")?;
        Ok(stop)
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
