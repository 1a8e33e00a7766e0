//! Who sends: a workload, or a topic of a message bus.

use std::fmt;

use landfall_observation::{Local, Topic, Workload};
use serde::{Deserialize, Serialize};

/// The party on our side of an edge.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exporter {
    /// A workload of the cluster, or a host.
    Workload(WorkloadName),
    /// A topic of a message bus.
    Topic(TopicName),
}

/// The three names of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkloadName {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
}

/// The three names of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TopicName {
    /// Namespace of the `MessageBus` object.
    pub namespace: String,
    /// Name of the `MessageBus` object.
    pub bus: String,
    /// Name of the topic.
    pub name: String,
}

impl Exporter {
    /// The local party of an observation; `None` for a topic whose bus is not known: no agreement applies to it.
    pub fn from_local(local: &Local) -> Option<Self> {
        match local {
            Local::Workload(Workload { namespace, kind, name, .. }) => {
                Some(Self::workload(namespace.as_str(), kind.as_str(), name.as_str()))
            }
            Local::Topic(Topic { bus, topic, .. }) => {
                bus.as_ref().map(|bus| Self::topic(bus.namespace.as_str(), bus.name.as_str(), topic.as_str()))
            }
        }
    }

    /// A workload by its names.
    pub fn workload(namespace: impl Into<String>, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Workload(WorkloadName { namespace: namespace.into(), kind: kind.into(), name: name.into() })
    }

    /// A topic by its names.
    pub fn topic(namespace: impl Into<String>, bus: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Topic(TopicName { namespace: namespace.into(), bus: bus.into(), name: name.into() })
    }

    /// Whether it is a topic.
    pub fn is_topic(&self) -> bool {
        matches!(self, Self::Topic(_))
    }

    /// The namespace of the workload or of the bus: where its Transfers are.
    pub fn namespace(&self) -> &str {
        match self {
            Self::Workload(WorkloadName { namespace, .. }) | Self::Topic(TopicName { namespace, .. }) => namespace,
        }
    }

    /// The name of the workload or topic.
    pub fn name(&self) -> &str {
        match self {
            Self::Workload(WorkloadName { name, .. }) | Self::Topic(TopicName { name, .. }) => name,
        }
    }

    /// Its name within the namespace: `Deployment/sync`, `Topic/events/orders`.
    pub fn local_name(&self) -> String {
        match self {
            Self::Workload(WorkloadName { kind, name, .. }) => format!("{kind}/{name}"),
            Self::Topic(TopicName { bus, name, .. }) => format!("Topic/{bus}/{name}"),
        }
    }

    /// As tables show it: `crm/sync`, `crm/events/orders`.
    pub fn short(&self) -> String {
        match self {
            Self::Workload(WorkloadName { namespace, name, .. }) => format!("{namespace}/{name}"),
            Self::Topic(TopicName { namespace, bus, name }) => format!("{namespace}/{bus}/{name}"),
        }
    }
}

/// With its namespace: `crm/Deployment/sync`, `crm/Topic/events/orders`.
impl fmt::Display for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace(), self.local_name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use landfall_observation::BusName;

    use super::*;

    #[test]
    fn an_exporter_is_the_local_party_by_its_names() {
        let workload = Exporter::from_local(&Local::Workload(Workload::new("crm", "Deployment", "sync"))).unwrap();
        let of_bus = |bus: Option<&str>| {
            let bus = bus.map(|name| BusName { namespace: "crm".to_owned(), name: name.to_owned() });
            let (cluster_id, topic) = ("k1".to_owned(), "orders".to_owned());
            Exporter::from_local(&Local::Topic(Topic { bus, cluster_id, topic, declared: BTreeSet::new() }))
        };
        let topic = of_bus(Some("events")).unwrap();
        let names = |it: &Exporter| [it.to_string(), it.local_name(), it.short(), it.namespace().to_owned()];
        assert_eq!(names(&workload), ["crm/Deployment/sync", "Deployment/sync", "crm/sync", "crm"]);
        assert_eq!(names(&topic), ["crm/Topic/events/orders", "Topic/events/orders", "crm/events/orders", "crm"]);
        assert_eq!((workload.is_topic(), topic.is_topic()), (false, true));
        assert_eq!(of_bus(None), None);
    }

    #[test]
    fn the_type_of_an_exporter_stands_in_what_is_kept() {
        for (exporter, kept) in [
            (
                Exporter::workload("crm", "Deployment", "sync"),
                r#"{"workload":{"namespace":"crm","kind":"Deployment","name":"sync"}}"#,
            ),
            (
                Exporter::topic("crm", "events", "orders"),
                r#"{"topic":{"namespace":"crm","bus":"events","name":"orders"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&exporter).unwrap(), kept);
            assert_eq!(serde_json::from_str::<Exporter>(kept).unwrap(), exporter);
        }
    }
}
