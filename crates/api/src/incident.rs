mod status;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use status::{IncidentClock, IncidentStatus};

use crate::{
    Column, Kind, NamespacedReference, ObjectReference, TransferSpec,
    schema::{CodeText, ConceptText, CountNumber, NameText, SentenceText, ShortText, flat_enum},
};

/// A breach of data-protection law, of the agreement or of an instruction (BR-FIRST, Art. 33(2) GDPR). One object
/// covers everything that happens on an edge, in the namespace of the agreement. The operator opens it; people
/// triage, report and close it. Only the controller notifies the supervisory authority (BR-AUTH); Landfall does
/// not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.firstAwareness == oldSelf.firstAwareness",
        "message": "expected the instant as it is; a later look never starts the clock anew",
        "fieldPath": ".firstAwareness",
    },
    {
        "rule": "self.agreementRef == oldSelf.agreementRef && has(self.edge) == has(oldSelf.edge) \
&& (!has(self.edge) || self.edge == oldSelf.edge)",
        "message": "expected agreement and edge as they are; another edge is another Incident",
    },
    {
        "rule": "!has(self.closing) || self.closing.at >= self.firstAwareness",
        "message": "expected an instant not before firstAwareness",
        "fieldPath": ".closing.at",
    },
]))]
pub struct IncidentSpec {
    /// The agreement of the namespace whose clocks run.
    pub agreement_ref: ObjectReference,
    /// The edge that it is about; absent: it is not about a single edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge: Option<TransferSpec>,
    /// The Transfer that stands for the edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_ref: Option<NamespacedReference>,
    /// When the breach first became known (Kenntnis): both clocks run from here, whatever comes later.
    pub first_awareness: Timestamp,
    /// What made it known.
    pub discovered_by: Discovery,
    /// What happened (Art. 33(3)(a) GDPR), without personal data.
    pub nature: Nature,
    /// The triage by a person. Absent: not triaged yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triage: Option<Triage>,
    /// Likely consequences (Art. 33(3)(c) GDPR).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub consequences: Option<String>,
    /// Reports to the controller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub reports: Vec<Report>,
    /// Its end. Absent: it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
}

/// What made a breach known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum Discovery {
    /// An alert of this monitor.
    Alert,
    /// A person.
    Person,
    /// A message from a recipient, such as a sub-processor's (Art. 33(2) GDPR).
    Recipient,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nature {
    /// The stable names of what is wrong, such as `UnregisteredRecipient`.
    #[schemars(with = "Vec<CodeText>", length(min = 1, max = 16), extend("x-kubernetes-list-type" = "set"))]
    pub codes: Vec<String>,
    /// The obligations that are not kept, such as `SUB-LIST`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CodeText>", length(max = 16), extend("x-kubernetes-list-type" = "set"))]
    pub obligations: Vec<String>,
    /// In a sentence.
    #[schemars(with = "SentenceText", length(min = 1, max = 1024))]
    pub summary: String,
    /// Kinds of data subjects, such as `dpv:Customer`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ConceptText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub data_subjects: Vec<String>,
    /// Approximate number of persons, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub approximate_subjects: Option<u64>,
    /// Approximate number of records, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub approximate_records: Option<u64>,
}

/// The triage of an alert by a person. It can reclassify the alert, but never stops or restarts a clock by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Triage {
    /// What it is.
    pub result: TriageResult,
    /// Why.
    #[schemars(length(min = 1, max = 4096))]
    pub reasons: String,
    /// Who says so, by office.
    #[schemars(with = "ShortText")]
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How a person classifies an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum TriageResult {
    /// A breach of agreement or instruction.
    Breach,
    /// A personal-data breach, too (Art. 4(12) GDPR).
    PersonalDataBreach,
    /// No breach.
    NoBreach,
}

landfall_observation::written_as_serialized!(TriageResult);

/// A report to the controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.receivedAt) || self.receivedAt >= self.sentAt",
    "message": "expected receivedAt not before sentAt",
    "fieldPath": ".receivedAt",
}]))]
pub struct Report {
    /// Name, unique within the incident.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Which report it is.
    pub stage: ReportStage,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it was received; absent: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// Who sent it, by office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub by: Option<String>,
    /// Name of the Notice that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub notice_ref: Option<String>,
    /// SHA-256 of its text, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 64, max = 64))]
    pub sha256: Option<String>,
}

/// The kind of a report to the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum ReportStage {
    /// The first status message (BR-FIRST).
    FirstStatus,
    /// The full report in text form (BR-FULL).
    FullReport,
    /// What became known later (Art. 33(4) GDPR).
    Supplement,
}

/// The end of an incident: what was done, and why that is enough (BR-DOC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Closing {
    /// The measures taken.
    #[schemars(length(min = 1, max = 32), inner(length(min = 1, max = 1024)))]
    pub measures: Vec<String>,
    /// Why they suffice.
    #[schemars(length(min = 1, max = 4096))]
    pub reasoning: String,
    /// Who closed it, by office.
    #[schemars(with = "ShortText")]
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Kind for IncidentSpec {
    const KIND: &'static str = "Incident";
    const PLURAL: &'static str = "incidents";
    const SHORT_NAME: &'static str = "inc";
    const NAMESPACED: bool = true;
    const COLUMNS: &'static [Column] = &[
        Column::text("Agreement", ".spec.agreementRef.name"),
        Column::text("Recipient", ".spec.edge.recipient"),
        Column::text("Cause", ".spec.nature.codes[0]"),
        Column::age("Known", ".spec.firstAwareness"),
        Column::text("First report due", ".status.firstReport.due"),
        Column::text("First report", r#".status.conditions[?(@.type=="FirstReportDue")].reason"#),
        Column::text("Full report due", ".status.fullReport.due"),
        Column::text("Full report", r#".status.conditions[?(@.type=="FullReportDue")].reason"#),
        Column::text("Closed", r#".status.conditions[?(@.type=="Closed")].status"#),
        Column::READY.wide(),
        Column::text("Message", ".spec.nature.summary").wide(),
    ];
    type Status = IncidentStatus;
}
