//! The thread that delivers observations from the spool.

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

/// How often to check for a request to stop.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// What wakes and stops the thread.
#[derive(Debug)]
pub(super) struct Shipping {
    /// Notified when observations were appended to the spool.
    pub(super) appended: Receiver<()>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Shipping {
    /// Delivers observations as they come; after `stop` until the spool is empty.
    pub(super) fn run<T: Transport>(self, mut shipper: Shipper<T>) -> Result<(), Infallible> {
        loop {
            let is_stopping = self.stop.load(Ordering::Acquire);
            match shipper.step() {
                Step::Moved => {}
                Step::Idle if is_stopping => return Ok(()),
                Step::Idle => match self.appended.recv_timeout(CHECK_INTERVAL) {
                    Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                    // The spool writer has ended; its last observations must still be delivered.
                    Err(RecvTimeoutError::Disconnected) => thread::sleep(CHECK_INTERVAL),
                },
                Step::Wait(wait) => self.wait(wait, is_stopping),
            }
        }
    }

    /// Waits. A request to stop ends a wait that began before it.
    fn wait(&self, wait: Duration, is_stopping: bool) {
        let until = Instant::now() + wait;
        while Instant::now() < until && (is_stopping || !self.stop.load(Ordering::Acquire)) {
            thread::sleep(CHECK_INTERVAL.min(until.saturating_duration_since(Instant::now())));
        }
    }
}
