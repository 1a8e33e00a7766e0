//! Gathers deltas of flows into observations: one per key and minute.

mod held;

use std::{
    collections::{BTreeMap, HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
};

use ipnet::IpNet;
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, HostMethod, Identity, Initiator, Inspection, Local, LocationEvidence, Name,
    Observation, Protocol, Tls, Transport, Window,
};

use crate::inspect::add_finding;

/// Most names that an observation lists.
const MAX_NAMES: usize = 32;

/// What one observation is about; flows that agree in it share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    sent: Sent,
    /// Frames that were lost, by minute.
    dropped: BTreeMap<i128, u64>,
}

/// Which keys have left lately, by their hashes: two keys that share one cost a delay and no more.
#[derive(Debug, Default)]
struct Sent {
    hasher: RandomState,
    newest: HashMap<u64, i128>,
}

impl Windows {
    /// No windows; the first observation that leaves has the identity `first`.
    pub fn new(first: Identity) -> Self {
        Self { next: first, open: BTreeMap::new(), sent: Sent::default(), dropped: BTreeMap::new() }
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
        self.sent.note(&closed);
        self.sent.forget_before(minute - 1);
        let observations = self.number(closed);
        // A packet that is a little late opens its minute again.
        self.dropped = self.dropped.split_off(&(minute - 1));
        observations
    }

    /// What is open under keys of which nothing was sent in their minute or in the one before. What
    /// comes under them later are further deltas.
    pub fn take_new(&mut self) -> Vec<Observation> {
        let Self { open, sent, .. } = self;
        let mut news: BTreeMap<i128, BTreeMap<WindowKey, Vec<Contribution>>> = BTreeMap::new();
        for (&minute, keys) in open.iter_mut() {
            let new = keys.extract_if(.., |key, _| !sent.knows(key, minute)).collect();
            news.insert(minute, new);
        }
        sent.note(&news);
        self.number(news)
    }

    /// Frames were lost in a minute.
    pub fn dropped(&mut self, minute: i128, frames: u64) {
        *self.dropped.entry(minute).or_default() += frames;
    }

    /// Closes all windows.
    pub fn close_all(&mut self) -> Vec<Observation> {
        let closed = std::mem::take(&mut self.open);
        self.number(closed)
    }

    fn number(&mut self, closed: BTreeMap<i128, BTreeMap<WindowKey, Vec<Contribution>>>) -> Vec<Observation> {
        let mut observations = Vec::new();
        for (minute, keys) in closed {
            let frames_dropped = self.dropped.get(&minute).copied().unwrap_or_default();
            for (key, contributions) in keys {
                for mut contribution in contributions {
                    contribution.coverage.frames_dropped = frames_dropped;
                    let identity = self.next.clone();
                    self.next.seq += 1;
                    observations.push(observation(identity, key.clone(), contribution));
                }
            }
        }
        observations
    }
}

impl Sent {
    fn knows(&self, key: &WindowKey, minute: i128) -> bool {
        self.newest.get(&self.hasher.hash_one(key)).is_some_and(|newest| *newest >= minute - 1)
    }

    fn note(&mut self, keys: &BTreeMap<i128, BTreeMap<WindowKey, Vec<Contribution>>>) {
        for (&minute, keys) in keys {
            for key in keys.keys() {
                let newest = self.newest.entry(self.hasher.hash_one(key)).or_insert(minute);
                *newest = minute.max(*newest);
            }
        }
    }

    fn forget_before(&mut self, minute: i128) {
        self.newest.retain(|_, newest| *newest >= minute);
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
