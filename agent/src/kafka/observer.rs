//! Turns what is read of a cluster into observations: one for each topic, party and minute.
//!
//! ```text
//! landings ─► parties: brokers with a replica, readers, copies, sinks ─┐
//! progress ─► contents: what was read in the minute ───────────────────┴─► Observation of each topic and party
//! ```
//!
//! Kafka does not tell how much a reader fetches. What is known is what a topic holds and who has access to it: each party is
//! taken to get what was written, so that its bytes are an estimate, and every kind of data that the messages hold.

mod contents;
mod parties;
mod reading;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use jiff::Timestamp;
use landfall_observation::{
    BusName, Channel, Coverage, DataCategory, Direction, Endpoint, Finding, Handshake, HostMethod, Identity, Initiator,
    Inspection, Local, LocationEvidence, Observation, Protocol, Topic, TopicSelector, Transport, Window,
};

use self::{
    contents::Contents,
    parties::{Access, parties},
    reading::Reading,
};
pub use self::{
    parties::parties_of,
    reading::{AccountedPosition, TopicPositions},
};
use super::{
    landing::LandingGraph,
    sampler::{
        Event, Progress, Share, is_read,
        report::{DeclaredByTopic, Started},
    },
};
use crate::locate::Locator;

/// What is observed, and as whom.
#[derive(Debug)]
pub struct BusObserverConfig {
    /// The identity of the first observation.
    pub first: Identity,
    /// The MessageBus, or the name that stands for a bus without one.
    pub bus: BusName,
    /// The id that the cluster must have, if one is given; of another cluster nothing is observed.
    pub cluster_id: Option<String>,
    /// The topics.
    pub topics: Vec<TopicSelector>,
    /// Which of their partitions are read; a topic without one is observed by other agents.
    pub share: Option<Share>,
    /// Whether messages come by TLS.
    pub is_encrypted: bool,
    /// The locations of clients and brokers whose address is known.
    pub locator: Locator,
}

/// Observes the topics of a cluster.
#[derive(Debug)]
pub struct BusObserver {
    expected_cluster: Option<String>,
    selectors: Vec<TopicSelector>,
    share: Option<Share>,
    topics: BTreeMap<String, ObservedTopic>,
    declared: DeclaredByTopic,
    minute: Option<i128>,
    reporter: Reporter,
}

/// Makes observations of topics.
#[derive(Debug)]
struct Reporter {
    next: Identity,
    bus: BusName,
    is_encrypted: bool,
    locator: Locator,
    /// The cluster's id, once landings have told it; nothing is reported before.
    cluster_id: Option<String>,
}

/// A topic.
#[derive(Debug, Default)]
struct ObservedTopic {
    /// Who has access, and whether that was already reported.
    parties: BTreeMap<Access, bool>,
    /// What was read since the last report.
    contents: Contents,
    /// Categories that its schemas declare.
    declared: BTreeSet<DataCategory>,
    /// Each kind of data that was found so far, for parties that appear later.
    known: Vec<Finding>,
    /// How far its partitions are read.
    reading: Reading,
    /// Whether partitions of it are read although no landings have named it so far.
    is_awaited: bool,
}

// === impl BusObserver ===

impl BusObserver {
    /// Without topics; landings bring them.
    pub fn new(config: BusObserverConfig) -> Self {
        let BusObserverConfig { first, bus, cluster_id, topics, share, is_encrypted, locator } = config;
        let reporter = Reporter { next: first, bus, is_encrypted, locator, cluster_id: None };
        let (topics, selectors, declared) = (BTreeMap::new(), topics, DeclaredByTopic::new());
        Self { expected_cluster: cluster_id, selectors, share, topics, declared, minute: None, reporter }
    }

    /// Goes on where an earlier observer was: what is read from there on was not accounted for.
    pub fn resume(&mut self, positions: &TopicPositions) {
        for (topic, partitions) in positions {
            let topic = self.topics.entry(topic.clone()).or_default();
            topic.reading = Reading::resume(partitions);
            topic.is_awaited = true;
        }
    }

    /// Up to where the returned observations account for each partition. What was read beyond is in none of them yet.
    pub fn positions(&self) -> TopicPositions {
        let topics = self.topics.iter().filter(|(_, topic)| !topic.reading.is_empty());
        topics.map(|(name, topic)| (name.clone(), topic.reading.accounted())).collect()
    }

    /// The cluster's id, once it is known; nothing is observed before.
    pub fn cluster_id(&self) -> Option<&str> {
        self.reporter.cluster_id.as_deref()
    }

    /// The locations of clients and brokers.
    pub fn locator(&self) -> &Locator {
        &self.reporter.locator
    }

    /// Takes what happens, and returns the observations of minutes that are over, of parties that appeared and of kinds of
    /// data that are new in their topic.
    pub fn take(&mut self, event: &Event<'_>, now: Timestamp) -> Vec<Observation> {
        let minute = Window::minute(now);
        let is_over = self.minute.is_some_and(|current| current != minute);
        self.minute = Some(minute);
        // What was read in the last minute must not be counted in this one.
        let mut observations = if is_over { self.end_minute(now) } else { Vec::new() };
        match event {
            Event::Declared(declared) => self.declared.clone_from(declared),
            Event::Landings(graph) => {
                self.landings(graph, now);
                let Self { topics, reporter, .. } = self;
                for (name, topic) in topics {
                    reporter.report(name, topic, topic.holds_more_than_known(), now, &mut observations);
                }
            }
            Event::Progress(progress) => self.progress(progress, now, &mut observations),
            Event::Started(partitions) => self.started(partitions),
            Event::Process(_)
            | Event::Cluster(_)
            | Event::Lag(_)
            | Event::Alive
            | Event::Problem(_)
            | Event::Unread(_)
            | Event::Ended(_) => {}
        }
        observations
    }

    /// Returns what is left, and accounts for all that was read.
    pub fn finish(&mut self, now: Timestamp) -> Vec<Observation> {
        self.end_minute(now)
    }

    /// The observations of what was read since the last ones.
    fn end_minute(&mut self, now: Timestamp) -> Vec<Observation> {
        let Self { topics, reporter, .. } = self;
        if let Err(error) = reporter.locator.refresh() {
            tracing::warn!(%error, "Failed to reload the location datasets");
        }
        let mut observations = Vec::new();
        for (name, topic) in topics {
            reporter.report(name, topic, true, now, &mut observations);
        }
        observations
    }

    /// Takes over who has access to each topic now.
    fn landings(&mut self, graph: &LandingGraph, now: Timestamp) {
        let Some(cluster_id) = &graph.cluster_id else { return };
        if self.expected_cluster.as_ref().is_some_and(|expected| expected != cluster_id) {
            return;
        }
        self.reporter.cluster_id = Some(cluster_id.clone());
        let mut before = std::mem::take(&mut self.topics);
        for (name, accesses) in parties(graph) {
            let partitions = graph.topics.get(&name).map_or(0, |topic| topic.partitions);
            let has_part = |share: Share| share.has_any(&name, partitions);
            if !is_read(&name, &self.selectors, now) || !self.share.is_none_or(has_part) {
                continue;
            }
            let mut topic = before.remove(&name).unwrap_or_default();
            // Whoever was away appears anew: what was written meanwhile was not for it.
            let reported = std::mem::take(&mut topic.parties);
            let known = |access: &Access| reported.get(access).copied().unwrap_or_default();
            topic.declared = self.declared.get(&name).cloned().unwrap_or_default();
            topic.parties = accesses.into_iter().map(|access| (access.clone(), known(&access))).collect();
            self.topics.insert(name, topic);
        }
        // Of a topic that is gone nobody gets anything any more; one that is read already is in the next landings.
        let awaited = before.into_iter().filter(|(_, topic)| topic.parties.is_empty() && topic.is_awaited);
        self.topics.extend(awaited);
    }

    fn started(&mut self, partitions: &[Started]) {
        for Started { topic, partition, begin, end } in partitions {
            let topic = self.topics.entry(topic.clone()).or_default();
            topic.is_awaited = true;
            topic.reading.start(*partition, *begin, *end);
        }
    }

    /// Takes over what was read of a topic. A kind of data that is new in it is reported at once.
    fn progress(&mut self, progress: &Progress, now: Timestamp, observations: &mut Vec<Observation>) {
        let topic = self.topics.entry(progress.topic.clone()).or_default();
        let is_old = topic.reading.advance(progress);
        topic.contents.add(progress, is_old, now);
        if topic.contents.is_empty() {
            topic.reading.account();
        }
        self.reporter.report(&progress.topic, topic, topic.holds_more_than_known(), now, observations);
    }
}

impl ObservedTopic {
    /// Whether a kind of data was read that was not reported yet.
    fn holds_more_than_known(&self) -> bool {
        self.contents.brings_more_than(&self.known)
    }
}

// === impl Reporter ===

impl Reporter {
    /// Adds the observations of a topic's new parties and, if its contents are `due`, of the others.
    fn report(
        &mut self,
        name: &str,
        topic: &mut ObservedTopic,
        due: bool,
        now: Timestamp,
        observations: &mut Vec<Observation>,
    ) {
        let Self { next, bus, is_encrypted, locator, cluster_id: Some(cluster_id) } = self else { return };
        let is_due = due && !topic.contents.is_empty() && !topic.parties.is_empty();
        let contents = if is_due { std::mem::take(&mut topic.contents) } else { Contents::default() };
        if is_due {
            topic.reading.account();
        }
        contents.add_to(&mut topic.known);
        let inspection = match (topic.known.is_empty() && contents.is_empty(), *is_encrypted) {
            // Nothing was read so far.
            (true, _) => Inspection::Opaque,
            (false, true) => Inspection::TlsPlaintext,
            (false, false) => Inspection::Plaintext,
        };
        for (access, is_reported) in &mut topic.parties {
            if *is_reported && !is_due {
                continue;
            }
            let mut sent = contents.direction();
            if !*is_reported {
                // Whoever appears has access to what the topic holds already.
                sent.findings.clone_from(&topic.known);
            }
            *is_reported = true;
            let identity = next.clone();
            next.seq += 1;
            observations.push(Observation {
                identity,
                window: contents.window().unwrap_or(Window::at(now)),
                local: Local::Topic(Topic {
                    bus: Some(bus.clone()),
                    cluster_id: cluster_id.clone(),
                    topic: name.to_owned(),
                    declared: topic.declared.clone(),
                }),
                remote: access.party.clone(),
                initiator: Initiator::Remote,
                channel: channel(access.port),
                location: located(locator, &access.party),
                sent,
                received: Direction::default(),
                inspection,
                reader: Some(Protocol::KAFKA),
                handshake: Handshake::Completed,
                coverage: Coverage::default(),
            });
        }
    }
}

/// How a client and its broker communicate.
fn channel(port: u16) -> Channel {
    Channel {
        transport: Transport::Tcp,
        port,
        protocol: Protocol::KAFKA,
        host: None,
        host_method: HostMethod::None,
        names: Vec::new(),
        ech: false,
        tls: None,
    }
}

/// Evidence about the place of a party whose host is an address.
fn located(locator: &Locator, party: &Endpoint) -> Vec<LocationEvidence> {
    let Endpoint::TopicParty { client_host: Some(host), .. } = party else { return Vec::new() };
    host.parse::<IpAddr>().map_or_else(|_| Vec::new(), |address| locator.locate(address))
}
