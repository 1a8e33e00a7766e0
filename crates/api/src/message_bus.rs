mod broker;
mod connection;
mod topics;

use landfall_observation::SamplingBudgets;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use broker::BrokerPlace;
pub use connection::{BusService, BusTls, SaslSpec};
pub use topics::{TopicEntry, TopicPatterns};

use crate::{Column, Kind, NamespacedReference, RegisterStatus, schema::ServerText};

/// A Kafka cluster whose topics are observed: how agents reach it, which agreements its topics fall under, what is
/// declared about them, and where its brokers are. It is the consent of its namespace: nothing is read of a topic for
/// which it names no agreement. Every Secret is in its own namespace, and only agents read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.agreementRef) || (has(self.topics) && size(self.topics) > 0)",
        "message": "expected agreementRef, or topics that name agreements: without an agreement no topic is read",
    },
    {
        "rule": "has(self.agreementRef) || !has(self.topics) || self.topics.all(entry, has(entry.agreementRef))",
        "message": "expected agreementRef in every entry of topics, or one for all topics beside them",
        "fieldPath": ".topics",
    },
]))]
pub struct MessageBusSpec {
    /// Addresses to begin with, `HOST:PORT`.
    #[schemars(with = "Vec<ServerText>", length(min = 1, max = 32), extend("x-kubernetes-list-type" = "set"))]
    pub bootstrap_servers: Vec<String>,
    /// Identifier of the cluster (KIP-78), to make sure that the addresses lead to it: topics of another cluster are
    /// neither read nor judged. Absent: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub cluster_id: Option<String>,
    /// TLS to the brokers; absent: none. Empty: the authorities of the agent's system, no certificate of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<BusTls>,
    /// How agents authenticate by name and password; absent: by their certificate or not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sasl: Option<SaslSpec>,
    /// The agreement of all topics for which `topics` names no other. Absent: only topics in `topics` are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_ref: Option<NamespacedReference>,
    /// What differs between topics. The first entry that selects a topic counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub topics: Vec<TopicEntry>,
    /// Topics that are neither read nor judged, whatever the rest says.
    #[serde(default, skip_serializing_if = "TopicPatterns::is_empty")]
    pub excluded_topics: TopicPatterns,
    /// How much is read of the messages.
    #[serde(default)]
    pub sampling: SamplingBudgets,
    /// The schema registry, by which messages are decoded and which declares categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_registry: Option<BusService>,
    /// Kafka Connect clusters, whose sinks are recipients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["url"]))]
    pub connect: Vec<BusService>,
    /// Where the brokers are and who runs them. The first entry that selects a broker counts. Agents never see it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub brokers: Vec<BrokerPlace>,
}

impl Kind for MessageBusSpec {
    const KIND: &'static str = "MessageBus";
    const PLURAL: &'static str = "messagebuses";
    const SHORT_NAME: &'static str = "bus";
    const NAMESPACED: bool = true;
    const COLUMNS: &'static [Column] = &[
        Column::text("Bootstrap", ".spec.bootstrapServers[0]"),
        Column::text("Agreement", ".spec.agreementRef.name"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::text("Registry", ".spec.schemaRegistry.url").wide(),
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
}
