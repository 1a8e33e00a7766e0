mod status;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use status::{
    CategorySighting, CodedMessage, Ground, MissingPiece, TransferCategories, TransferCoverage, TransferLocation,
    TransferPayload, TransferReason, TransferStatus, TransferVolume,
};

use crate::{
    Column, Kind, TopicReference, WorkloadReference,
    schema::{NameText, NamespaceText, ShortText},
};

/// A transfer that was observed: one edge from a workload, or a topic of a message bus, to an endpoint of a recipient,
/// judged under one agreement. Only the operator writes it, in the namespace of the workload or bus. Jurisdiction,
/// host, port and TLS are facts about an edge, not part of its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self == oldSelf",
    "message": "expected the edge as it is; another edge is another Transfer",
}]))]
pub struct TransferSpec {
    /// The cluster that it was observed in.
    #[schemars(with = "ShortText")]
    pub cluster: String,
    /// The agreement that it is judged under.
    pub agreement: NamespacedReference,
    /// Who sends.
    pub exporter: ExporterReference,
    /// Name of the Recipient, or `unregistered:` and its registrable domain, autonomous system or
    /// prefix; `other` for all edges beyond the most that a namespace may have.
    #[schemars(with = "ShortText")]
    pub recipient: String,
    /// Name of the endpoint entry, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: Option<String>,
}

/// Who sends: exactly one is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.workload) != has(self.topic)",
    "message": "expected exactly one of workload and topic",
}]))]
pub struct ExporterReference {
    /// A workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<WorkloadReference>,
    /// A topic of a message bus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicReference>,
}

/// A reference to an object of any namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct NamespacedReference {
    /// Its namespace.
    #[schemars(with = "NamespaceText")]
    pub namespace: String,
    /// Its name.
    #[schemars(with = "NameText")]
    pub name: String,
}

impl ExporterReference {
    /// The namespace of the workload or bus; empty where neither is set.
    pub fn namespace(&self) -> &str {
        let workload = self.workload.as_ref().map(|workload| workload.namespace.as_str());
        workload.or(self.topic.as_ref().map(|topic| topic.namespace.as_str())).unwrap_or_default()
    }

    /// Its unique name within the namespace: `Deployment/sync`, `Topic/events/orders`.
    pub fn local_name(&self) -> String {
        match self {
            Self { workload: Some(WorkloadReference { kind, name, .. }), .. } => format!("{kind}/{name}"),
            Self { topic: Some(TopicReference { bus, name, .. }), .. } => format!("Topic/{bus}/{name}"),
            Self { workload: None, topic: None } => String::new(),
        }
    }

    /// As tables show it: `crm/sync`, `crm/events/orders`.
    pub fn short(&self) -> String {
        match self {
            Self { workload: Some(WorkloadReference { namespace, name, .. }), .. } => format!("{namespace}/{name}"),
            Self { topic: Some(TopicReference { namespace, bus, name }), .. } => format!("{namespace}/{bus}/{name}"),
            Self { workload: None, topic: None } => String::new(),
        }
    }
}

/// With its namespace: `crm/Deployment/sync`, `crm/Topic/events/orders`.
impl fmt::Display for ExporterReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace(), self.local_name())
    }
}

impl Kind for TransferSpec {
    const KIND: &'static str = "Transfer";
    const PLURAL: &'static str = "transfers";
    const SHORT_NAME: &'static str = "tr";
    const NAMESPACED: bool = true;
    const COLUMNS: &'static [Column] = &[
        Column::text("Exporter", ".spec.exporter.*.name"),
        Column::text("Recipient", ".spec.recipient"),
        Column::text("Verdict", ".status.outcome"),
        Column::text("Reason", ".status.reasons[0].code"),
        Column::text("Places", ".status.location.jurisdictions"),
        Column::text("Rung", ".status.categories.rung"),
        Column::age("Last seen", ".status.lastSeen"),
        Column::READY,
        Column::text("Agreement", ".spec.agreement.name").wide(),
        Column::text("Endpoint", ".spec.endpoint").wide(),
        Column::text("Categories", ".status.categories.values").wide(),
        Column::count("Sent", ".status.volume.bytesSent").wide(),
        Column::text("Message", ".status.reasons[0].text").wide(),
    ];
    type Status = TransferStatus;
}
