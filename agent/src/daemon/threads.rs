//! The threads of the daemon in the order of what flows through them, and how they are stopped in that order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use landfall_process::tasks::Tasks;
use tokio::time::Instant;

pub(super) const CAPTURE: &str = "capture";
pub(super) const SPOOL_WRITER: &str = "the spool writer";
pub(super) const SHIPPING: &str = "shipping";

/// Tell threads to end.
#[derive(Debug, Default)]
pub(super) struct Stops {
    /// Set when the capture is to end. The spool writer ends after it, when nothing more can come.
    pub(super) capture: Arc<AtomicBool>,
    /// Set when the spool is to be sent to its end, because nothing more is written.
    pub(super) shipping: Arc<AtomicBool>,
}

impl Stops {
    /// Ends the threads one after the other. What is behind one that failed ends all the same.
    pub(super) async fn stop(&self, tasks: &mut Tasks, flush: Duration, last_deliveries: Duration) {
        self.capture.store(true, Ordering::Release);
        let mut running = tasks.join(&[CAPTURE, SPOOL_WRITER], Instant::now() + flush).await;
        self.shipping.store(true, Ordering::Release);
        running.extend(tasks.join(&[SHIPPING], Instant::now() + last_deliveries).await);
        for thread in running {
            tracing::warn!(thread, "A thread did not end in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, thread};

    use super::*;

    #[tokio::test]
    async fn threads_end_one_after_the_other() {
        let (mut tasks, stops) = (Tasks::new(), Stops::default());
        let order = Arc::new(Mutex::new(Vec::new()));
        for (name, stop) in [(SHIPPING, &stops.shipping), (CAPTURE, &stops.capture)] {
            let (stop, order) = (Arc::clone(stop), Arc::clone(&order));
            let work = move || {
                while !stop.load(Ordering::Acquire) {
                    thread::sleep(Duration::from_millis(1));
                }
                order.lock().unwrap().push(name);
            };
            tasks.essential_thread(name, work).unwrap();
        }
        tasks.essential_thread(SPOOL_WRITER, || Err("the disk is full")).unwrap();
        assert_eq!(tasks.ended().await.name, SPOOL_WRITER);
        stops.stop(&mut tasks, Duration::from_mins(1), Duration::from_mins(1)).await;
        assert_eq!(*order.lock().unwrap(), [CAPTURE, SHIPPING]);
    }
}
