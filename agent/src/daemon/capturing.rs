//! The thread that captures and observes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Receiver,
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{AgentConfiguration, Observation};
use prometheus::IntCounter;

use super::{health::Status, keeper::Intake};
use crate::{
    afpacket::{Capture, CaptureError, CaptureStatistics, Event},
    attribution::Directory,
    links::LinkChange,
    metrics::{CaptureMetrics, raise, set},
    pipeline::{Observer, ReadCounters},
};

/// What was captured just before the stop is in the ring by then.
const SETTLES: SignedDuration = SignedDuration::from_millis(60);
/// A capture that is busy beyond this is stopped where it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the thread works with.
#[derive(Debug)]
pub(super) struct Capturing {
    pub(super) capture: Capture,
    pub(super) observer: Observer,
    pub(super) intake: Intake,
    pub(super) configurations: Receiver<AgentConfiguration>,
    pub(super) directory: Arc<Directory>,
    pub(super) status: Arc<Status>,
    pub(super) metrics: CaptureMetrics,
    pub(super) unattributed: IntCounter,
    pub(super) stop: Arc<AtomicBool>,
}

impl Capturing {
    /// Captures until it is told to stop; then hands over what is left.
    pub(super) fn run(mut self) -> Result<(), CaptureError> {
        for pattern in self.capture.awaited() {
            tracing::info!(pattern, "No interface of this name so far");
        }
        let (mut dropped, mut held) = (0, false);
        let mut asked: Option<(Timestamp, Instant)> = None;
        loop {
            if asked.is_none() && self.stop.load(Ordering::Acquire) {
                asked = Some((Timestamp::now(), Instant::now()));
            }
            match self.capture.next_event()? {
                Event::Frame(frame) => {
                    let made = self.observer.frame(&frame);
                    hand_over(&self.intake, &self.metrics, made);
                }
                Event::Link(change) => tell(&change),
                Event::Tick(now) => {
                    while let Ok(configuration) = self.configurations.try_recv() {
                        self.observer.configure(configuration);
                    }
                    let is_held = !self.intake.has_room();
                    if held != is_held {
                        tell_held(is_held);
                        held = is_held;
                    }
                    self.metrics.windows_held.set(i64::from(held));
                    self.observer.hold(held);
                    let statistics = self.capture.statistics();
                    self.observer.dropped(now, statistics.dropped - dropped);
                    dropped = statistics.dropped;
                    let made = self.observer.tick(now);
                    hand_over(&self.intake, &self.metrics, made);
                    self.account(&statistics);
                    if asked.is_some_and(|(at, _)| now.duration_since(at) > SETTLES) {
                        break;
                    }
                }
            }
            if asked.is_some_and(|(_, since)| since.elapsed() > PATIENCE) {
                break;
            }
        }
        let statistics = self.capture.statistics();
        self.account(&statistics);
        hand_over(&self.intake, &self.metrics, self.observer.finish());
        Ok(())
    }

    /// Shows what was counted.
    fn account(&self, statistics: &CaptureStatistics) {
        let metrics = &self.metrics;
        self.status.set_capturing(self.capture.is_complete());
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
