//! The thread that reads the source and turns it into observations.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Receiver,
    },
};

use landfall_observation::{AgentConfiguration, Observation};
use landfall_process::readiness::Readiness;
use prometheus::IntCounter;

use super::{health::INTERFACE_MISSING, spool_writer::SpoolQueue};
use crate::{
    afpacket::CaptureStatistics,
    attribution::Directory,
    links::LinkChange,
    metrics::{CaptureMetrics, raise, set},
    pipeline::{Observer, ReadCounters},
    source::{self, Item, RunError, Source},
};

/// A source and the consumer of its items.
#[derive(Debug)]
pub(super) struct CaptureThread<S> {
    pub(super) source: S,
    pub(super) observing: Observing,
    pub(super) stop: Arc<AtomicBool>,
}

/// Turns the items of a source into observations, and queues them for the spool.
#[derive(Debug)]
pub(super) struct Observing {
    pub(super) observer: Observer,
    pub(super) queue: SpoolQueue,
    pub(super) configurations: Receiver<AgentConfiguration>,
    pub(super) directory: Arc<Directory>,
    pub(super) readiness: Readiness,
    pub(super) metrics: CaptureMetrics,
    pub(super) unattributed: IntCounter,
    /// Whether observations are held back, as last logged.
    pub(super) held: bool,
}

impl<S: Source> CaptureThread<S> {
    /// Observes until a request to stop, then queues the open windows.
    pub(super) fn run(self) -> Result<(), RunError<S::Error, Infallible>> {
        let Self { mut source, mut observing, stop } = self;
        source::run(
            &mut source,
            || stop.load(Ordering::Acquire),
            |item| {
                observing.take(&item);
                Ok(())
            },
        )?;
        observing.finish();
        Ok(())
    }
}

impl Observing {
    fn take(&mut self, item: &Item<'_>) {
        match item {
            Item::Frame(_) => {}
            Item::Link(change) => log_change(change),
            Item::Tick(_) => {
                while let Ok(configuration) = self.configurations.try_recv() {
                    self.observer.configure(configuration);
                }
                let is_held = !self.queue.has_room();
                if self.held != is_held {
                    log_held(is_held);
                    self.held = is_held;
                }
                self.metrics.windows_held.set(i64::from(is_held));
                self.observer.hold(is_held);
            }
        }
        let made = self.observer.take(item);
        push(&self.queue, &self.metrics, made);
        if let Item::Tick(tick) = item {
            self.update_metrics(tick.statistics);
        }
    }

    fn finish(self) {
        push(&self.queue, &self.metrics, self.observer.finish());
    }

    fn update_metrics(&self, statistics: &CaptureStatistics) {
        let metrics = &self.metrics;
        self.readiness.set(INTERFACE_MISSING, statistics.absent == 0);
        set(&metrics.interfaces, statistics.interfaces);
        raise(&metrics.copies, statistics.copies);
        raise(&metrics.dropped, statistics.dropped);
        raise(&metrics.damaged, statistics.damaged);
        let ReadCounters { decoded, not_ip, fragments, table, inspected, names } = self.observer.counters();
        metrics.count_not_ip(&not_ip);
        raise(&metrics.packets, decoded.packets);
        raise(&metrics.bytes, decoded.ip_bytes);
        raise(&metrics.malformed, decoded.malformed);
        set(&metrics.flows, table.live);
        raise(&metrics.flows_opened, table.opened);
        raise(&metrics.flows_evicted, table.evicted);
        set(&metrics.flow_memory, table.memory_bytes);
        raise(&metrics.clock_set_back, table.clock_set_back);
        metrics.count_fragmented(fragments);
        raise(&metrics.names_forgotten, names.evicted);
        let left_out = inspected.names_left_out + names.beyond + self.observer.names_left_out();
        raise(&metrics.names_left_out, left_out);
        raise(&metrics.merged, self.observer.merged());
        raise(&metrics.link_bytes, self.observer.link_bytes());
        raise(&self.unattributed, self.directory.unattributed_bytes());
    }
}

fn push(queue: &SpoolQueue, metrics: &CaptureMetrics, made: Vec<Observation>) {
    metrics.observations.inc_by(made.len() as u64);
    queue.push(made);
}

fn log_change(change: &LinkChange) {
    match change {
        LinkChange::Captured { name, .. } => tracing::info!(interface = name, "Capturing an interface"),
        LinkChange::Gone { name, .. } => tracing::info!(interface = name, "An interface is gone"),
        LinkChange::Covered { name, by } => {
            tracing::info!(
                interface = name,
                by,
                "An interface is not captured: all its packets pass another captured one"
            );
        }
    }
}

fn log_held(is_held: bool) {
    if is_held {
        tracing::error!("The spool is full; observations are held in memory and merged, no byte is lost");
    } else {
        tracing::info!("The spool has room again");
    }
}
