//! Kubernetes Events, published one at a time because the recorder aggregates equal ones.

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

use super::{ObjectKey, WritePriority, call::TIMEOUT, queue::DueWrite, writer::WriteSource};
use crate::FIELD_MANAGER;

/// Maximum number of waiting Events. They only inform people sooner; the ledger holds every transition.
const MAX_WAITING: usize = 1_024;

/// Waiting Events.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    waiting: Arc<Mutex<Waiting>>,
    is_in_flight: Arc<AtomicBool>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<(Event, ObjectReference)>,
    /// Created at the first Event and kept, because it remembers what it has published.
    recorder: Option<Recorder>,
    /// Name of the operator's pod.
    instance: Option<String>,
}

impl Events {
    pub(super) fn new(changed: &Arc<Notify>) -> Self {
        Self { waiting: Arc::default(), is_in_flight: Arc::default(), changed: changed.clone() }
    }

    /// Sets the pod that is named as the reporting instance.
    pub(crate) fn report_as(&self, instance: String) {
        self.lock().instance = Some(instance);
    }

    /// Queues an Event about an object; `false` if the queue is full.
    pub(crate) fn publish(&self, event: Event, about: ObjectReference) -> bool {
        let mut waiting = self.lock();
        let has_room = waiting.events.len() < MAX_WAITING;
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

impl WriteSource for Events {
    fn due(&self, source: usize, _: Instant) -> Vec<DueWrite> {
        if self.lock().events.is_empty() || self.is_in_flight.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let key = ObjectKey { kind: "Event", namespace: None, name: String::new() };
        vec![DueWrite { priority: WritePriority::Event, written: None, source, key }]
    }

    fn start(&self, _: &ObjectKey, client: &Client) -> Option<BoxFuture<'static, ()>> {
        let mut waiting = self.lock();
        let (event, about) = waiting.events.pop_front()?;
        let instance = waiting.instance.clone();
        let recorder = waiting.recorder.get_or_insert_with(|| {
            Recorder::new(client.clone(), Reporter { controller: FIELD_MANAGER.into(), instance })
        });
        let (recorder, is_in_flight, changed) = (recorder.clone(), self.is_in_flight.clone(), self.changed.clone());
        self.is_in_flight.store(true, Ordering::Relaxed);
        Some(Box::pin(async move {
            match tokio::time::timeout(TIMEOUT, recorder.publish(&event, &about)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "Failed to publish an Event"),
                Err(error) => tracing::warn!(%error, "Failed to publish an Event"),
            }
            is_in_flight.store(false, Ordering::Relaxed);
            // Publish the next one without waiting for the next comparison.
            changed.notify_one();
        }))
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("events", &self.events.len()).finish_non_exhaustive()
    }
}
