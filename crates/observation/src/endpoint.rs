use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The remote party of an observation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Endpoint {
    /// An address of the network. Truncated to /24 or /48 unless it lies in a configured prefix;
    /// then it is a /32 or /128. An IP address is itself personal data (C-582/14, Breyer).
    Address {
        /// The address or the prefix that stands for it.
        address: IpNet,
        /// Prefixes within it whose addresses the agent keeps whole: the remote was truncated because it lies in
        /// none of them. Empty where the agent knew of none, as those did that wrote before there was this field.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        outside: Vec<IpNet>,
    },
    /// A party to a topic.
    TopicParty {
        /// What the party does with the topic.
        role: TopicRole,
        /// Consumer group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// Host that the client named, where known.
        #[serde(default, rename = "clientHost", skip_serializing_if = "Option::is_none")]
        client_host: Option<String>,
    },
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
    /// Something else, to which the topic's data may go. Roles not known here read as this one.
    #[serde(other)]
    Other,
}
