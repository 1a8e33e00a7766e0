//! Message buses as the law asks for them: under which agreement a topic is, what is declared about it, and where a broker
//! is. What no MessageBus describes is under no agreement.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use landfall_api::{MessageBusSpec, NamespacedReference, Object};
use landfall_observation::{
    Broker, BusName, DataCategory, Endpoint, Jurisdiction, Local, Observation, Topic, TopicPatterns, TopicRole,
    TopicSelector, Workload,
};
use landfall_transfer_law::{AgreementId, Counterpart};

use super::host::{HostPattern, normalise};
use crate::compile::{bus_name, patterns, selector};

/// The buses of a register.
#[derive(Debug, Clone, Default)]
pub(super) struct Buses {
    described: BTreeMap<BusName, Bus>,
    /// Buses without a MessageBus that consent to every agreement, as workloads do without a cluster.
    unregistered: BTreeSet<BusName>,
}

#[derive(Debug, Clone)]
struct Bus {
    cluster_id: Option<String>,
    agreement: Option<AgreementId>,
    excluded: TopicPatterns,
    topics: Vec<Topics>,
    brokers: Vec<Brokers>,
}

/// Topics with an agreement or declared categories of their own.
#[derive(Debug, Clone)]
struct Topics {
    selector: TopicSelector,
    agreement: Option<AgreementId>,
    declared: BTreeSet<DataCategory>,
}

/// Brokers of which it is attested where they are.
#[derive(Debug, Clone)]
struct Brokers {
    hosts: Vec<HostPattern>,
    ids: Vec<i32>,
    racks: Vec<String>,
    operator: String,
    jurisdiction: Jurisdiction,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

// === impl Buses ===

impl Buses {
    pub(super) fn new(objects: &[Object<MessageBusSpec>]) -> Self {
        let described = objects.iter().map(|object| (bus_name(object), Bus::from(&object.spec))).collect();
        Self { described, unregistered: BTreeSet::new() }
    }

    /// Counts the consent of a bus as given to every agreement, unless a MessageBus describes it.
    pub(super) fn assume(&mut self, bus: BusName) {
        self.unregistered.insert(bus);
    }

    /// Whether a local party consents to an agreement at the instant `at`; `of_workload` decides for workloads.
    pub(super) fn consents(
        &self,
        local: &Local,
        at: Timestamp,
        agreement: &AgreementId,
        of_workload: impl FnOnce(&Workload, &AgreementId) -> bool,
    ) -> bool {
        match local {
            Local::Workload(workload) => of_workload(workload, agreement),
            Local::Topic(Topic { bus: Some(bus), .. }) if !self.described.contains_key(bus) => {
                self.unregistered.contains(bus)
            }
            Local::Topic(topic) => self.agreement_of(topic, at) == Some(agreement),
        }
    }

    /// The agreement under which a topic is at the instant `at`.
    pub(super) fn agreement_of(&self, topic: &Topic, at: Timestamp) -> Option<&AgreementId> {
        let bus = self.bus_of(topic)?;
        let own = bus.entry(&topic.topic, at).and_then(|entry| entry.agreement.as_ref());
        own.or(bus.agreement.as_ref())
    }

    /// The categories that the MessageBus declares for a topic.
    pub(super) fn declared_for(&self, topic: &Topic, at: Timestamp) -> Option<&BTreeSet<DataCategory>> {
        self.bus_of(topic)?.entry(&topic.topic, at).map(|entry| &entry.declared)
    }

    /// The broker that an observation is about, as the network of who runs it, if its place is attested.
    pub(super) fn broker(&self, observation: &Observation) -> Option<Counterpart> {
        let Local::Topic(topic) = &observation.local else { return None };
        let Endpoint::TopicParty { role: TopicRole::Replica, client_host, broker, .. } = &observation.remote else {
            return None;
        };
        let bus = self.bus_of(topic)?;
        let of = |brokers: &&Brokers| brokers.are(client_host.as_deref(), broker.as_ref(), observation.window.start);
        let Brokers { operator, jurisdiction, .. } = bus.brokers.iter().find(of)?;
        Some(Counterpart::OwnNetwork { operator: operator.clone(), jurisdiction: *jurisdiction })
    }

    /// The bus, unless the topic is of another cluster or excluded.
    fn bus_of(&self, topic: &Topic) -> Option<&Bus> {
        let bus = self.described.get(topic.bus.as_ref()?)?;
        let same_cluster = bus.cluster_id.as_ref().is_none_or(|expected| *expected == topic.cluster_id);
        (same_cluster && !bus.excluded.matches(&topic.topic)).then_some(bus)
    }
}

// === impl Bus ===

impl From<&MessageBusSpec> for Bus {
    fn from(spec: &MessageBusSpec) -> Self {
        let topics = spec.topics.iter().map(|entry| Topics {
            selector: selector(entry),
            agreement: entry.agreement_ref.as_ref().map(agreement),
            declared: entry.categories.iter().cloned().collect(),
        });
        let brokers = spec.brokers.iter().map(|entry| Brokers {
            hosts: entry.hosts.iter().map(|host| HostPattern::new(host)).collect(),
            ids: entry.ids.clone(),
            racks: entry.racks.clone(),
            operator: entry.operator.clone(),
            jurisdiction: entry.place.value,
            from: entry.from,
            until: entry.until,
        });
        Self {
            cluster_id: spec.cluster_id.clone(),
            agreement: spec.agreement_ref.as_ref().map(agreement),
            excluded: patterns(&spec.excluded_topics),
            topics: topics.collect(),
            brokers: brokers.collect(),
        }
    }
}

impl Bus {
    /// The entry that counts for a topic.
    fn entry(&self, topic: &str, at: Timestamp) -> Option<&Topics> {
        self.topics.iter().find(|entry| entry.selector.selects(topic, at))
    }
}

fn agreement(NamespacedReference { namespace, name }: &NamespacedReference) -> AgreementId {
    AgreementId { namespace: namespace.clone(), name: name.clone() }
}

// === impl Brokers ===

impl Brokers {
    /// Whether a broker is among them at the instant `at`, by what is known of it.
    fn are(&self, host: Option<&str>, broker: Option<&Broker>, at: Timestamp) -> bool {
        let is_now = self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until);
        let is_host = |host: &str| {
            // An address is no name, and is written in one way only.
            let name = normalise(host).unwrap_or_else(|| host.to_owned());
            self.hosts.iter().any(|pattern| pattern.matches(&name))
        };
        let is_rack = |rack: &String| self.racks.contains(rack);
        let is_broker = |Broker { id, rack }: &Broker| self.ids.contains(id) || rack.as_ref().is_some_and(is_rack);
        is_now && (host.is_some_and(is_host) || broker.is_some_and(is_broker))
    }
}
