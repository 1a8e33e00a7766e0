//! Gathers deltas of flows into observations: one per key and minute.

use std::collections::BTreeMap;

use ipnet::IpNet;
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, HostMethod, Identity, Initiator, Inspection, Local, LocationEvidence, Name,
    Observation, Protocol, Tls, Transport, Window,
};

use crate::inspect::add_finding;

/// Most names that an observation lists.
const MAX_NAMES: usize = 32;

/// What one observation is about; flows that agree in it share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowKey {
    /// Our side.
    pub local: Local,
    /// The other side, truncated.
    pub remote: IpNet,
    /// Which side began.
    pub initiator: Initiator,
    /// Transport.
    pub transport: Transport,
    /// Port of the responder.
    pub port: u16,
    /// Application protocol.
    pub protocol: Protocol,
    /// Best name of the remote.
    pub host: Option<String>,
    /// How it is known.
    pub host_method: HostMethod,
}

/// What a flow adds to its observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// When.
    pub window: Window,
    /// All names seen on the flow.
    pub names: Vec<Name>,
    /// Whether the ClientHello was encrypted.
    pub ech: bool,
    /// What TLS negotiated.
    pub tls: Option<Tls>,
    /// Evidence about the remote's place.
    pub location: Vec<LocationEvidence>,
    /// From our side.
    pub sent: Direction,
    /// To our side.
    pub received: Direction,
    /// How far the payload could be read.
    pub inspection: Inspection,
    /// What may have been missed.
    pub coverage: Coverage,
}

/// The windows that are open, and the identity of what leaves them.
#[derive(Debug)]
pub struct Windows {
    next: Identity,
    open: BTreeMap<i128, BTreeMap<WindowKey, Vec<Contribution>>>,
}

impl Windows {
    /// No windows; the first observation that leaves has the identity `first`.
    pub fn new(first: Identity) -> Self {
        Self { next: first, open: BTreeMap::new() }
    }

    /// Adds what a flow did within one minute. Flows whose location evidence differs (two
    /// addresses of one prefix) get observations of their own.
    pub fn add(&mut self, key: WindowKey, mut contribution: Contribution) {
        contribution.names.truncate(MAX_NAMES);
        debug_assert!(contribution.window.is_valid());
        let minute = Window::minute(contribution.window.start);
        let same_place = self.open.entry(minute).or_default().entry(key).or_default();
        match same_place.iter_mut().find(|other| other.location == contribution.location) {
            Some(other) => other.merge(contribution),
            None => same_place.push(contribution),
        }
    }

    /// Closes the windows of all minutes before `minute`.
    pub fn close_before(&mut self, minute: i128) -> Vec<Observation> {
        let later = self.open.split_off(&minute);
        let closed = std::mem::replace(&mut self.open, later);
        self.number(closed)
    }

    /// Closes all windows.
    pub fn close_all(&mut self) -> Vec<Observation> {
        let closed = std::mem::take(&mut self.open);
        self.number(closed)
    }

    fn number(&mut self, closed: BTreeMap<i128, BTreeMap<WindowKey, Vec<Contribution>>>) -> Vec<Observation> {
        closed
            .into_values()
            .flatten()
            .flat_map(|(key, contributions)| contributions.into_iter().map(move |one| (key.clone(), one)))
            .map(|(key, contribution)| {
                let identity = self.next.clone();
                self.next.seq += 1;
                observation(identity, key, contribution)
            })
            .collect()
    }
}

impl Contribution {
    fn merge(&mut self, other: Self) {
        let Self { window, names, ech, tls, location: _, sent, received, inspection, coverage } = other;
        self.window.include(window.start);
        self.window.include(window.end);
        for name in names {
            if self.names.len() < MAX_NAMES && !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        self.ech |= ech;
        self.tls = weaker(self.tls.take(), tls);
        merge(&mut self.sent, sent);
        merge(&mut self.received, received);
        if inspection != Inspection::Opaque {
            self.inspection = inspection;
        }
        self.coverage.samples_dropped += coverage.samples_dropped;
        self.coverage.frames_truncated += coverage.frames_truncated;
    }
}

/// Of two negotiations the one with the lower version: what must not be hidden is the weaker one.
fn weaker(a: Option<Tls>, b: Option<Tls>) -> Option<Tls> {
    match (a, b) {
        (Some(a), Some(b)) => match (a.version, b.version) {
            (Some(x), Some(y)) if y < x => Some(b),
            (None, Some(_)) => Some(b),
            _ => Some(a),
        },
        (a, b) => a.or(b),
    }
}

fn merge(into: &mut Direction, from: Direction) {
    let Direction { bytes, packets, connections, messages, findings, payload_bytes_seen } = from;
    into.bytes += bytes;
    into.packets += packets;
    into.connections += connections;
    into.messages += messages;
    into.payload_bytes_seen += payload_bytes_seen;
    for finding in findings {
        add_finding(&mut into.findings, finding);
    }
}

fn observation(identity: Identity, key: WindowKey, contribution: Contribution) -> Observation {
    let WindowKey { local, remote, initiator, transport, port, protocol, host, host_method } = key;
    let Contribution { window, names, ech, tls, location, sent, received, inspection, coverage } = contribution;
    Observation {
        identity,
        window,
        local,
        remote: Endpoint::Address { address: remote },
        initiator,
        channel: Channel { transport, port, protocol, host, host_method, names, ech, tls },
        location,
        sent,
        received,
        inspection,
        coverage,
    }
}

#[cfg(test)]
mod tests;
