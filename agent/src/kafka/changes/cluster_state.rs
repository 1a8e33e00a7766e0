//! What of a cluster is compared with before: little, since it goes from the inspecting process to its parent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::kafka::{
    inventory::{AccessControlEntry, Configuration, GroupKind, Inventory, Part},
    landing::{Destination, LandingGraph},
};

/// The settings of topics that are compared.
const SETTINGS: [&str; 7] = [
    "cleanup.policy",
    "delete.retention.ms",
    "local.retention.bytes",
    "local.retention.ms",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
];
/// What lets a client read a topic, in Kafka's names.
const READING: [&str; 2] = ["READ", "ALL"];

/// What a cluster is like, as far as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterState {
    /// Nothing is compared without it.
    pub cluster_id: Option<String>,
    pub brokers: Vec<BrokerAddress>,
    /// The settings of each topic that is read, as far as they are known.
    pub topics: BTreeMap<String, Configuration>,
    /// What the members of each group read of these topics, by group and host. A group without such members has no hosts.
    pub readers: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Groups whose members could not be seen.
    pub unseen_groups: BTreeSet<String>,
    /// Who may read these topics, if that is known.
    pub permissions: Option<BTreeSet<ReadPermission>>,
    pub copies: BTreeSet<CopyTo>,
    pub sinks: BTreeSet<CopyTo>,
    /// What could not be seen of the inventory.
    pub limits: BTreeSet<(Part, String)>,
    /// What else is not known of copies and sinks.
    pub gaps: BTreeSet<String>,
}

/// Where a broker is reached, and where it says that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerAddress {
    pub id: i32,
    pub host: String,
    pub port: u16,
    pub rack: Option<String>,
}

/// Topics that a principal may read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadPermission {
    pub principal: String,
    pub resource: String,
    /// `LITERAL`, of which `*` is any topic, or `PREFIXED`.
    pub pattern: String,
}

/// A connector that takes messages of a topic elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyTo {
    pub topic: String,
    pub connector: String,
}

// === impl ClusterState ===

impl ClusterState {
    /// Of an inventory and the landings of its topics; only topics that are read count.
    pub fn new(inventory: &Inventory, graph: &LandingGraph, reads: impl Fn(&str) -> bool) -> Self {
        let brokers = inventory.brokers.iter().map(|broker| BrokerAddress {
            id: broker.id,
            host: broker.host.clone(),
            port: broker.port,
            rack: broker.rack.clone(),
        });
        let topics = inventory.topics.iter().filter(|topic| reads(&topic.name)).map(|topic| {
            let known = topic.configuration.iter().flatten().filter(|(name, _)| SETTINGS.contains(&name.as_str()));
            (topic.name.clone(), known.map(|(name, value)| (name.clone(), value.clone())).collect())
        });
        let topics: BTreeMap<String, Configuration> = topics.collect();
        let limits: BTreeSet<_> = inventory.limits.iter().map(|limit| (limit.part, limit.reason.clone())).collect();
        let of_limits: BTreeSet<String> = inventory.limits.iter().map(ToString::to_string).collect();
        // An empty list that may not be the whole truth is none.
        let is_unclear = limits.iter().any(|(part, _)| *part == Part::AccessControl);
        let entries = inventory.access_control.as_ref().filter(|_| !is_unclear);
        let permissions =
            entries.map(|entries| entries.iter().filter_map(|entry| permission(entry, &topics)).collect());
        let mut state = Self {
            cluster_id: inventory.cluster_id.clone(),
            brokers: brokers.collect(),
            permissions,
            limits,
            gaps: graph.gaps.iter().filter(|gap| !of_limits.contains(*gap)).cloned().collect(),
            ..Self::default()
        };
        state.add_groups(inventory, &topics);
        state.add_connectors(graph, &topics);
        Self { topics, ..state }
    }

    fn add_groups(&mut self, inventory: &Inventory, topics: &BTreeMap<String, Configuration>) {
        // What Connect's workers read is with the groups of the sinks.
        for group in inventory.groups.iter().filter(|group| group.kind != GroupKind::Connect) {
            if matches!(group.kind, GroupKind::Unknown | GroupKind::ShareOrUnknown) {
                self.unseen_groups.insert(group.name.clone());
                continue;
            }
            let hosts = self.readers.entry(group.name.clone()).or_default();
            for member in group.members.iter().filter(|member| !member.client_host.is_empty()) {
                let read = member.topics.iter().filter(|(_, partitions)| !partitions.is_empty());
                let read: BTreeSet<_> =
                    read.map(|(topic, _)| topic).filter(|topic| topics.contains_key(*topic)).cloned().collect();
                if !read.is_empty() {
                    hosts.entry(member.client_host.clone()).or_default().extend(read);
                }
            }
        }
    }

    fn add_connectors(&mut self, graph: &LandingGraph, topics: &BTreeMap<String, Configuration>) {
        for (topic, landings) in graph.topics.iter().filter(|(topic, _)| topics.contains_key(*topic)) {
            let copy = |connector: &String| CopyTo { topic: topic.clone(), connector: connector.clone() };
            for landing in &landings.landings {
                match &landing.destination {
                    Destination::Mirror { connector, .. } => drop(self.copies.insert(copy(connector))),
                    Destination::Sink { connector, .. } => drop(self.sinks.insert(copy(connector))),
                    _ => {}
                }
            }
        }
    }
}

/// The permission to read topics that an entry gives, if one of these is among them.
fn permission(entry: &AccessControlEntry, topics: &BTreeMap<String, Configuration>) -> Option<ReadPermission> {
    let AccessControlEntry { principal, host: _, operation, permission, resource_type, resource, pattern } = entry;
    let is_reading = permission == "ALLOW" && resource_type == "TOPIC" && READING.contains(&operation.as_str());
    let fits = match pattern.as_str() {
        "PREFIXED" => topics.keys().any(|topic| topic.starts_with(resource.as_str())),
        _ => resource == "*" || topics.contains_key(resource),
    };
    (is_reading && fits).then(|| ReadPermission {
        principal: principal.clone(),
        resource: resource.clone(),
        pattern: pattern.clone(),
    })
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, host, port, rack } = self;
        write!(f, "broker {id} at {host}:{port}")?;
        rack.as_ref().map_or(Ok(()), |rack| write!(f, " in rack {rack}"))
    }
}
