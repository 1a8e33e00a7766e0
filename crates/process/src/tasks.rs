//! Supervision: no task or thread that the process needs ends unnoticed.

use std::{error::Error, io, thread};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
    time::{Instant, timeout_at},
};

/// Why a task ended.
pub type Cause = Box<dyn Error + Send + Sync>;

/// The tasks and threads of a process. Dropping it aborts the tasks, but not the threads.
#[derive(Debug)]
pub struct Tasks {
    running: JoinSet<()>,
    sender: UnboundedSender<End>,
    ends: UnboundedReceiver<End>,
    ended: Vec<&'static str>,
}

/// An essential task or thread ended, or another one failed.
#[derive(Debug, thiserror::Error)]
#[error("{name} ended")]
pub struct Ended {
    /// What ended.
    pub name: &'static str,
    /// Why, unless it returned without an error.
    #[source]
    pub cause: Option<Cause>,
}

/// What a task may return: nothing or a result.
pub trait Outcome {
    /// As a result.
    fn into_result(self) -> Result<(), Cause>;
}

/// Whether a task may end while the process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// When it ends, for whatever reason, the process ends.
    Essential,
    /// It ends when its work is done; if it fails, the process ends.
    Finite,
}

#[derive(Debug)]
struct End {
    name: &'static str,
    kind: Kind,
    cause: Option<Cause>,
}

/// Reports the end of a task when it is dropped, and so also after a panic.
struct EndGuard {
    sender: UnboundedSender<End>,
    name: &'static str,
    kind: Kind,
    cause: Option<Cause>,
}

#[derive(Debug, thiserror::Error)]
#[error("it panicked")]
struct Panicked;

// === impl Tasks ===

impl Tasks {
    /// No tasks yet.
    pub fn new() -> Self {
        let (sender, ends) = unbounded_channel();
        Self { running: JoinSet::new(), sender, ends, ended: Vec::new() }
    }

    /// Starts a task that must not end before the process does. Needs a runtime, as [`finite`](Self::finite) does.
    pub fn essential<O: Outcome>(&mut self, name: &'static str, work: impl Future<Output = O> + Send + 'static) {
        self.spawn(name, Kind::Essential, work);
    }

    /// Starts a task that ends when its work is done, and must not fail.
    pub fn finite<O: Outcome>(&mut self, name: &'static str, work: impl Future<Output = O> + Send + 'static) {
        self.spawn(name, Kind::Finite, work);
    }

    /// Starts a thread that must not end before the process does.
    pub fn essential_thread<O: Outcome>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> O + Send + 'static,
    ) -> io::Result<()> {
        let guard = EndGuard::new(name, Kind::Essential, &self.sender);
        thread::Builder::new().name(name.to_owned()).spawn(move || guard.end(work()))?;
        Ok(())
    }

    /// Waits until an essential task ends or any task fails.
    pub async fn ended(&mut self) -> Ended {
        loop {
            let End { name, kind, cause } = self.next().await;
            if kind == Kind::Essential || cause.is_some() {
                return Ended { name, cause };
            }
        }
    }

    /// Waits until all of these, which were asked to stop, have ended, or until the deadline. Returns those that have
    /// not ended. Logs failures.
    pub async fn join(&mut self, names: &[&'static str], deadline: Instant) -> Vec<&'static str> {
        loop {
            let running: Vec<_> = names.iter().copied().filter(|name| !self.ended.contains(name)).collect();
            if running.is_empty() {
                return running;
            }
            let Ok(End { name, cause, .. }) = timeout_at(deadline, self.next()).await else { return running };
            if let Some(error) = &cause {
                let error = &**error as &dyn Error;
                tracing::error!(error, task = name, "A task failed while it was ending");
            }
        }
    }

    fn spawn<O: Outcome>(&mut self, name: &'static str, kind: Kind, work: impl Future<Output = O> + Send + 'static) {
        let guard = EndGuard::new(name, kind, &self.sender);
        self.running.spawn(async move { guard.end(work.await) });
    }

    async fn next(&mut self) -> End {
        // Handles of ended tasks take memory, and what they return is not needed.
        while self.running.try_join_next().is_some() {}
        // The channel is never closed, because `self.sender` keeps it open.
        let Some(end) = self.ends.recv().await else { std::future::pending().await };
        self.ended.push(end.name);
        end
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

// === impl Outcome ===

impl Outcome for () {
    fn into_result(self) -> Result<(), Cause> {
        Ok(())
    }
}

impl<E: Into<Cause>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), Cause> {
        self.map_err(Into::into)
    }
}

// === impl EndGuard ===

impl EndGuard {
    fn new(name: &'static str, kind: Kind, sender: &UnboundedSender<End>) -> Self {
        Self { sender: sender.clone(), name, kind, cause: Some(Box::new(Panicked)) }
    }

    fn end(mut self, outcome: impl Outcome) {
        self.cause = outcome.into_result().err();
    }
}

impl Drop for EndGuard {
    fn drop(&mut self) {
        // Nobody receives it any more if the process is ending.
        let _ = self.sender.send(End { name: self.name, kind: self.kind, cause: self.cause.take() });
    }
}

#[cfg(test)]
mod tests;
