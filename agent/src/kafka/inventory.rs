//! What a cluster is like, without reading a message: brokers, topics, groups with the hosts of their members, access control
//! lists. What may not be seen is said.
//!
//! ```text
//! Requests ─► collect ─┬─ topics          partitions by broker
//!                      ├─ configurations  a few settings, in few requests
//!                      ├─ groups          the union of librdkafka's two lists
//!                      ├─ offsets         what groups without members have read
//!                      └─ limits          what is missing, and which access control entry would show it
//! ```

mod collect;
mod configurations;
mod groups;
mod limits;
mod offsets;
mod topics;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{
    collect::collect,
    limits::{Limit, Part, Permission},
};
use super::connection::ConnectionError;
pub use super::ffi::AccessControlEntry;

/// Settings by their names in Kafka.
pub type Configuration = BTreeMap<String, String>;

/// A cluster, as one client may see it at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    /// The cluster's own id, the same at all its brokers.
    pub cluster_id: Option<String>,
    /// The broker that acts on requests of administrators.
    pub controller: Option<i32>,
    /// By id.
    pub brokers: Vec<Broker>,
    /// By name.
    pub topics: Vec<Topic>,
    /// By name.
    pub groups: Vec<Group>,
    /// In Kafka's order; none if the list is not known, which [`Self::limits`] then says.
    pub access_control: Option<Vec<AccessControlEntry>>,
    /// What could not be seen. Where it is about a part of the inventory, that part is not complete.
    pub limits: Vec<Limit>,
}

/// A broker, as it is advertised to this client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Broker {
    pub id: i32,
    pub host: String,
    pub port: u16,
    /// `broker.rack`: a zone of a cloud, for example.
    pub rack: Option<String>,
    /// The settings that say who may connect and where data is kept; none if they are not known.
    pub configuration: Option<Configuration>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    pub name: String,
    /// Whether it is one of Kafka's own.
    pub internal: bool,
    /// How many it has.
    pub partitions: usize,
    /// What each broker has of it, by the broker's id.
    pub replication: Vec<BrokerShare>,
    /// The settings that say how long what is kept where; none if they are not known.
    pub configuration: Option<Configuration>,
}

/// How many partitions of a topic a broker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerShare {
    pub broker: i32,
    /// Partitions that it leads.
    pub leader: usize,
    /// Partitions that it has a replica of, led or not.
    pub replica: usize,
    /// Replicas that are in sync.
    pub in_sync: usize,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub name: String,
    pub kind: GroupKind,
    /// In Kafka's words, such as `Stable` and `Empty`; none if it is not known.
    pub state: Option<String>,
    /// What its members have agreed on: of consumers the assignor.
    pub protocol: Option<String>,
    pub members: Vec<Member>,
    /// Of a group without members: the partitions that it has committed offsets of, by topic.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub committed: BTreeMap<String, Vec<i32>>,
}

/// What is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupKind {
    /// Consumers by the protocol that clients lead.
    Classic,
    /// Consumers by the protocol of KIP-848, that brokers lead.
    Consumer,
    /// Workers of Connect, MirrorMaker's among them.
    Connect,
    /// What another program has made of the classic protocol, such as a schema registry.
    Other,
    /// librdkafka knows no request for it: a share group (KIP-932), a streams group (KIP-1071), or one that was just deleted.
    ShareOrUnknown,
    /// It could not be described; [`Inventory::limits`] says why.
    Unknown,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub client_id: String,
    /// The address that the broker sees: behind a translation of addresses, that of the translator.
    pub client_host: String,
    /// The name that it keeps over restarts, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_instance_id: Option<String>,
    /// Where it says it is (`client.rack`); only members of classic groups tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
    /// The partitions that it reads, by topic. A topic without partitions is one that it has subscribed to and does not read now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics: BTreeMap<String, Vec<i32>>,
    /// Of a worker of Connect, its REST interface, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
}

/// How an inventory is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InventoryOptions {
    /// How long an answer is waited for. There are about ten requests, and one more for each broker.
    pub timeout: Duration,
    /// Whether groups without members are asked for what they have committed: one more request for each of them.
    pub with_committed: bool,
}

/// Why there is no inventory.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// There is no client.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// No broker has answered in time.
    #[error("failed to reach {bootstrap} within {seconds} s: {reason}")]
    Unreachable { bootstrap: String, seconds: u64, reason: String },
    /// A certificate or a login is refused, by this side or the other.
    #[error("failed to connect to {bootstrap}: {reason}")]
    Refused { bootstrap: String, reason: String },
}
