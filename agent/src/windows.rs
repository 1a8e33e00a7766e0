//! Aggregates flow deltas into observations: one per key and minute.

mod held;
mod keys;
mod party;

use std::collections::BTreeMap;

use ipnet::IpNet;
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, Handshake, HostMethod, Identity, Initiator, Inspection, Local,
    LocationEvidence, Name, Observation, Protocol, Tls, Transport, Window,
};

use self::keys::{Keys, anonymous, other};
pub use self::party::Party;
use crate::inspect::add_finding;

/// Maximum number of names in an observation.
const MAX_NAMES: usize = 32;

/// The key of an observation; flows with equal keys share one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowKey {
    /// The local side.
    pub local: Party,
    /// The remote side, its address truncated.
    pub remote: IpNet,
    /// Prefixes that must not be truncated and do not contain it.
    pub outside: Vec<IpNet>,
    /// Which side opened the flow.
    pub initiator: Initiator,
    /// Transport protocol.
    pub transport: Transport,
    /// Port of the responder.
    pub port: u16,
    /// Application protocol.
    pub protocol: Protocol,
    /// Best name of the remote.
    pub host: Option<String>,
    /// How it is known.
    pub host_method: HostMethod,
    /// Outcome of the handshake. Attempts and connections have separate observations, because an observation is judged
    /// as a whole.
    pub handshake: Handshake,
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
    /// What was negotiated in TLS.
    pub tls: Option<Tls>,
    /// Evidence about the location of the remote.
    pub location: Vec<LocationEvidence>,
    /// Sent by the local side.
    pub sent: Direction,
    /// Received by the local side.
    pub received: Direction,
    /// How far the payload could be inspected.
    pub inspection: Inspection,
    /// The protocol whose reader inspected it.
    pub reader: Option<Protocol>,
    /// What may have been missed.
    pub coverage: Coverage,
}

/// The open windows, and the identity of the next observation.
#[derive(Debug)]
pub struct Windows {
    next: Identity,
    open: BTreeMap<i128, Open>,
    keys: Keys,
    /// Contributions that were added to an observation without a remote.
    merged: u64,
    /// Names that were left out because an observation had too many.
    names_left_out: u64,
    /// Dropped frames by minute.
    dropped: BTreeMap<i128, u64>,
}

/// The windows of a minute: for each key, one for each location of the remote.
type Open = BTreeMap<WindowKey, Vec<Contribution>>;

impl Windows {
    /// Without windows; the first observation gets the identity `first`.
    pub fn new(first: Identity) -> Self {
        Self {
            next: first,
            open: BTreeMap::new(),
            keys: Keys::default(),
            merged: 0,
            names_left_out: 0,
            dropped: BTreeMap::new(),
        }
    }

    /// Adds the traffic of a flow within one minute. Flows whose location evidence differs (two addresses of one
    /// prefix) get separate observations. Traffic beyond the maximum number of keys is added to an observation without
    /// a remote.
    pub fn add(&mut self, key: WindowKey, mut contribution: Contribution) {
        self.names_left_out += contribution.names.len().saturating_sub(MAX_NAMES) as u64;
        contribution.names.truncate(MAX_NAMES);
        debug_assert!(contribution.window.is_valid());
        let minute = Window::minute(contribution.window.start);
        if !self.open.contains_key(&minute) {
            self.keys.begin(minute, |other| self.open.contains_key(&other));
        }
        self.put(minute, key, contribution);
    }

    /// How often a contribution was added to an observation without a remote.
    pub fn merged(&self) -> u64 {
        self.merged
    }

    /// How often a name was left out of an observation, whose number of names is bounded.
    pub fn names_left_out(&self) -> u64 {
        self.names_left_out
    }

    /// Closes the windows of all minutes before `minute`.
    pub fn close_before(&mut self, minute: i128) -> Vec<Observation> {
        let later = self.open.split_off(&minute);
        let closed = std::mem::replace(&mut self.open, later);
        let observations = self.number(closed);
        // A packet that is slightly late reopens its minute.
        self.dropped = self.dropped.split_off(&(minute - 1));
        observations
    }

    /// The observations of open windows whose keys were not sent in their minute or an adjacent one. Later traffic
    /// under these keys becomes further deltas.
    pub fn take_new(&mut self) -> Vec<Observation> {
        let Self { open, keys: known, .. } = self;
        let mut news = BTreeMap::new();
        for (&minute, keys) in open.iter_mut() {
            let new: Open = keys.extract_if(.., |key, _| !known.is_sent(minute, key)).collect();
            news.insert(minute, new);
        }
        self.number(news)
    }

    /// Counts frames that were dropped in a minute.
    pub fn dropped(&mut self, minute: i128, frames: u64) {
        *self.dropped.entry(minute).or_default() += frames;
    }

    /// Closes all windows.
    pub fn close_all(&mut self) -> Vec<Observation> {
        let closed = std::mem::take(&mut self.open);
        self.number(closed)
    }

    /// Adds to a minute that is open.
    fn put(&mut self, minute: i128, key: WindowKey, contribution: Contribution) {
        let open = self.open.entry(minute).or_default();
        let same_place = open.get_mut(&key).and_then(|places| at(places, &contribution.location));
        if let Some(known) = same_place {
            self.names_left_out += known.merge(contribution);
        } else if self.keys.admit(minute, &key, &contribution.location) {
            open.entry(key).or_default().push(contribution);
        } else {
            self.merged += 1;
            add_to(open, other(key), anonymous(contribution));
        }
    }

    fn number(&mut self, closed: BTreeMap<i128, Open>) -> Vec<Observation> {
        let mut observations = Vec::new();
        for (minute, keys) in closed {
            let frames_dropped = self.dropped.get(&minute).copied().unwrap_or_default();
            for (key, contributions) in keys {
                self.keys.send(minute, &key);
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

fn at<'a>(places: &'a mut [Contribution], location: &[LocationEvidence]) -> Option<&'a mut Contribution> {
    places.iter_mut().find(|contribution| contribution.location == location)
}

fn add_to(open: &mut Open, key: WindowKey, contribution: Contribution) {
    let places = open.entry(key).or_default();
    match at(places, &contribution.location) {
        Some(known) => drop(known.merge(contribution)),
        None => places.push(contribution),
    }
}

impl Contribution {
    /// Adds another; returns how many of its names were left out.
    fn merge(&mut self, other: Self) -> u64 {
        let Self { window, names, ech, tls, location: _, sent, received, inspection, reader, coverage } = other;
        self.window.include(window.start);
        self.window.include(window.end);
        let mut left_out = 0;
        for name in names {
            if self.names.contains(&name) {
                continue;
            }
            if self.names.len() < MAX_NAMES {
                self.names.push(name);
            } else {
                left_out += 1;
            }
        }
        self.ech |= ech;
        self.tls = weaker(self.tls.take(), tls);
        merge(&mut self.sent, sent);
        merge(&mut self.received, received);
        self.inspection = self.inspection.min(inspection);
        self.reader = self.reader.take().or(reader);
        self.coverage.samples_dropped += coverage.samples_dropped;
        self.coverage.frames_truncated += coverage.frames_truncated;
        self.coverage.one_sided |= coverage.one_sided;
        left_out
    }
}

/// Of two negotiations the one with the lower version, because the weaker one must not be hidden.
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
    let Direction { bytes, estimated, packets, connections, messages, findings, payload_bytes_seen } = from;
    into.bytes += bytes;
    into.estimated |= estimated;
    into.packets += packets;
    into.connections += connections;
    into.messages += messages;
    into.payload_bytes_seen += payload_bytes_seen;
    for finding in findings {
        add_finding(&mut into.findings, finding);
    }
}

fn observation(identity: Identity, key: WindowKey, contribution: Contribution) -> Observation {
    let WindowKey { local, remote, outside, initiator, transport, port, protocol, host, host_method, handshake } = key;
    let Contribution { window, names, ech, tls, location, sent, received, inspection, reader, coverage } = contribution;
    Observation {
        identity,
        window,
        local: Local::Workload(local.workload().clone()),
        remote: Endpoint::Address { address: remote, outside },
        initiator,
        channel: Channel { transport, port, protocol, host, host_method, names, ech, tls },
        location,
        sent,
        received,
        inspection,
        reader,
        handshake,
        coverage,
    }
}

#[cfg(test)]
mod tests;
