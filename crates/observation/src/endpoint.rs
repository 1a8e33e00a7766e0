use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The remote party of an observation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Endpoint {
    /// An address of the network: a /24 (IPv4) or /48 (IPv6), or the whole address (/32, /128) where it lies in a
    /// configured prefix. An IP address is itself personal data (C-582/14, Breyer).
    Address {
        /// The address or the prefix that stands for it.
        address: IpNet,
        /// Prefixes within it whose addresses the agent sends whole: the remote was truncated, so it lies in none of them.
        /// Empty where the agent knew of none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        outside: Vec<IpNet>,
    },
    /// A client of a topic, or a broker that holds a copy.
    TopicParty {
        /// What it does with the topic.
        role: TopicRole,
        /// Its consumer group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Its host, where known; of a broker the one that it advertises.
        #[serde(default, rename = "clientHost", skip_serializing_if = "Option::is_none")]
        client_host: Option<String>,
        /// The broker that it is, if it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        broker: Option<Broker>,
    },
}

/// A broker of a Kafka cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Broker {
    /// Its number in the cluster (`node.id`).
    pub id: i32,
    /// Its rack, such as the zone of a cloud (`broker.rack`), where set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
}

/// What a remote party does with a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TopicRole {
    /// Writes to it.
    Producer,
    /// Reads from it.
    Consumer,
    /// Holds a copy of it.
    Replica,
    /// A Kafka Connect source or sink.
    Connector,
    /// Another one, which may receive the topic's data. Roles of a newer agent read as this one.
    #[serde(other)]
    Other,
}
