//! The thread that captures and observes.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Receiver,
    },
};

use landfall_observation::{AgentConfiguration, Observation};
use prometheus::IntCounter;

use super::{health::Status, keeper::Intake};
use crate::{
    afpacket::CaptureStatistics,
    attribution::Directory,
    links::LinkChange,
    metrics::{CaptureMetrics, raise, set},
    pipeline::{Observer, ReadCounters},
    source::{self, Item, RunError, Source},
};

/// What the thread works with.
#[derive(Debug)]
pub(super) struct Capturing<S> {
    pub(super) source: S,
    pub(super) observing: Observing,
    pub(super) stop: Arc<AtomicBool>,
}

/// What becomes of what a source yields.
#[derive(Debug)]
pub(super) struct Observing {
    pub(super) observer: Observer,
    pub(super) intake: Intake,
    pub(super) configurations: Receiver<AgentConfiguration>,
    pub(super) directory: Arc<Directory>,
    pub(super) status: Arc<Status>,
    pub(super) metrics: CaptureMetrics,
    pub(super) unattributed: IntCounter,
    /// Whether observations are held back, as was told last.
    pub(super) held: bool,
}

impl<S: Source> Capturing<S> {
    /// Observes until it is told to stop; then hands over what is left.
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
            Item::Link(change) => tell(change),
            Item::Tick(_) => {
                while let Ok(configuration) = self.configurations.try_recv() {
                    self.observer.configure(configuration);
                }
                let is_held = !self.intake.has_room();
                if self.held != is_held {
                    tell_held(is_held);
                    self.held = is_held;
                }
                self.metrics.windows_held.set(i64::from(is_held));
                self.observer.hold(is_held);
            }
        }
        let made = self.observer.take(item);
        hand_over(&self.intake, &self.metrics, made);
        if let Item::Tick(tick) = item {
            self.account(tick.statistics);
        }
    }

    fn finish(self) {
        hand_over(&self.intake, &self.metrics, self.observer.finish());
    }

    /// Shows what was counted.
    fn account(&self, statistics: &CaptureStatistics) {
        let metrics = &self.metrics;
        self.status.set_observing(statistics.absent == 0);
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

fn hand_over(intake: &Intake, metrics: &CaptureMetrics, made: Vec<Observation>) {
    metrics.observations.inc_by(made.len() as u64);
    intake.hand_over(made);
}

fn tell(change: &LinkChange) {
    match change {
        LinkChange::Captured { name, .. } => tracing::info!(interface = name, "Captured"),
        LinkChange::Gone { name, .. } => tracing::info!(interface = name, "Gone"),
        LinkChange::Covered { name, by } => {
            tracing::info!(interface = name, by, "Not captured: its packets all pass another interface");
        }
    }
}

fn tell_held(is_held: bool) {
    if is_held {
        tracing::error!("The spool has no room: observations are held in memory and merge; no byte is lost");
    } else {
        tracing::info!("The spool has room: observations are handed over");
    }
}
