//! Flows seen from the local side: attributed, located, and added to their windows.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_observation::{AgentConfiguration, Coverage, Direction, Initiator, Name, Window};

use super::awaiting::{Awaiting, Part};
use crate::{
    attribution::{LocalSide, Workloads},
    flow::{Counters, Delta, FlowDelta, FlowRecord},
    inspect::{DirectionFindings, Facts, HostFindings, Inspection},
    locate::Locator,
    packet::FlowKey,
    windows::{Contribution, WindowKey, Windows},
};

/// Attributes and locates flows.
#[derive(Debug)]
pub(super) struct View {
    pub(super) configuration: AgentConfiguration,
    pub(super) workloads: Arc<Workloads>,
    pub(super) locator: Locator,
    pub(super) windows: Windows,
    pub(super) awaiting: Awaiting,
    /// IP bytes of link-local traffic.
    pub(super) link_bytes: u64,
}

// === impl View ===

impl View {
    /// Adds the unreported traffic of an ended flow.
    pub(super) fn record(&mut self, record: FlowRecord<Inspection>) {
        let FlowRecord { key, unreported, truncated, mut inspection, .. } = record;
        inspection.finish();
        let found = inspection.take_findings();
        self.add(&key, unreported, truncated, &inspection.facts(), found);
    }

    pub(super) fn delta(&mut self, delta: FlowDelta<'_, Inspection>) {
        let FlowDelta { key, delta, malformed: _, inspection } = delta;
        // Whether frames were truncated is reported once, at the flow's end. Findings in the payload of a SYN wait
        // until it is known whether the connection is accepted.
        let found = if delta.handshake.is_completed() { inspection.take_findings() } else { Vec::new() };
        self.add(key, delta, false, &inspection.facts(), found);
    }

    fn add(&mut self, key: &FlowKey, delta: Delta, truncated: bool, facts: &Facts, found: Vec<HostFindings>) {
        // A delta without packets matters at the end of a flow, which may complete a message and yield findings, or
        // show that nobody answered.
        if delta.is_empty() && found.is_empty() && !delta.one_sided {
            return;
        }
        // What counts is the network behind a NAT64 translator, not the translator.
        let [src, dst] = [key.src, key.dst].map(|address| self.locator.translation().original(address));
        let key = &FlowKey { src, dst, ..*key };
        if key.stays_on_link() || delta.stays_on_link() {
            self.link_bytes += delta.out.bytes + delta.back.bytes;
            return;
        }
        let mut own = Default::default();
        for HostFindings { host, findings } in found {
            // Further hosts of a connection get observations of their own without bytes. All bytes count for the flow's
            // host, even in a minute whose messages went to other hosts.
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

    /// Adds a part of a flow to its window, or lets it wait if its workload may become known in a moment.
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

    /// Adds the parts that have waited long enough or whose workload is known by now.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let Self { workloads, awaiting, .. } = self;
        let settled =
            awaiting.take(|Part { key, delta, .. }| workloads.is_awaited([key.src, key.dst], delta.start, now));
        for part in settled {
            self.add_part(part);
        }
    }

    /// Adds a part of a flow to its window, as seen from the local side.
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

    /// Adds the traffic of a part as seen from one end.
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

/// The window of a delta. Deltas are flushed at the end of a minute, so start and end are in the same minute, unless
/// the clock was set back: then the later instant determines the window.
fn window(start: Timestamp, end: Timestamp) -> Window {
    let window = Window { start, end };
    if window.is_valid() { window } else { Window::at(start.max(end)) }
}
