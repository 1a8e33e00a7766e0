use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{DataCategory, Jurisdiction, OpaqueHandling, SeenDirection, TlsVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Column, Kind, LabelSelector, RegisterStatus,
    schema::{
        CategoryText, CidrText, HostText, JurisdictionText, NameText, NamespaceText, PortNumber, ShortText,
        TlsVersionText, flat_enum,
    },
};

/// How strictly the agreements of a namespace are monitored, beyond what law and text require.
/// If several policies apply to an agreement, the strictest setting counts, and lists add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.agreementRef) || !has(self.agreementSelector)",
    "message": "expected at most one of agreementRef and agreementSelector",
}]))]
pub struct TransferPolicySpec {
    /// The one agreement of the namespace that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_ref: Option<ObjectReference>,
    /// The agreements of the namespace that it is for, by label; neither: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_selector: Option<LabelSelector>,
    /// How alerts are raised.
    #[serde(default)]
    pub severity: Severity,
    /// Lowest version of TLS allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<TlsVersionText>")]
    pub minimum_tls: Option<TlsVersion>,
    /// How traffic that cannot be read is judged.
    #[serde(default)]
    pub opaque: OpaqueHandling,
    /// Jurisdictions allowed, beyond the law's own limits; absent: no further limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<JurisdictionText>>", length(max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub allowed_jurisdictions: Option<Vec<Jurisdiction>>,
    /// Kinds of personal data allowed, beyond the agreement's own limits; absent: no further limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<CategoryText>>", length(max = 128), extend("x-kubernetes-list-type" = "set"))]
    pub allowed_categories: Option<Vec<DataCategory>>,
    /// Destinations declared to receive no personal data. A finding overrules the declaration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub not_personal: Vec<NotPersonal>,
    /// Access paths for administration: an inbound connection through one of them is remote access.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub access_paths: Vec<AccessPath>,
    /// Temporary exceptions: they mute the alert and never change the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub exceptions: Vec<Exception>,
    /// What happens to a transfer that is not permitted.
    #[serde(default)]
    pub enforcement: Enforcement,
    /// Which data previously seen at a workload counts against its later recipients; absent: everything seen within
    /// 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holding: Option<HoldingSpec>,
    /// Whether an unregistered recipient opens an incident if no category was seen.
    #[serde(default)]
    pub incident_on_unknown: bool,
}

/// A reference to an object of the same namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectReference {
    /// Its name.
    #[schemars(with = "NameText")]
    pub name: String,
}

/// A destination declared to receive no personal data, such as time servers and package mirrors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "(has(self.hosts) && size(self.hosts) > 0) || (has(self.cidrs) && size(self.cidrs) > 0) || (has(self.ports) && size(self.ports) > 0)",
    "message": "expected at least one of hosts, cidrs or ports",
}]))]
pub struct NotPersonal {
    /// Name, unique within the policy.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Host names, or `*.` and a suffix. A destination fits if its host or its address does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<HostText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub hosts: Vec<String>,
    /// Prefixes. They never hide a registered host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CidrText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub cidrs: Vec<IpNet>,
    /// Ports; absent: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<PortNumber>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub ports: Vec<u16>,
    /// Why no personal data goes there.
    #[schemars(with = "ShortText")]
    pub reason: String,
    /// Until when it is declared, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// An access path for administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "(has(self.cidrs) && size(self.cidrs) > 0) || (has(self.ports) && size(self.ports) > 0)",
    "message": "expected at least one of ports or cidrs",
}]))]
pub struct AccessPath {
    /// Name, unique within the policy.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Local ports; absent: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<PortNumber>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub ports: Vec<u16>,
    /// Prefixes from which the connection comes; absent: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CidrText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub cidrs: Vec<IpNet>,
}

/// Which data previously seen at a workload counts as held. A kind of data counts for a recipient if one sighting
/// matches all fields. If several policies apply, a sighting counts if any of them lets it count. A sighting whose
/// place is not known always counts, and data seen in the traffic itself is not affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.maxAgeDays) || has(self.direction) || (has(self.seenAt) && size(self.seenAt) > 0) || (has(self.countsFor) && size(self.countsFor) > 0)",
    "message": "expected at least one of maxAgeDays, direction, seenAt or countsFor",
}]))]
pub struct HoldingSpec {
    /// Days for which a kind of data counts after it was seen last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 30))]
    pub max_age_days: Option<u16>,
    /// The direction in which it was seen; absent: either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<SeenDirection>,
    /// Where it was seen; absent: anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub seen_at: Vec<HoldingPath>,
    /// The recipients for which it counts; absent: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub counts_for: Vec<HoldingRecipient>,
}

/// Where data was seen: the other party, and the port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.recipient) || (has(self.ports) && size(self.ports) > 0)",
        "message": "expected at least one of recipient or ports",
    },
    {
        "rule": "!has(self.endpoint) || has(self.recipient)",
        "message": "expected recipient beside endpoint",
    },
]))]
pub struct HoldingPath {
    /// Name of the Recipient, `data-subjects`, or another recipient as Transfers name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub recipient: Option<String>,
    /// Name of the endpoint entry; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: Option<String>,
    /// Ports of the side to which the connection was opened; absent: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<PortNumber>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub ports: Vec<u16>,
}

/// A recipient for which held data counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldingRecipient {
    /// Name of the Recipient, or another recipient as Transfers name it.
    #[schemars(with = "ShortText")]
    pub recipient: String,
    /// Name of the endpoint entry; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: Option<String>,
}

/// A temporary exception: it mutes the alert and never changes the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// The edges it is for.
    pub edge: EdgeSelector,
    /// Why.
    #[schemars(with = "ShortText")]
    pub reason: String,
    /// Until when, exclusive.
    pub until: Timestamp,
    /// Who decided it, by office.
    #[schemars(with = "ShortText")]
    pub decider: String,
}

/// Edges, by recipient and by who sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!(has(self.workload) && has(self.topic))",
    "message": "expected workload or topic, not both",
}]))]
pub struct EdgeSelector {
    /// Name of the Recipient, or `unregistered:` and its label.
    #[schemars(with = "ShortText")]
    pub recipient: String,
    /// Name of the endpoint entry; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: Option<String>,
    /// The workload; where topic is absent, too: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload: Option<WorkloadReference>,
    /// The topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<TopicReference>,
}

/// A workload by its three names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadReference {
    /// Namespace.
    #[schemars(with = "NamespaceText")]
    pub namespace: String,
    /// Kind, such as `Deployment`.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,
    /// Name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// A topic by its bus and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TopicReference {
    /// Namespace of the MessageBus.
    #[schemars(with = "NamespaceText")]
    pub namespace: String,
    /// Name of the MessageBus.
    #[schemars(with = "NameText")]
    pub bus: String,
    /// Name of the topic.
    #[schemars(length(min = 1, max = 249))]
    pub name: String,
}

/// How alerts are raised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum Severity {
    /// For information.
    Info,
    /// Needs attention in office hours.
    #[default]
    Warning,
    /// Needs immediate attention.
    Critical,
}

/// What happens to a transfer that is not permitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum Enforcement {
    /// It is shown.
    #[default]
    Observe,
    /// Whoever deploys it is warned.
    Warn,
    /// It is denied.
    Deny,
}

impl Kind for TransferPolicySpec {
    const KIND: &'static str = "TransferPolicy";
    const PLURAL: &'static str = "transferpolicies";
    const SHORT_NAME: &'static str = "tp";
    const NAMESPACED: bool = true;
    const COLUMNS: &'static [Column] = &[
        Column::text("Agreement", ".spec.agreementRef.name"),
        Column::text("Enforcement", ".spec.enforcement"),
        Column::text("Severity", ".spec.severity"),
        Column::text("TLS", ".spec.minimumTls"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
}
