//! What a landing graph shows that is wrong whatever the law of the place: secrets of connectors that others can read, messages
//! that are kept for ever; and what samples show beside it: personal data in keys and in copies abroad.

mod keys;
mod readers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::DataCategory;
use serde::{Deserialize, Serialize};

pub use self::keys::SampledKeys;
use super::{Destination, LandingGraph};
use crate::kafka::inventory::{Configuration, GroupKind, Inventory};

/// What the topics of a Connect group that hold configurations end with.
const CONFIGS: &str = "-configs";
/// The name of that topic in Kafka's examples, and behind the alias of a cluster in copies of it.
const CONNECT_CONFIGS: &str = "connect-configs";
/// What those of MirrorMaker begin with.
const MIRROR_CONFIGS: &str = "mm2-configs.";
/// What Kafka has for a setting without a limit.
const UNLIMITED: &str = "-1";

/// Something about a topic that should be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The topic.
    pub topic: String,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: FindingKind,
}

/// What is wrong with a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FindingKind {
    /// It holds configurations of connectors, passwords in clear among them, and is copied to other clusters or read by others
    /// than workers of Connect.
    ConnectorSecrets {
        /// Clusters that it is copied to: their aliases, or addresses where there is no alias.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        copied_to: BTreeSet<String>,
        /// Of a copy, the cluster that it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        copied_from: Option<String>,
        /// Groups that read it.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        read_by: BTreeSet<String>,
        /// Sinks that write it elsewhere.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        sinks: BTreeSet<String>,
    },
    /// It holds configurations of connectors, and access control lists let principals read it that are no workers: those write
    /// it as well.
    ConfigurationReaders {
        /// Their names, such as `User:archive`.
        principals: BTreeSet<String>,
    },
    /// Keys of its messages hold personal data. They stand in logs of clients and decide on partitions, and no encryption of
    /// fields covers them.
    PersonalKeys {
        /// Of these kinds.
        categories: BTreeSet<DataCategory>,
        /// Whether compaction keeps the last message of each key for ever.
        compacted: bool,
    },
    /// It holds personal data and is copied to a cluster in another jurisdiction than its own brokers.
    CopiedAbroad {
        /// Where the copies are.
        jurisdictions: BTreeSet<String>,
    },
    /// Its messages are never deleted.
    UnlimitedRetention {
        /// Whether they hold personal data; none if that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        personal_data: Option<bool>,
    },
}

/// What messages were found to hold, where all topics were read and judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Topics that hold personal data.
    pub personal: BTreeSet<String>,
    /// The categories in keys, by topic.
    pub keys: BTreeMap<String, BTreeSet<DataCategory>>,
    /// Where copies of topics are, if their own brokers are all elsewhere.
    pub copied_abroad: BTreeMap<String, BTreeSet<String>>,
}

/// The findings about the topics of a graph, by topic, with what samples show if there are any. Kafka's own topics are kept for
/// ever by design.
pub fn findings(inventory: &Inventory, graph: &LandingGraph, sampled: Option<&Sampled>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for topic in &inventory.topics {
        let mut add = |kind| findings.push(Finding { topic: topic.name.clone(), kind });
        if holds_configurations(&topic.name, inventory) {
            connector_secrets(&topic.name, graph).map(&mut add);
            let principals =
                readers::readers_only(&topic.name, inventory.access_control.as_deref().unwrap_or_default());
            if !principals.is_empty() {
                add(FindingKind::ConfigurationReaders { principals });
            }
        }
        if let Some(categories) = sampled.and_then(|sampled| sampled.keys.get(&topic.name)) {
            let compacted = topic.configuration.as_ref().is_some_and(is_compacted);
            add(FindingKind::PersonalKeys { categories: categories.clone(), compacted });
        }
        let is_personal = sampled.map(|sampled| sampled.personal.contains(&topic.name));
        let abroad = sampled.and_then(|sampled| sampled.copied_abroad.get(&topic.name));
        if let Some(jurisdictions) = abroad.filter(|_| is_personal == Some(true)) {
            add(FindingKind::CopiedAbroad { jurisdictions: jurisdictions.clone() });
        }
        if !topic.internal && topic.configuration.as_ref().is_some_and(is_unlimited) {
            add(FindingKind::UnlimitedRetention { personal_data: is_personal });
        }
    }
    findings
}

/// Whether a topic holds configurations of connectors, by its name.
fn holds_configurations(topic: &str, inventory: &Inventory) -> bool {
    let of_group = |group: &str| {
        topic.strip_suffix(CONFIGS).is_some_and(|rest| rest == group || rest.ends_with(&format!(".{group}")))
    };
    topic.ends_with(CONNECT_CONFIGS)
        || topic.starts_with(MIRROR_CONFIGS)
        || inventory.groups.iter().any(|group| group.kind == GroupKind::Connect && of_group(&group.name))
}

fn connector_secrets(topic: &str, graph: &LandingGraph) -> Option<FindingKind> {
    let topic = graph.topics.get(topic)?;
    let (mut copied_to, mut read_by, mut sinks) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for landing in &topic.landings {
        match &landing.destination {
            Destination::Mirror { cluster, servers, .. } => {
                let name = cluster.as_ref().or(servers.as_ref()).cloned();
                copied_to.insert(name.unwrap_or_else(|| "a cluster that is not known".to_owned()));
            }
            // Workers read it by themselves, without the offsets of a group.
            Destination::Reader { group, .. } | Destination::AbsentReader { group } => {
                read_by.insert(group.clone());
            }
            Destination::Sink { connector, .. } => {
                sinks.insert(connector.clone());
            }
            Destination::Broker { .. } | Destination::RemoteStorage { .. } | Destination::Topic { .. } => {}
        }
    }
    let copied_from = topic.copy_of.as_ref().map(|copy| copy.cluster.clone());
    let is_safe = copied_to.is_empty() && copied_from.is_none() && read_by.is_empty() && sinks.is_empty();
    (!is_safe).then_some(FindingKind::ConnectorSecrets { copied_to, copied_from, read_by, sinks })
}

/// Whether neither age nor size nor compaction ever removes a message.
fn is_unlimited(settings: &Configuration) -> bool {
    let is = |name: &str, value: &str| settings.get(name).is_some_and(|text| text == value);
    is("cleanup.policy", "delete") && is("retention.ms", UNLIMITED) && is("retention.bytes", UNLIMITED)
}

fn is_compacted(settings: &Configuration) -> bool {
    settings.get("cleanup.policy").is_some_and(|policy| policy.split(',').any(|word| word.trim() == "compact"))
}
