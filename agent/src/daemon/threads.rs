//! The threads of the daemon, in the order of the data flow, in which they are also stopped.

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

/// Flags that ask threads to stop.
#[derive(Debug, Default)]
pub(super) struct Stops {
    /// Stops the capture, or the watch of the buses. The spool writer ends after it, when its queue is closed and empty.
    pub(super) capture: Arc<AtomicBool>,
    /// Makes the shipping thread deliver the rest of the spool and end.
    pub(super) shipping: Arc<AtomicBool>,
}

impl Stops {
    /// Stops the threads one after the other, even if one of them has failed.
    pub(super) async fn stop(
        &self,
        tasks: &mut Tasks,
        sources: &[&'static str],
        flush: Duration,
        last_deliveries: Duration,
    ) {
        self.capture.store(true, Ordering::Release);
        let mut running = tasks.join(sources, Instant::now() + flush).await;
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
    async fn threads_are_stopped_in_order() {
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
        stops.stop(&mut tasks, &[CAPTURE, SPOOL_WRITER], Duration::from_mins(1), Duration::from_mins(1)).await;
        assert_eq!(*order.lock().unwrap(), [CAPTURE, SHIPPING]);
    }
}
