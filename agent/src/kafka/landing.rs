//! Where the messages of topics land: brokers, readers, copies in other clusters, sinks of Connect, remote storage, and topics
//! that are made of them.
//!
//! ```text
//! Inventory ─┬─ brokers, readers, remote storage ─┐
//!            ├─ names of MirrorMaker's topics     ├─► LandingGraph
//! Connect ───┴─ sinks, mirrors, dead letters ─────┘
//! ```
//!
//! Pure: what is known goes in, the graph comes out. What MirrorMaker's topics are called is decided by its replication policy
//! (KIP-382). By names alone the default one is recognised (`DefaultReplicationPolicy`, separator `.`), and with the
//! configuration of a connector its separator and `IdentityReplicationPolicy`.

mod connectors;
pub mod findings;
mod inventory;
mod mirrors;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::mirrors::Mirrors;
use super::{
    connect::ConnectCluster,
    inventory::{Inventory, Part},
};

/// Where the messages of a cluster land.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LandingGraph {
    pub cluster_id: Option<String>,
    /// By name, with the landings of each. A topic has at least the brokers that hold it, if these are known.
    pub topics: BTreeMap<String, TopicLandings>,
    /// Other clusters that topics are copied from, by their alias in MirrorMaker.
    pub mirrored_from: BTreeSet<String>,
    /// Other clusters that topics of this one are copied to, by their alias. Which topics is known where a connector says it.
    pub mirrored_to: BTreeSet<String>,
    /// What the graph may lack, in sentences.
    pub gaps: Vec<String>,
}

/// Where the messages of a topic land.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopicLandings {
    /// Of a copy: the cluster and the topic that it is copied from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<CopyOf>,
    /// How many it has.
    pub partitions: usize,
    pub landings: Vec<Landing>,
}

/// A topic of another cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyOf {
    /// The alias of its cluster in MirrorMaker.
    pub cluster: String,
    pub topic: String,
}

/// A place where messages land.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Landing {
    #[serde(flatten)]
    pub destination: Destination,
    /// What says so.
    pub evidence: BTreeSet<Evidence>,
    /// When it was first and last seen.
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}

/// Who or what gets messages of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Destination {
    /// A broker that holds a replica of at least one partition.
    Broker { id: i32, host: String, port: u16, rack: Option<String> },
    /// A member of a group that reads at least one partition now.
    Reader { group: String, client_id: String, host: String },
    /// A group without members that has committed offsets of the topic. Its consumers have read within the last days, or read
    /// without being members (`assign()`, as Flink and Spark do), or MirrorMaker has translated the offsets of another cluster.
    AbsentReader { group: String },
    /// A copy in another cluster, made by MirrorMaker. The servers are the addresses to begin with there, and the topic is the
    /// name of the copy, if its replication policy is one that is known.
    Mirror { cluster: Option<String>, servers: Option<String>, topic: Option<String>, connector: String },
    /// What a sink of Connect writes to, by the keys of its configuration that are read.
    Sink { connector: String, settings: BTreeMap<String, String> },
    /// Old segments are moved out of the brokers, by this class if it is known.
    RemoteStorage { manager: Option<String> },
    /// A topic of the same cluster that holds what was made of the messages, or those that a sink could not take.
    Topic { topic: String, relation: TopicRelation },
}

/// How a topic follows from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TopicRelation {
    /// State of an application of Kafka Streams.
    Changelog,
    /// The same messages by another key (Kafka Streams).
    Repartition,
    /// What a connector could not process.
    DeadLetters,
}

/// What says that messages land somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Evidence {
    /// What brokers tell of replicas.
    Metadata,
    /// Assignments of members of groups.
    GroupMembers,
    /// Offsets that a group has committed.
    CommittedOffsets,
    /// Settings of topics and brokers.
    Settings,
    /// Names of topics.
    TopicNames,
    /// The configuration of a connector, as Connect's REST interface tells.
    Connect,
}

impl LandingGraph {
    /// The graph of what was seen at the instant `at`. `servers` are the addresses that the cluster itself was reached by, and
    /// `connects` the Connect clusters that were asked: of one that uses another cluster only what copies topics of this one
    /// counts.
    pub fn new(inventory: &Inventory, servers: &str, connects: &[ConnectCluster], at: Timestamp) -> Self {
        let mirrors = Mirrors::by_names(inventory.topics.iter().map(|topic| topic.name.as_str()));
        let topics = inventory.topics.iter().map(|topic| {
            let (copy_of, partitions) = (mirrors.copy_of(&topic.name), topic.partitions);
            let landings = TopicLandings { copy_of, partitions, landings: Vec::new() };
            (topic.name.clone(), landings)
        });
        // Who may do what is none of the graph's.
        let limits = inventory.limits.iter().filter(|limit| limit.part != Part::AccessControl);
        let mut graph = Self {
            cluster_id: inventory.cluster_id.clone(),
            topics: topics.collect(),
            mirrored_from: mirrors.sources,
            mirrored_to: mirrors.targets,
            gaps: limits.map(ToString::to_string).collect(),
        };
        for topic in &inventory.topics {
            graph.add_brokers(topic, inventory, at);
        }
        graph.add_readers(inventory, at);
        graph.add_streams(inventory, at);
        graph.add_connects(inventory, servers, connects, at);
        graph.add_untold_mirrors();
        graph
    }

    /// Adds what an earlier graph of the cluster knew: landings that are still there keep the time when they were first seen.
    pub fn continue_from(&mut self, earlier: &Self) {
        for (name, topic) in &mut self.topics {
            let Some(before) = earlier.topics.get(name) else { continue };
            for landing in &mut topic.landings {
                let known = before.landings.iter().find(|known| known.destination == landing.destination);
                if let Some(known) = known {
                    landing.first_seen = landing.first_seen.min(known.first_seen);
                }
            }
        }
    }

    fn add(&mut self, topic: &str, destination: Destination, evidence: Evidence, at: Timestamp) {
        let Some(topic) = self.topics.get_mut(topic) else { return };
        match topic.landings.iter_mut().find(|known| known.destination == destination) {
            Some(known) => drop(known.evidence.insert(evidence)),
            None => topic.landings.push(Landing {
                destination,
                evidence: BTreeSet::from([evidence]),
                first_seen: at,
                last_seen: at,
            }),
        }
    }
}
