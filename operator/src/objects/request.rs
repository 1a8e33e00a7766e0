//! Writes whose caller waits for the result.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::BoxFuture;
use kube::Client;
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use super::{
    ObjectKey, WritePriority,
    call::{CallError, in_time},
    queue::DueWrite,
    writer::WriteSource,
};

/// Waiting writes, in order.
#[derive(Clone)]
pub(crate) struct Requests {
    waiting: Arc<Mutex<VecDeque<Request>>>,
    changed: Arc<Notify>,
}

struct Request {
    priority: WritePriority,
    write: BoxFuture<'static, ()>,
}

impl Requests {
    pub(super) fn new(changed: &Arc<Notify>) -> Self {
        Self { waiting: Arc::default(), changed: changed.clone() }
    }

    /// Has the writer make this call and returns the result. The call is not retried; that is up to the caller.
    pub(crate) async fn make<T: Send + 'static>(
        &self,
        priority: WritePriority,
        call: impl Future<Output = Result<T, kube::Error>> + Send + 'static,
    ) -> Result<T, CallError> {
        let (answer, answered) = oneshot::channel();
        let write = Box::pin(async move {
            // The caller may have gone away.
            let _ = answer.send(in_time(call).await);
        });
        self.lock().push_back(Request { priority, write });
        self.changed.notify_one();
        answered.await.unwrap_or(Err(CallError::NoWriter))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Request>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WriteSource for Requests {
    fn due(&self, source: usize, _: Instant) -> Vec<DueWrite> {
        let waiting = self.lock();
        let key = |number: usize| ObjectKey { kind: "", namespace: None, name: format!("{number:09}") };
        let due = waiting.iter().enumerate();
        due.map(|(at, request)| DueWrite { priority: request.priority, written: None, source, key: key(at) }).collect()
    }

    fn start(&self, _: &ObjectKey, _: &Client) -> Option<BoxFuture<'static, ()>> {
        Some(self.lock().pop_front()?.write)
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("waiting", &self.lock().len()).finish_non_exhaustive()
    }
}
