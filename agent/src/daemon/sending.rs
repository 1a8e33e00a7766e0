//! The thread that sends.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use crate::ship::{Shipper, Step, Transport};

/// How often is looked whether the agent is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// What the thread is woken and stopped by.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) newcomers: Receiver<()>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Sending {
    /// Sends what is in the spool as it comes; after `stop` until there is nothing left.
    pub(super) fn run<T: Transport>(self, mut shipper: Shipper<T>) -> Result<(), Infallible> {
        loop {
            let is_stopping = self.stop.load(Ordering::Acquire);
            match shipper.step() {
                Step::Moved => {}
                Step::Idle if is_stopping => return Ok(()),
                Step::Idle => match self.newcomers.recv_timeout(LOOK) {
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                    // The keeper is through; what it wrote last is still to be looked at.
                    Err(RecvTimeoutError::Disconnected) => thread::sleep(LOOK),
                },
                Step::Wait(wait) => self.wait(wait, is_stopping),
            }
        }
    }

    /// Waits, but not for what was asked for before the agent was to stop.
    fn wait(&self, wait: Duration, is_stopping: bool) {
        let until = Instant::now() + wait;
        while Instant::now() < until && (is_stopping || !self.stop.load(Ordering::Acquire)) {
            thread::sleep(LOOK.min(until.saturating_duration_since(Instant::now())));
        }
    }
}
