//! The threads and tasks of the daemon. None of them may end by itself unnoticed.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, timeout_at},
};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The threads in the order of what flows through them: each ends after the one before it.
const CAPTURE: &str = "capture";
const KEEPING: &str = "keeping";
const SENDING: &str = "sending";

/// A thread or task that has ended.
#[derive(Debug, thiserror::Error)]
#[error("the part {name} of the agent has ended")]
pub struct Ended {
    /// Which one.
    pub name: &'static str,
    /// Why, if it could say.
    #[source]
    pub cause: Option<Cause>,
}

/// A part that panicked, as its end tells.
#[derive(Debug, thiserror::Error)]
#[error("it panicked")]
struct Panicked;

/// What runs, and how it is told to stop.
#[derive(Debug)]
pub(super) struct Parts {
    ends: UnboundedReceiver<Ended>,
    stop_capture: Arc<AtomicBool>,
    stop_sending: Arc<AtomicBool>,
}

/// Starts threads and tasks, and is told of their ends.
#[derive(Debug, Clone)]
pub(super) struct Starter {
    ends: UnboundedSender<Ended>,
}

/// Tells of an end, also of one by panic.
struct Guard {
    name: &'static str,
    ends: UnboundedSender<Ended>,
    cause: Option<Cause>,
}

impl Parts {
    pub(super) fn new() -> (Self, Starter) {
        let (sender, ends) = unbounded_channel();
        (Self { ends, stop_capture: Arc::default(), stop_sending: Arc::default() }, Starter { ends: sender })
    }

    /// Set when the capture is to end.
    pub(super) fn capture_stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop_capture)
    }

    /// Set when what is in the spool is to be sent, and no more is to come.
    pub(super) fn sending_stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop_sending)
    }

    /// The next part that ends.
    pub(super) async fn ended(&mut self) -> Ended {
        let ended = self.ends.recv().await;
        ended.unwrap_or(Ended { name: "all", cause: None })
    }

    /// Ends the threads one after the other, those after one that failed as well as they can.
    pub(super) async fn stop(&mut self, settling: Duration, parting: Duration, failed: Option<&Ended>) {
        let mut over: Vec<&str> = failed.map(|ended| ended.name).into_iter().collect();
        self.stop_capture.store(true, Ordering::Release);
        let deadline = Instant::now() + settling;
        self.until(deadline, &mut over, &[CAPTURE, KEEPING]).await;
        self.stop_sending.store(true, Ordering::Release);
        self.until(Instant::now() + parting, &mut over, &[SENDING]).await;
        for name in [CAPTURE, KEEPING, SENDING] {
            if !over.contains(&name) {
                tracing::warn!(part = name, "A part of the agent did not end in time");
            }
        }
    }

    async fn until(&mut self, deadline: Instant, over: &mut Vec<&str>, names: &[&str]) {
        while names.iter().any(|name| !over.contains(name)) {
            let Ok(Some(ended)) = timeout_at(deadline, self.ends.recv()).await else { return };
            if let Some(cause) = &ended.cause {
                tracing::error!(part = ended.name, error = %cause, "A part of the agent failed while it was ending");
            }
            over.push(ended.name);
        }
    }
}

impl Starter {
    pub(super) fn thread<E>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), E> + Send + 'static,
    ) -> io::Result<()>
    where
        Cause: From<E>,
    {
        let guard = Guard::new(name, &self.ends);
        thread::Builder::new().name(name.to_owned()).spawn(move || guard.end(work().map_err(Cause::from)))?;
        Ok(())
    }

    pub(super) fn task(&self, name: &'static str, runtime: &Handle, work: impl Future<Output = ()> + Send + 'static) {
        let guard = Guard::new(name, &self.ends);
        runtime.spawn(async move {
            work.await;
            guard.end(Ok(()));
        });
    }
}

impl Guard {
    fn new(name: &'static str, ends: &UnboundedSender<Ended>) -> Self {
        Self { name, ends: ends.clone(), cause: Some(Box::new(Panicked)) }
    }

    fn end(mut self, outcome: Result<(), Cause>) {
        self.cause = outcome.err();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nobody listens any more when the process is ending.
        let _ = self.ends.send(Ended { name: self.name, cause: self.cause.take() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn an_end_is_told_with_its_cause_and_so_is_a_panic() {
        let (mut parts, starter) = Parts::new();
        let told = |parts: &mut Parts| {
            let ended = runtime().block_on(parts.ended());
            (ended.name, ended.cause.map(|cause| cause.to_string()))
        };
        starter.thread("keeping", || Err(io::Error::other("full"))).unwrap();
        assert_eq!(told(&mut parts), ("keeping", Some("full".to_owned())));
        starter.thread::<io::Error>("capture", || panic!("on purpose")).unwrap();
        assert_eq!(told(&mut parts), ("capture", Some("it panicked".to_owned())));
        starter.thread::<io::Error>("sending", || Ok(())).unwrap();
        assert_eq!(told(&mut parts), ("sending", None));
    }

    #[test]
    fn threads_end_one_after_the_other() {
        let (mut parts, starter) = Parts::new();
        let (capture, sending) = (parts.capture_stop(), parts.sending_stop());
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        for (name, stop) in [(CAPTURE, &capture), (SENDING, &sending)] {
            let (stop, order) = (Arc::clone(stop), Arc::clone(&order));
            let work = move || {
                while !stop.load(Ordering::Acquire) {
                    thread::sleep(Duration::from_millis(1));
                }
                order.lock().unwrap().push(name);
                Ok::<_, io::Error>(())
            };
            starter.thread(name, work).unwrap();
        }
        let failed = Ended { name: KEEPING, cause: None };
        runtime().block_on(parts.stop(Duration::from_secs(10), Duration::from_secs(10), Some(&failed)));
        assert_eq!(*order.lock().unwrap(), [CAPTURE, SENDING]);
    }
}
