//! The way through the agent: frames in, flow records or observations out.

mod awaiting;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{AgentConfiguration, Coverage, Direction, Identity, Initiator, Name, Observation, Window};

use crate::{
    attribution::{LocalSide, Workloads},
    decode::{DecodeCounters, Decoded, Decoder, FrameKinds},
    flow::{Counters, Delta, FlowDelta, FlowRecord, FlowTable, TableCounters},
    fragments::{FragmentCounters, FragmentLimits, Reassembler},
    inspect::{Detectors, DirectionFindings, Facts, HostFindings, InspectCounters, Inspection, Shared},
    link_addresses,
    locate::Locator,
    names::{NameCounters, Names},
    packet::FlowKey,
    source::Frame,
    translation::Translation,
    windows::{Contribution, WindowKey, Windows},
};

use self::awaiting::{Awaiting, Part};
pub use crate::flow::Limits;

/// How many minutes behind the newest frame others may be, as frames of several interfaces are, without
/// being taken for a clock that was set back.
const LATE_MINUTES: i128 = 1;
/// How often observations of new keys leave where somebody tells the time.
const NEWS: SignedDuration = SignedDuration::from_millis(500);
/// How long a flow that has not shown its host yet is left out of reports, so that its first packets
/// do not pass for traffic with an unnamed party. With the above, a new key is sent within 2 s.
const UNSETTLED: SignedDuration = SignedDuration::from_millis(1250);

/// Of the memory for flows, names may take so much. A name learnt takes about as much as a small flow.
const FOR_NAMES: usize = 8;
/// Of the memory for flows, parts of datagrams may take so much; more than [`FragmentLimits::default`] is of no use.
const FOR_FRAGMENTS: usize = 32;

/// Frames to flow records: decoder, flow table and inspection.
#[derive(Debug)]
pub struct FlowReader {
    decoder: Decoder,
    fragments: Reassembler,
    table: FlowTable<Inspection>,
    shared: Shared,
}

/// What was read, and everything odd about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadCounters {
    /// Frames and packets.
    pub decoded: DecodeCounters,
    /// Frames that are no packets, by what they are.
    pub not_ip: FrameKinds,
    /// Fragmented datagrams.
    pub fragments: FragmentCounters,
    /// Flows.
    pub table: TableCounters,
    /// Payload that could not be read.
    pub inspected: InspectCounters,
    /// Names learnt by DNS.
    pub names: NameCounters,
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
    held: Held,
}

/// Whether observations may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    No,
    Yes,
    /// They may again, and some that wait belong to minutes that may never be over.
    Ended,
}

/// How a flow looks from our side.
#[derive(Debug)]
struct View {
    configuration: AgentConfiguration,
    workloads: Arc<Workloads>,
    locator: Locator,
    windows: Windows,
    awaiting: Awaiting,
    /// IP bytes of what stays on its link.
    link_bytes: u64,
}

// === impl FlowReader ===

impl FlowReader {
    /// No flows yet, of clients of which nothing is known beforehand.
    pub fn new(limits: Limits) -> Self {
        Self::knowing(limits, Arc::default(), Translation::default())
    }

    /// No flows yet, of clients and translators that are known.
    pub fn knowing(limits: Limits, workloads: Arc<Workloads>, translation: Translation) -> Self {
        let Limits { memory_bytes, .. } = limits;
        let most = FragmentLimits::default();
        let of_fragments = most.memory_bytes.min(memory_bytes / FOR_FRAGMENTS);
        let limits = Limits { memory_bytes: memory_bytes - of_fragments, ..limits };
        Self {
            decoder: Decoder::new(),
            fragments: Reassembler::new(FragmentLimits { memory_bytes: of_fragments, ..most }),
            table: FlowTable::new(limits),
            shared: Shared::new(Names::new(memory_bytes / FOR_NAMES, workloads, translation)),
        }
    }

    /// For those who do not ask the flows for findings: bodies are passed over. To be called before the first frame.
    #[must_use]
    pub fn without_detectors(self) -> Self {
        Self { shared: self.shared.with(Detectors::Off), ..self }
    }

    /// Takes a frame in; flows that end by it go to `out`.
    pub fn frame(&mut self, frame: &Frame<'_>, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        match self.decoder.decode(frame) {
            Decoded::Packet(mut packet) => {
                packet.link_broadcast = frame.is_broadcast();
                packet.link = link_addresses::ends(frame);
                let packet = self.fragments.take(packet);
                self.table.packet(&packet, &mut self.shared, out);
            }
            Decoded::NotIp(_) => {}
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
        ReadCounters {
            decoded: self.decoder.counters(),
            not_ip: self.decoder.not_ip().clone(),
            fragments: self.fragments.counters(),
            table: self.table.counters(),
            inspected: self.shared.counters,
            names: self.shared.names.counters(),
        }
    }
}

// === impl Observer ===

impl Observer {
    /// Nothing seen yet.
    pub fn new(setting: Setting) -> Self {
        let Setting { cluster, agent, epoch, configuration, workloads, locator, limits } = setting;
        let windows = Windows::new(Identity { cluster, agent, epoch, seq: 0 });
        let workloads = Arc::new(workloads);
        let reader = FlowReader::knowing(limits, Arc::clone(&workloads), locator.translation().clone());
        let view = View { configuration, workloads, locator, windows, awaiting: Awaiting::default(), link_bytes: 0 };
        Self { reader, view, minute: None, told: None, held: Held::No }
    }

    /// Takes a frame in and returns the observations of minutes that are over.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Vec<Observation> {
        let minute = Window::minute(frame.at);
        let closed = match self.minute {
            Some(current) if minute > current => {
                self.flush(frame.at);
                self.close_before(minute)
            }
            // The clock was set back. A single frame from the far future must not keep all later
            // windows open, nor gather the rest of the capture in one.
            Some(current) if minute < current - LATE_MINUTES => {
                self.flush(Timestamp::MAX);
                self.close_all()
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
            observations = self.close_before(minute);
            self.minute = Some(minute);
        }
        if self.held == Held::Ended {
            self.held = Held::No;
            observations.extend(self.view.windows.close_all());
        }
        if self.told.is_none_or(|told| now.duration_since(told).abs() >= NEWS) {
            self.told = Some(now);
            self.report(now);
            if self.held == Held::No {
                observations.extend(self.view.windows.take_new());
            }
        }
        observations
    }

    /// Frames were lost before they could be read.
    pub fn dropped(&mut self, at: Timestamp, frames: u64) {
        self.view.windows.dropped(Window::minute(at), frames);
    }

    /// Keeps observations back, or lets them go again. What is kept back merges with exact bytes: minutes that are
    /// far behind are not told apart.
    pub fn hold(&mut self, held: bool) {
        self.held = match (held, self.held) {
            (true, _) => Held::Yes,
            (false, Held::No) => Held::No,
            (false, _) => Held::Ended,
        };
    }

    /// Takes other settings; windows that are open stay as they are.
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

    /// What was read so far, and everything odd about it.
    pub fn counters(&self) -> ReadCounters {
        self.reader.counters()
    }

    /// How often a part of a flow was added to an observation without a remote, for want of keys.
    pub fn merged(&self) -> u64 {
        self.view.windows.merged()
    }

    /// How often a name was left out of an observation, which lists a bounded number of them.
    pub fn names_left_out(&self) -> u64 {
        self.view.windows.names_left_out()
    }

    /// IP bytes that stand in no observation, because nobody beyond their link receives them. With those of the
    /// observations they are all that was taken in.
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
        view.settle(now);
    }
}

// === impl View ===

impl View {
    /// What an ended flow had not reported yet.
    fn record(&mut self, record: FlowRecord<Inspection>) {
        let FlowRecord { key, unreported, truncated, mut inspection, .. } = record;
        inspection.finish();
        let found = inspection.take_findings();
        self.add(&key, unreported, truncated, &inspection.facts(), found);
    }

    fn delta(&mut self, delta: FlowDelta<'_, Inspection>) {
        let FlowDelta { key, delta, malformed: _, inspection } = delta;
        // Whether frames were cut off is told once, at the flow's end.
        // What a SYN carries waits with it: whether anybody accepts it is yet to be seen.
        let found = if delta.handshake.is_completed() { inspection.take_findings() } else { Vec::new() };
        self.add(key, delta, false, &inspection.facts(), found);
    }

    fn add(&mut self, key: &FlowKey, delta: Delta, truncated: bool, facts: &Facts, found: Vec<HostFindings>) {
        // The end of a flow may show what a message without an end carried, after its last packet was reported.
        // So is it known only then that nobody answered.
        if delta.is_empty() && found.is_empty() && !delta.one_sided {
            return;
        }
        // The network behind a translator counts, with its prefixes and places, and not the translator.
        let [src, dst] = [key.src, key.dst].map(|address| self.locator.translation().original(address));
        let key = &FlowKey { src, dst, ..*key };
        if key.stays_on_link() || delta.stays_on_link() {
            self.link_bytes += delta.out.bytes + delta.back.bytes;
            return;
        }
        let mut own = Default::default();
        for HostFindings { host, findings } in found {
            // Further hosts of one connection get observations of their own, with no bytes: those
            // stand with the host of the flow, even in a minute whose messages went to others.
            match host.filter(|host| facts.host.as_ref() != Some(&host.name)) {
                None => own = findings,
                Some(Name { name, method }) => {
                    let facts = Facts { host: Some(name), host_method: method, ..facts.clone() };
                    self.contribute(key, delta.without_bytes(), facts, findings, Coverage::default());
                }
            }
        }
        let frames_truncated = u64::from(truncated);
        let coverage = Coverage { frames_truncated, one_sided: delta.one_sided, ..Coverage::default() };
        self.contribute(key, delta, facts.clone(), own, coverage);
    }

    /// Adds a part of a flow to its window, unless it is yet to be seen whose it is.
    fn contribute(
        &mut self,
        key: &FlowKey,
        delta: Delta,
        facts: Facts,
        findings: [DirectionFindings; 2],
        coverage: Coverage,
    ) {
        let part = Part { key: *key, delta, facts, findings, coverage };
        let is_awaited = self.workloads.is_awaited([key.src, key.dst], delta.start, delta.end);
        let settled = if is_awaited { self.awaiting.push(part) } else { Some(part) };
        if let Some(part) = settled {
            self.add_part(part);
        }
    }

    /// Adds the parts that have waited for long enough, or need not any more.
    fn settle(&mut self, now: Timestamp) {
        let Self { workloads, awaiting, .. } = self;
        let settled =
            awaiting.take(|Part { key, delta, .. }| workloads.is_awaited([key.src, key.dst], delta.start, now));
        for part in settled {
            self.add_part(part);
        }
    }

    /// Adds a part of a flow, seen from our side, to its window.
    fn add_part(&mut self, part: Part) {
        let Part { key, delta, .. } = part;
        let side = self.workloads.which_is_local(&self.configuration, key.src, key.dst, delta.start);
        let holds_both = self.workloads.holds_both_ends(key.src, key.dst, delta.start);
        let other = if holds_both { part.for_other_end() } else { None };
        self.add_end(side, part);
        if let Some(part) = other {
            self.add_end(side.opposite(), part);
        }
    }

    /// Adds what one end of a flow sent and received.
    fn add_end(&mut self, side: LocalSide, part: Part) {
        let Part { key, delta, facts, findings, coverage } = part;
        let [found_out, found_back] = findings;
        let out = direction(delta.out, found_out, u64::from(delta.opened));
        let back = direction(delta.back, found_back, 0);
        let (initiator, local, remote, sent, received) = match side {
            LocalSide::Initiator => (Initiator::Local, key.src, key.dst, out, back),
            LocalSide::Responder => (Initiator::Remote, key.dst, key.src, back, out),
        };
        let Facts { protocol, host, host_method, names, ech, tls, inspection, reader } = facts;
        let truncated = self.configuration.truncate(remote);
        let window_key = WindowKey {
            local: self.workloads.workload_of(local, delta.start, sent.bytes + received.bytes).into(),
            remote: truncated,
            outside: self.configuration.outside(truncated),
            initiator,
            transport: key.transport,
            port: key.dst_port,
            protocol,
            host,
            host_method,
            handshake: delta.handshake,
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
            reader,
            coverage,
        };
        self.windows.add(window_key, contribution);
    }
}

fn direction(counters: Counters, found: DirectionFindings, connections: u64) -> Direction {
    let Counters { bytes, packets } = counters;
    let DirectionFindings { findings, payload_bytes_seen } = found;
    Direction { bytes, packets, connections, findings, payload_bytes_seen, ..Direction::default() }
}

/// The window of a delta. A flow's deltas are flushed when the minute rolls, so both ends lie in
/// one minute unless the clock stepped back; then the window is the end's.
fn window(start: Timestamp, end: Timestamp) -> Window {
    let window = Window { start, end };
    if window.is_valid() { window } else { Window::at(start.max(end)) }
}

#[cfg(test)]
mod tests;
