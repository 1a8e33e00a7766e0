use ipnet::IpNet;
use jiff::civil::Date;
use landfall_observation::{DataCategory, EncryptionEnd, Jurisdiction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Column, Entity, Fact, Kind, Period, PlacesFact, RegisterStatus,
    schema::{AsnNumber, CategoryText, CidrText, ConceptText, HostText, JurisdictionText, NameText, ShortText},
};

/// A recipient of personal data (Art. 4(9) GDPR) with the facts about it: who it is, by which endpoints it
/// is reached, where each processes, and to whom it passes data on. Its role, such as sub-processor or
/// controller, is stated in each agreement that lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipientSpec {
    /// The entity that the agreement names.
    pub legal_entity: Fact<Entity>,
    /// The entity that the contract is with: the importer of the first hop. Absent: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contracting_entity: Option<Fact<Entity>>,
    /// Its current postal address, to be compared with the one in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Fact<ShortText>>")]
    pub address: Option<Fact<String>>,
    /// What it is engaged for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ConceptText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub purposes: Vec<String>,
    /// Kinds of personal data that it is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CategoryText>", length(max = 128), extend("x-kubernetes-list-type" = "set"))]
    pub categories: Vec<DataCategory>,
    /// Kinds of data subjects whose data it is given, such as `dpv:Customer`. Absent: those of the
    /// agreement. Whether employees are among them decides which listing under the Data Privacy
    /// Framework covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<ConceptText>>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub data_subjects: Option<Vec<String>>,
    /// The endpoints by which it is reached, each with the places of processing.
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub endpoints: Vec<EndpointSpec>,
    /// Recipients that it passes data on to. Absent: not known; empty: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub onward: Option<Vec<OnwardSpec>>,
    /// Periods that it grants its customers, to be compared with what the agreement owes.
    #[serde(default, skip_serializing_if = "GrantedNotices::is_empty")]
    pub notices: GrantedNotices,
    /// Who holds the business-side end where it encrypts from end to end. Encryption that ends at the
    /// importer is no supplementary measure against the importer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_to_end_encryption_ends_at: Option<Fact<EncryptionEnd>>,
}

/// A named endpoint of a recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "(has(self.hosts) && size(self.hosts) > 0) || (has(self.cidrs) && size(self.cidrs) > 0) \
|| (has(self.asns) && size(self.asns) > 0) || (has(self.topics) && size(self.topics) > 0)",
    "message": "expected at least one of hosts, cidrs, asns or topics",
}]))]
pub struct EndpointSpec {
    /// Name, unique within the recipient.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Host names, or `*.` and a suffix for all names below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<HostText>", length(max = 128), extend("x-kubernetes-list-type" = "set"))]
    pub hosts: Vec<String>,
    /// Prefixes of its addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CidrText>", length(max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub cidrs: Vec<IpNet>,
    /// Autonomous systems that are its own. Not those of its hosting provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<AsnNumber>", length(max = 32), extend("x-kubernetes-list-type" = "set"))]
    pub asns: Vec<u32>,
    /// Topics of a message bus that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 249)), extend("x-kubernetes-list-type" = "set"))]
    pub topics: Vec<String>,
    /// The source for these names and addresses.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which that source was checked.
    pub as_of: Date,
    /// Where data sent here is processed.
    pub processing: PlacesFact,
    /// Where it is stored; absent: nothing is stated beyond the processing places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<PlacesFact>,
    /// From where it is accessed, for support or administration; absent: nothing is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<PlacesFact>,
}

/// A further recipient that it passes data on to (Art. 44 GDPR).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.places) != (has(self.anywhere) && self.anywhere)",
    "message": "expected either places (a list of jurisdictions) or anywhere: true",
}]))]
pub struct OnwardSpec {
    /// The importer of the hop.
    pub legal_entity: Entity,
    /// Name of the Recipient object for the same recipient, whose own `onward` continues the
    /// chain. Absent: the chain is not followed further.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub r#ref: Option<String>,
    /// Where it processes, or from where it has access.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<JurisdictionText>>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub places: Option<Vec<Jurisdiction>>,
    /// It names no place ("global").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anywhere: Option<bool>,
    /// What it does.
    #[schemars(with = "ShortText")]
    pub purpose: String,
    /// The source.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which that source was checked.
    pub as_of: Date,
}

/// Periods that a recipient grants its customers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantedNotices {
    /// How long before a change of its own sub-processors it notifies its customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_processor_change: Option<Fact<Period>>,
    /// Within what time it reports a breach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breach: Option<Fact<Period>>,
}

impl GrantedNotices {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Kind for RecipientSpec {
    const KIND: &'static str = "Recipient";
    const PLURAL: &'static str = "recipients";
    const SHORT_NAME: &'static str = "rcp";
    const NAMESPACED: bool = false;
    /// The names of counterparts that are not registered recipients, in Transfers and in metrics.
    const RESERVED: &'static [&'static str] =
        &["ambiguous", "data-subjects", "not-personal", "other", "own-network", "truncated", "unregistered"];
    const COLUMNS: &'static [Column] = &[
        Column::text("Entity", ".spec.legalEntity.value.name"),
        Column::text("Seat", ".spec.legalEntity.value.seat"),
        Column::text("Processing", ".spec.endpoints[*].processing.value"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::text("As of", ".spec.legalEntity.asOf").wide(),
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
}
