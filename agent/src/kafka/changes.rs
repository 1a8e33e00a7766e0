//! What changed of a cluster between two inventories.
//!
//! ```text
//! Inventory, LandingGraph ─► ClusterState ─► ChangeTracker ─► Change
//! ```
//!
//! The first state tells no change. What could not be seen is never taken for gone, and what is seen since more may be seen is
//! never taken for new.

mod cluster_state;
#[cfg(test)]
mod tests;
mod tracker;

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

pub use self::{
    cluster_state::{BrokerAddress, ClusterState, CopyTo, ReadPermission},
    tracker::ChangeTracker,
};
use super::host_place::HostPlace;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// A broker that was not there before.
    BrokerAppeared {
        #[serde(flatten)]
        broker: BrokerAddress,
        place: HostPlace,
    },
    /// A broker has another address or rack than before.
    BrokerMoved { before: BrokerAddress, after: BrokerAddress, place: HostPlace },
    /// A topic was created, or may be seen only now.
    TopicAppeared { topic: String },
    /// A topic was deleted, or may no longer be seen.
    TopicGone { topic: String },
    /// How long what is kept where.
    SettingChanged { topic: String, setting: String, before: String, after: String },
    /// A group is read by a member in a country or network that it was not read from before.
    ReaderAppeared { group: String, topics: BTreeSet<String>, place: HostPlace },
    /// No member of the group is in that place any more.
    ReaderLeft { group: String, topics: BTreeSet<String>, place: HostPlace },
    /// A principal may read that could not before.
    ReadAllowed(ReadPermission),
    /// A topic is copied to another cluster by a connector that did not do so before.
    CopyAppeared(CopyTo),
    /// A topic is written elsewhere by a connector that did not do so before.
    SinkAppeared(CopyTo),
}

impl Change {
    /// All kinds, as metrics name them.
    pub const KINDS: [&'static str; 10] = [
        "broker_appeared",
        "broker_moved",
        "copy_appeared",
        "read_allowed",
        "reader_appeared",
        "reader_left",
        "setting_changed",
        "sink_appeared",
        "topic_appeared",
        "topic_gone",
    ];

    /// One of [`Self::KINDS`].
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BrokerAppeared { .. } => "broker_appeared",
            Self::BrokerMoved { .. } => "broker_moved",
            Self::TopicAppeared { .. } => "topic_appeared",
            Self::TopicGone { .. } => "topic_gone",
            Self::SettingChanged { .. } => "setting_changed",
            Self::ReaderAppeared { .. } => "reader_appeared",
            Self::ReaderLeft { .. } => "reader_left",
            Self::ReadAllowed(_) => "read_allowed",
            Self::CopyAppeared(_) => "copy_appeared",
            Self::SinkAppeared(_) => "sink_appeared",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |topics: &BTreeSet<String>| topics.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        match self {
            Self::BrokerAppeared { broker, place } => write!(f, "{broker} is new, in {place}"),
            Self::BrokerMoved { before, after, place } => write!(f, "{before} is now {after}, in {place}"),
            Self::TopicAppeared { topic } => write!(f, "topic {topic} is new, or can be seen only now"),
            Self::TopicGone { topic } => write!(f, "topic {topic} is gone, or can no longer be seen"),
            Self::SettingChanged { topic, setting, before, after } => {
                write!(f, "topic {topic} has {setting}={after}, before {before}")
            }
            Self::ReaderAppeared { group, topics, place } => {
                write!(f, "group {group} has a reader in {place} of {}, where it had none", listed(topics))
            }
            Self::ReaderLeft { group, topics, place } => {
                write!(f, "group {group} has no reader in {place} of {} any more", listed(topics))
            }
            Self::ReadAllowed(ReadPermission { principal, resource, pattern }) => {
                write!(f, "{principal} may now read {resource} ({pattern})")
            }
            Self::CopyAppeared(copy) => write!(f, "topic {} is now copied by {}", copy.topic, copy.connector),
            Self::SinkAppeared(sink) => {
                write!(f, "topic {} is now written elsewhere by {}", sink.topic, sink.connector)
            }
        }
    }
}
