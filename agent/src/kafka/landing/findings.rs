//! What a landing graph shows that is wrong whatever the law of the place: secrets of connectors that others can read, and
//! messages that are kept for ever.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

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
    /// Its messages are never deleted.
    UnlimitedRetention {
        /// Whether they hold personal data; none if that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        personal_data: Option<bool>,
    },
}

/// The findings about the topics of a graph, by topic. `personal` are the topics that hold personal data, if all of them are
/// known; Kafka's own topics are kept for ever by design.
pub fn findings(inventory: &Inventory, graph: &LandingGraph, personal: Option<&BTreeSet<String>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for topic in &inventory.topics {
        let mut add = |kind| findings.push(Finding { topic: topic.name.clone(), kind });
        if holds_configurations(&topic.name, inventory) {
            connector_secrets(&topic.name, graph).map(&mut add);
        }
        if !topic.internal && topic.configuration.as_ref().is_some_and(is_unlimited) {
            add(FindingKind::UnlimitedRetention { personal_data: personal.map(|all| all.contains(&topic.name)) });
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
