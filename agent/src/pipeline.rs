//! The way through the agent: frames in, flow records or observations out.

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{
    AgentConfiguration, Coverage, Direction, Identity, Initiator, Local, Name, Observation, Window,
};

use crate::{
    attribution::{LocalSide, Workloads},
    decode::{DecodeCounters, Decoded, Decoder},
    flow::{Counters, Delta, FlowDelta, FlowRecord, FlowTable, TableCounters},
    inspect::{DirectionFindings, Facts, HostFindings, InspectCounters, Inspection, Shared},
    locate::Locator,
    packet::FlowKey,
    source::Frame,
    windows::{Contribution, WindowKey, Windows},
};

pub use crate::flow::Limits;

/// How many minutes behind the newest frame others may be, as frames of several interfaces are, without
/// being taken for a clock that was set back.
const LATE_MINUTES: i128 = 1;
/// How often observations of new keys leave where somebody tells the time.
const NEWS: SignedDuration = SignedDuration::from_millis(500);
/// How long a flow that has not shown its host yet is left out of reports, so that its first packets
/// do not pass for traffic with an unnamed party. With the above, a new key is sent within 2 s.
const UNSETTLED: SignedDuration = SignedDuration::from_millis(1250);

/// Frames to flow records: decoder, flow table and inspection.
#[derive(Debug)]
pub struct FlowReader {
    decoder: Decoder,
    table: FlowTable<Inspection>,
    shared: Shared,
}

/// What was read, and everything odd about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadCounters {
    /// Frames and packets.
    pub decoded: DecodeCounters,
    /// Flows.
    pub table: TableCounters,
    /// Payload that could not be read.
    pub inspected: InspectCounters,
}

/// What an [`Observer`] needs besides frames.
#[derive(Debug)]
pub struct Setting {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent.
    pub agent: String,
    /// Rises with each start.
    pub epoch: u64,
    /// Prefixes to keep, own networks.
    pub configuration: AgentConfiguration,
    /// Who is behind which local address.
    pub workloads: Workloads,
    /// Where remote addresses are.
    pub locator: Locator,
    /// Bounds of the flow table.
    pub limits: Limits,
}

/// Frames to observations.
#[derive(Debug)]
pub struct Observer {
    reader: FlowReader,
    view: View,
    minute: Option<i128>,
    /// When observations of new keys were last sent.
    told: Option<Timestamp>,
}

/// How a flow looks from our side.
#[derive(Debug)]
struct View {
    configuration: AgentConfiguration,
    workloads: Workloads,
    locator: Locator,
    windows: Windows,
}

// === impl FlowReader ===

impl FlowReader {
    /// No flows yet.
    pub fn new(limits: Limits) -> Self {
        Self { decoder: Decoder::new(), table: FlowTable::new(limits), shared: Shared::default() }
    }

    /// Takes a frame in; flows that end by it go to `out`.
    pub fn frame(&mut self, frame: &Frame<'_>, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        match self.decoder.decode(frame) {
            Decoded::Packet(packet) => self.table.packet(&packet, &mut self.shared, out),
            Decoded::NotIp => {}
        }
    }

    /// Lets time pass without a frame; flows that have ended by `now` go to `out`. A live source
    /// tells the time a few times a second.
    pub fn tick(&mut self, now: Timestamp, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        self.table.advance(now, out);
    }

    /// Ends all flows.
    pub fn finish(self, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        self.table.finish(out);
    }

    /// What was read so far, and everything odd about it.
    pub fn counters(&self) -> ReadCounters {
        ReadCounters { decoded: self.decoder.counters(), table: self.table.counters(), inspected: self.shared.counters }
    }
}

// === impl Observer ===

impl Observer {
    /// Nothing seen yet.
    pub fn new(setting: Setting) -> Self {
        let Setting { cluster, agent, epoch, configuration, workloads, locator, limits } = setting;
        let windows = Windows::new(Identity { cluster, agent, epoch, seq: 0 });
        let view = View { configuration, workloads, locator, windows };
        Self { reader: FlowReader::new(limits), view, minute: None, told: None }
    }

    /// Takes a frame in and returns the observations of minutes that are over.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Vec<Observation> {
        let minute = Window::minute(frame.at);
        let closed = match self.minute {
            Some(current) if minute > current => {
                self.flush(frame.at);
                self.view.windows.close_before(minute)
            }
            // The clock was set back. A single frame from the far future must not keep all later
            // windows open, nor gather the rest of the capture in one.
            Some(current) if minute < current - LATE_MINUTES => {
                self.flush(Timestamp::MAX);
                self.view.windows.close_all()
            }
            Some(current) => {
                self.take(frame, current);
                return Vec::new();
            }
            None => Vec::new(),
        };
        self.take(frame, minute);
        closed
    }

    /// Lets time pass without a frame, and returns the observations of minutes that are over and
    /// of what is new. A live source tells the time a few times a second; a capture file has no
    /// need to.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Observation> {
        let view = &mut self.view;
        self.reader.tick(now, &mut |record| view.record(record));
        let minute = Window::minute(now);
        let mut observations = Vec::new();
        if self.minute.is_some_and(|current| minute > current) {
            self.flush(now);
            observations = self.view.windows.close_before(minute);
            self.minute = Some(minute);
        }
        if self.told.is_none_or(|told| now.duration_since(told).abs() >= NEWS) {
            self.told = Some(now);
            self.report(now);
            observations.extend(self.view.windows.take_new());
        }
        observations
    }

    /// Frames were lost before they could be read.
    pub fn dropped(&mut self, at: Timestamp, frames: u64) {
        self.view.windows.dropped(Window::minute(at), frames);
    }

    /// Ends all flows and returns all observations that are left.
    pub fn finish(self) -> Vec<Observation> {
        let Self { reader, mut view, .. } = self;
        reader.finish(&mut |record| view.record(record));
        view.windows.close_all()
    }

    /// What was read so far, and everything odd about it.
    pub fn counters(&self) -> ReadCounters {
        self.reader.counters()
    }

    /// Takes a frame in, while `minute` is the newest.
    fn take(&mut self, frame: &Frame<'_>, minute: i128) {
        self.minute = Some(minute);
        let view = &mut self.view;
        self.reader.frame(frame, &mut |record| view.record(record));
    }

    /// A minute is over: adds to its windows what the flows under way did so far.
    fn flush(&mut self, now: Timestamp) {
        if let Err(error) = self.view.locator.refresh() {
            tracing::warn!(%error, "Location datasets could not be reloaded");
        }
        self.report(now);
    }

    /// Adds to the windows what the flows under way did so far.
    fn report(&mut self, now: Timestamp) {
        let view = &mut self.view;
        let unsettled_since = now.saturating_sub(UNSETTLED).unwrap_or(Timestamp::MIN);
        self.reader.table.flush_settled(unsettled_since, &mut |delta| view.delta(delta));
    }
}

// === impl View ===

impl View {
    /// What an ended flow had not reported yet.
    fn record(&mut self, record: FlowRecord<Inspection>) {
        let FlowRecord { key, unreported, truncated, mut inspection, .. } = record;
        inspection.finish();
        self.add(&key, unreported, truncated, &mut inspection);
    }

    fn delta(&mut self, delta: FlowDelta<'_, Inspection>) {
        let FlowDelta { key, delta, malformed: _, inspection } = delta;
        // Whether frames were cut off is told once, at the flow's end.
        self.add(key, delta, false, inspection);
    }

    fn add(&mut self, key: &FlowKey, delta: Delta, truncated: bool, inspection: &mut Inspection) {
        if delta.is_empty() {
            return;
        }
        let facts = inspection.facts();
        let mut own = Default::default();
        for HostFindings { host, findings } in inspection.take_findings() {
            // Further hosts of one connection get observations of their own, with no bytes: those
            // stand with the host of the flow, even in a minute whose messages went to others.
            match host.filter(|host| facts.host.as_ref() != Some(&host.name)) {
                None => own = findings,
                Some(Name { name, method }) => {
                    let facts = Facts { host: Some(name), host_method: method, ..facts.clone() };
                    let nothing = Delta { out: Counters::default(), back: Counters::default(), opened: false, ..delta };
                    self.contribute(key, nothing, facts, findings, Coverage::default());
                }
            }
        }
        let coverage = Coverage { frames_truncated: u64::from(truncated), ..Coverage::default() };
        self.contribute(key, delta, facts, own, coverage);
    }

    /// Adds a part of a flow, seen from our side, to its window.
    fn contribute(
        &mut self,
        key: &FlowKey,
        delta: Delta,
        facts: Facts,
        findings: [DirectionFindings; 2],
        coverage: Coverage,
    ) {
        let [found_out, found_back] = findings;
        let out = direction(delta.out, found_out, u64::from(delta.opened));
        let back = direction(delta.back, found_back, 0);
        let side = self.workloads.which_is_local(&self.configuration, key.src, key.dst);
        let (initiator, local, remote, sent, received) = match side {
            LocalSide::Initiator => (Initiator::Local, key.src, key.dst, out, back),
            LocalSide::Responder => (Initiator::Remote, key.dst, key.src, back, out),
        };
        let Facts { protocol, host, host_method, names, ech, tls, inspection } = facts;
        let window_key = WindowKey {
            local: Local::Workload(self.workloads.workload_of(local)),
            remote: self.configuration.truncate(remote),
            initiator,
            transport: key.transport,
            port: key.dst_port,
            protocol,
            host,
            host_method,
        };
        let contribution = Contribution {
            window: window(delta.start, delta.end),
            names,
            ech,
            tls,
            location: self.locator.locate(remote),
            sent,
            received,
            inspection,
            coverage,
        };
        self.windows.add(window_key, contribution);
    }
}

fn direction(counters: Counters, found: DirectionFindings, connections: u64) -> Direction {
    let Counters { bytes, packets } = counters;
    let DirectionFindings { findings, payload_bytes_seen } = found;
    Direction { bytes, packets, connections, messages: 0, findings, payload_bytes_seen }
}

/// The window of a delta. A flow's deltas are flushed when the minute rolls, so both ends lie in
/// one minute unless the clock stepped back; then the window is the end's.
fn window(start: Timestamp, end: Timestamp) -> Window {
    let window = Window { start, end };
    if window.is_valid() { window } else { Window::at(start.max(end)) }
}
