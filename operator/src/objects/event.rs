//! Kubernetes Events that wait to be published, one after the other: the recorder counts equal ones together.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::BoxFuture;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client,
    runtime::events::{Event, Recorder, Reporter},
};
use tokio::{sync::Notify, time::Instant};

use super::{ObjectKey, WritePriority, call::PATIENCE, queue::Due, writer::Lane};
use crate::FIELD_MANAGER;

/// Events that wait at most. They tell people sooner; the ledger holds every transition.
const MOST: usize = 1_024;

/// Events that wait.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    waiting: Arc<Mutex<Waiting>>,
    is_under_way: Arc<AtomicBool>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<(Event, ObjectReference)>,
    /// Made at the first Event: it remembers what it has published.
    recorder: Option<Recorder>,
    /// Name of the pod.
    instance: Option<String>,
}

impl Events {
    pub(super) fn new(changed: &Arc<Notify>) -> Self {
        Self { waiting: Arc::default(), is_under_way: Arc::default(), changed: changed.clone() }
    }

    /// Says by which pod they are published.
    pub(crate) fn report_as(&self, instance: String) {
        self.lock().instance = Some(instance);
    }

    /// Has an Event published about an object; `false` if too many wait.
    pub(crate) fn publish(&self, event: Event, about: ObjectReference) -> bool {
        let mut waiting = self.lock();
        let has_room = waiting.events.len() < MOST;
        if has_room {
            waiting.events.push_back((event, about));
            self.changed.notify_one();
        }
        has_room
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane for Events {
    fn due(&self, lane: usize, _: Instant) -> Vec<Due> {
        if self.lock().events.is_empty() || self.is_under_way.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let key = ObjectKey { kind: "Event", namespace: None, name: String::new() };
        vec![Due { priority: WritePriority::Event, written: None, lane, key }]
    }

    fn start(&self, _: &ObjectKey, client: &Client) -> Option<BoxFuture<'static, ()>> {
        let mut waiting = self.lock();
        let (event, about) = waiting.events.pop_front()?;
        let instance = waiting.instance.clone();
        let recorder = waiting.recorder.get_or_insert_with(|| {
            Recorder::new(client.clone(), Reporter { controller: FIELD_MANAGER.into(), instance })
        });
        let (recorder, is_under_way, changed) = (recorder.clone(), self.is_under_way.clone(), self.changed.clone());
        self.is_under_way.store(true, Ordering::Relaxed);
        Some(Box::pin(async move {
            match tokio::time::timeout(PATIENCE, recorder.publish(&event, &about)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "Failed to publish an Event"),
                Err(error) => tracing::warn!(%error, "Failed to publish an Event"),
            }
            is_under_way.store(false, Ordering::Relaxed);
            // The next one need not wait for a look.
            changed.notify_one();
        }))
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("events", &self.events.len()).finish_non_exhaustive()
    }
}
