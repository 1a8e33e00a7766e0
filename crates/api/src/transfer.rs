mod status;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use status::{
    CategoryRung, CategorySighting, Ground, MissingPiece, PlaceCertainty, TransferCategories, TransferCoverage,
    TransferLocation, TransferOutcome, TransferPayload, TransferReason, TransferStatus, TransferVolume,
};

use crate::{
    Column, Kind, WorkloadReference,
    schema::{NameText, NamespaceText, ShortText},
};

/// A transfer that was observed: one edge from a workload to an endpoint of a recipient, judged under one
/// agreement. The operator alone writes it, in the namespace of the workload. Jurisdiction, host, port and
/// TLS are facts about an edge and never make another one.
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
    /// The workload that sends.
    pub workload: WorkloadReference,
    /// Name of the SubProcessor, or `unregistered:` and its registrable domain, autonomous system or
    /// prefix; `other` for all edges beyond the most that a namespace may have.
    #[schemars(with = "ShortText")]
    pub recipient: String,
    /// Name of the endpoint entry, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: Option<String>,
    /// By which way: `flow`, or `topic:` and its name.
    #[schemars(length(max = 255))]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == 'flow' || (self.startsWith('topic:') && size(self) > 6)",
        "message": "expected flow, or topic: and the name of a topic",
    }]))]
    pub via: String,
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

impl Kind for TransferSpec {
    const KIND: &'static str = "Transfer";
    const PLURAL: &'static str = "transfers";
    const SHORT_NAME: &'static str = "tr";
    const NAMESPACED: bool = true;
    const COLUMNS: &'static [Column] = &[
        Column::text("Workload", ".spec.workload.name"),
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
