//! The pipeline of the agent: frames in, flow records or observations out.

mod awaiting;
mod flow_reader;
mod view;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{AgentConfiguration, Identity, Observation, Window};

pub use self::flow_reader::{FlowReader, ReadCounters};
use self::{awaiting::Awaiting, view::View};
pub use crate::flow::Limits;
use crate::{
    attribution::Workloads,
    locate::Locator,
    source::{Frame, Item, Tick},
    windows::Windows,
};

/// How many minutes a frame may be older than the newest one, as happens with several interfaces. Beyond that the clock
/// counts as set back.
const LATE_MINUTES: i128 = 1;
/// How often observations under new keys are returned early, with a source that yields ticks.
const NEW_KEY_INTERVAL: SignedDuration = SignedDuration::from_millis(500);
/// How long a flow whose host is not known yet is left out of reports, so that its first packets do not count as
/// traffic with an unnamed party. Together with [`NEW_KEY_INTERVAL`], a new key is sent within 2 s.
const UNSETTLED_PERIOD: SignedDuration = SignedDuration::from_millis(1250);

/// Settings of an [`Observer`].
#[derive(Debug)]
pub struct ObserverConfig {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent.
    pub agent: String,
    /// Increases with each start.
    pub epoch: u64,
    /// Prefixes that must not be truncated, and own networks.
    pub configuration: AgentConfiguration,
    /// The workloads of local addresses.
    pub workloads: Workloads,
    /// The locations of remote addresses.
    pub locator: Locator,
    /// Bounds of the flow table.
    pub limits: Limits,
}

/// Turns frames into observations.
#[derive(Debug)]
pub struct Observer {
    reader: FlowReader,
    view: View,
    minute: Option<i128>,
    /// When observations of new keys were last sent.
    reported_at: Option<Timestamp>,
    held: Held,
}

/// Whether observations are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    No,
    Yes,
    /// No longer, but some held ones belong to minutes that are over and must be released.
    Ended,
}

// === impl Observer ===

impl Observer {
    /// An observer without flows.
    pub fn new(setting: ObserverConfig) -> Self {
        let ObserverConfig { cluster, agent, epoch, configuration, workloads, locator, limits } = setting;
        let windows = Windows::new(Identity { cluster, agent, epoch, seq: 0 });
        let workloads = Arc::new(workloads);
        let reader = FlowReader::knowing(limits, Arc::clone(&workloads), locator.translation().clone());
        let view = View { configuration, workloads, locator, windows, awaiting: Awaiting::default(), link_bytes: 0 };
        Self { reader, view, minute: None, reported_at: None, held: Held::No }
    }

    /// Processes an item of a source, and returns the observations of minutes that are over and of new keys.
    pub fn take(&mut self, item: &Item<'_>) -> Vec<Observation> {
        match item {
            Item::Frame(frame) => self.frame(frame),
            Item::Tick(Tick { now, dropped, statistics: _ }) => {
                self.dropped(*now, *dropped);
                self.tick(*now)
            }
            Item::Link(_) => Vec::new(),
        }
    }

    /// Processes a frame and returns the observations of minutes that are over.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Vec<Observation> {
        let minute = Window::minute(frame.at);
        let closed = match self.minute {
            Some(current) if minute > current => {
                self.flush(frame.at);
                self.close_before(minute)
            }
            // The clock was set back. A single frame from the far future must neither keep all later
            // windows open, nor gather the rest of the capture in one.
            Some(current) if minute < current - LATE_MINUTES => {
                self.flush(Timestamp::MAX);
                self.close_all()
            }
            Some(current) => {
                self.read(frame, current);
                return Vec::new();
            }
            None => Vec::new(),
        };
        self.read(frame, minute);
        closed
    }

    /// Advances the clock without a frame, and returns the observations of minutes that are over and
    /// of new keys. A live source yields ticks several times a second, a capture file none.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Observation> {
        let view = &mut self.view;
        self.reader.tick(now, &mut |record| view.record(record));
        let minute = Window::minute(now);
        let mut observations = Vec::new();
        if self.minute.is_some_and(|current| minute > current) {
            self.flush(now);
            observations = self.close_before(minute);
            self.minute = Some(minute);
        }
        if self.held == Held::Ended {
            self.held = Held::No;
            observations.extend(self.view.windows.close_all());
        }
        if self.reported_at.is_none_or(|last| now.duration_since(last).abs() >= NEW_KEY_INTERVAL) {
            self.reported_at = Some(now);
            self.report(now);
            if self.held == Held::No {
                observations.extend(self.view.windows.take_new());
            }
        }
        observations
    }

    /// Counts frames that were dropped before they could be read.
    fn dropped(&mut self, at: Timestamp, frames: u64) {
        if frames > 0 {
            self.view.windows.dropped(Window::minute(at), frames);
        }
    }

    /// Holds observations back, or releases them. Held windows of old minutes are merged; byte counts stay exact.
    pub fn hold(&mut self, held: bool) {
        self.held = match (held, self.held) {
            (true, _) => Held::Yes,
            (false, Held::No) => Held::No,
            (false, _) => Held::Ended,
        };
    }

    /// Changes the configuration; open windows are not affected.
    pub fn configure(&mut self, configuration: AgentConfiguration) {
        self.view.configuration = configuration;
    }

    /// Ends all flows and returns all observations that are left.
    pub fn finish(self) -> Vec<Observation> {
        let Self { reader, mut view, .. } = self;
        reader.finish(&mut |record| view.record(record));
        view.settle(Timestamp::MAX);
        view.windows.close_all()
    }

    /// Counters of what was read and of anomalies.
    pub fn counters(&self) -> ReadCounters {
        self.reader.counters()
    }

    /// How often a part of a flow was added to an observation without a remote because there were too many keys.
    pub fn merged(&self) -> u64 {
        self.view.windows.merged()
    }

    /// How often a name was left out of an observation, whose number of names is bounded.
    pub fn names_left_out(&self) -> u64 {
        self.view.windows.names_left_out()
    }

    /// IP bytes of link-local traffic, which is in no observation. Together with the bytes of the observations they are
    /// all captured bytes.
    pub fn link_bytes(&self) -> u64 {
        self.view.link_bytes
    }

    fn close_before(&mut self, minute: i128) -> Vec<Observation> {
        if self.held == Held::Yes {
            self.view.windows.gather();
            return Vec::new();
        }
        self.view.windows.close_before(minute)
    }

    fn close_all(&mut self) -> Vec<Observation> {
        if self.held == Held::Yes {
            self.view.windows.gather();
            return Vec::new();
        }
        self.view.windows.close_all()
    }

    /// Processes a frame, while `minute` is the newest.
    fn read(&mut self, frame: &Frame<'_>, minute: i128) {
        self.minute = Some(minute);
        let view = &mut self.view;
        self.reader.frame(frame, &mut |record| view.record(record));
    }

    /// At the end of a minute: adds the unreported traffic of open flows to its windows.
    fn flush(&mut self, now: Timestamp) {
        if let Err(error) = self.view.locator.refresh() {
            tracing::warn!(%error, "Failed to reload the location datasets");
        }
        self.report(now);
    }

    /// Adds the unreported traffic of open flows to the windows.
    fn report(&mut self, now: Timestamp) {
        let view = &mut self.view;
        let unsettled_since = now.saturating_sub(UNSETTLED_PERIOD).unwrap_or(Timestamp::MIN);
        self.reader.table.flush_settled(unsettled_since, &mut |delta| view.delta(delta));
        view.settle(now);
    }
}

#[cfg(test)]
mod tests;
