//! MirrorMaker 2: by the names of its topics, which KIP-382 gives, and by the configuration of its connector that copies.

use std::collections::BTreeSet;

use super::{CopyOf, pattern::TopicPattern};
use crate::kafka::{
    connect::{self, Address, Connector},
    inventory::Inventory,
};

/// What MirrorMaker's own topics end with.
const INTERNAL: &str = ".internal";
const CHECKPOINTS: &str = ".checkpoints.internal";
/// What is copied if `topics` does not say it.
const ALL: &str = ".*";
/// What is left out if `topics.exclude` does not say it (`DefaultTopicFilter`).
const EXCLUDED: &str = r"mm2.*\.internal, .*\.replica, __.*";
/// What stands between alias and topic if `replication.policy.separator` does not say it.
const SEPARATOR: &str = ".";

/// The flows that topics of a cluster show.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mirrors {
    /// Aliases of clusters that are copied into this one.
    pub(super) sources: BTreeSet<String>,
    /// Aliases of clusters that this one is copied into.
    pub(super) targets: BTreeSet<String>,
}

/// How a copy is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Policy {
    /// By alias and topic of the source, with a separator (`DefaultReplicationPolicy`).
    Prefix { separator: String },
    /// As its source (`IdentityReplicationPolicy`).
    Identity,
    /// Another class, or one that is not known.
    Unknown,
}

/// A connector that copies topics of a cluster to another one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flow<'a> {
    pub(super) connector: &'a Connector,
    pub(super) policy: Policy,
}

// === impl Mirrors ===

impl Mirrors {
    /// `ALIAS.checkpoints.internal` and `ALIAS.heartbeats` are at the target of a flow, `mm2-offset-syncs.ALIAS.internal` at
    /// its source. `mm2-configs.ALIAS.internal` proves no copy: heartbeats alone bring it, and in the reverse direction.
    pub(super) fn by_names<'a>(topics: impl Iterator<Item = &'a str>) -> Self {
        let mut mirrors = Self::default();
        for name in topics {
            if let Some(alias) = name.strip_prefix("mm2-offset-syncs.").and_then(|rest| rest.strip_suffix(INTERNAL)) {
                mirrors.targets.insert(alias.to_owned());
            } else if let Some(alias) = name.strip_suffix(CHECKPOINTS).or_else(|| name.strip_suffix(".heartbeats")) {
                mirrors.sources.insert(alias.to_owned());
            }
        }
        mirrors
    }

    /// The topic that one is a copy of; of a copy of a copy the nearest.
    pub(super) fn copy_of(&self, topic: &str) -> Option<CopyOf> {
        let copied = self.sources.iter().filter_map(|alias| copy_of(topic, alias, SEPARATOR));
        copied.min_by_key(|copy| copy.topic.len())
    }
}

/// What a topic is a copy of, if it is one of this cluster's.
fn copy_of(topic: &str, alias: &str, separator: &str) -> Option<CopyOf> {
    if topic.ends_with(INTERNAL) {
        return None;
    }
    let rest = topic.strip_prefix(alias)?.strip_prefix(separator).filter(|rest| !rest.is_empty())?;
    Some(CopyOf { cluster: alias.to_owned(), topic: rest.to_owned() })
}

// === impl Flow ===

impl<'a> Flow<'a> {
    /// The flow of a connector, if it is one of MirrorMaker's that copies.
    pub(super) fn of(connector: &'a Connector) -> Option<Self> {
        let setting = |key: &str| connector.settings.get(key).map(String::as_str);
        let is_unknown = |key: &str| connector.unknown.iter().any(|unknown| unknown == key);
        setting("connector.class").filter(|class| class.ends_with("MirrorSourceConnector"))?;
        let separator = setting("replication.policy.separator").unwrap_or(SEPARATOR).to_owned();
        let is_hidden = is_unknown("replication.policy.class") || is_unknown("replication.policy.separator");
        let policy = match setting("replication.policy.class") {
            _ if is_hidden => Policy::Unknown,
            Some(class) if class.ends_with("IdentityReplicationPolicy") => Policy::Identity,
            Some(class) if !class.ends_with(".DefaultReplicationPolicy") => Policy::Unknown,
            _ => Policy::Prefix { separator },
        };
        Some(Self { connector, policy })
    }

    pub(super) fn setting(&self, key: &str) -> Option<&'a str> {
        self.connector.settings.get(key).map(String::as_str)
    }

    /// What names are copied.
    pub(super) fn topics(&self) -> &'a str {
        self.setting("topics").unwrap_or(ALL)
    }

    /// What names are not copied, whatever [`Self::topics`] says; none if the pattern is not understood.
    pub(super) fn excluded(&self) -> Option<TopicPattern> {
        TopicPattern::parse(self.setting("topics.exclude").unwrap_or(EXCLUDED))
    }

    /// Whether MirrorMaker never copies a topic: one of Kafka's or its own, or one that comes from the target.
    pub(super) fn never_copies(&self, topic: &str) -> bool {
        let is_own = topic.ends_with(CHECKPOINTS) || topic.starts_with("mm2") && topic.ends_with(INTERNAL);
        let comes_from = |alias: &str| match &self.policy {
            Policy::Prefix { separator } => {
                let mut parts: Vec<&str> = topic.split(separator.as_str()).collect();
                parts.pop();
                parts.contains(&alias)
            }
            Policy::Identity | Policy::Unknown => false,
        };
        is_own
            || topic.starts_with("__")
            || topic.starts_with('.')
            || self.setting("target.cluster.alias").is_some_and(comes_from)
    }

    /// What the copy of a topic is called, if that is known.
    pub(super) fn copy_name(&self, topic: &str) -> Option<String> {
        match &self.policy {
            Policy::Prefix { separator } => {
                self.setting("source.cluster.alias").map(|alias| format!("{alias}{separator}{topic}"))
            }
            Policy::Identity => Some(topic.to_owned()),
            Policy::Unknown => None,
        }
    }

    /// What a topic of the target is a copy of. By the identity policy a name does not tell.
    pub(super) fn copy_of(&self, topic: &str) -> Option<CopyOf> {
        match &self.policy {
            Policy::Prefix { separator } => copy_of(topic, self.setting("source.cluster.alias")?, separator),
            Policy::Identity | Policy::Unknown => None,
        }
    }
}

/// Addresses that the cluster itself has: those that it was reached by, and those of its brokers.
pub(super) fn own_addresses(servers: &str, inventory: &Inventory) -> Vec<Address> {
    let mut own = connect::addresses(servers).unwrap_or_default();
    own.extend(inventory.brokers.iter().map(|broker| {
        let port = Some(broker.port).filter(|port| *port > 0);
        Address { host: broker.host.to_ascii_lowercase(), port }
    }));
    own
}

/// Whether one of the addresses in a text can be among those.
pub(super) fn has_any(servers: &str, own: &[Address]) -> bool {
    let servers = connect::addresses(servers).unwrap_or_default();
    servers.iter().any(|server| own.iter().any(|one| one.may_be(server)))
}
