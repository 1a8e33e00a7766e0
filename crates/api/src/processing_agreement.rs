use std::{collections::BTreeMap, fmt};

use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{DataCategory, Jurisdiction, TlsVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Clocks, Kind, LabelSelector,
    schema::{CategoryText, CidrText, ConceptText, JurisdictionText, NameText, ShortText, TlsVersionText, flat_enum},
};

/// A data-processing agreement (Art. 28(3) GDPR): who processes what for whom, with which
/// sub-processors, and what the text promises. Lines are cited as the text counts them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingAgreementSpec {
    /// Version of the text, such as its date.
    #[schemars(with = "ShortText")]
    pub revision: String,
    /// The processor, whose workloads are observed.
    pub processor: Processor,
    /// The controllers that it acts for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub controllers: Vec<Controller>,
    /// Sub-processors that the agreement lists (Annex 3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["ref"]))]
    pub sub_processors: Vec<Engagement>,
    /// Categories of personal data and of data subjects that it covers (Annex 1).
    pub scope: Scope,
    /// Technical measures of Annex 2 that can be observed.
    #[serde(default)]
    pub measures: Measures,
    /// What the text claims, so that claims can be compared with facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    pub statements: Vec<Statement>,
    /// The periods of the agreement.
    #[serde(default)]
    pub clocks: Clocks,
    /// Networks of the processor's own, or run for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub own_networks: Vec<OwnNetworkSpec>,
    /// Namespaces that it covers; absent: all that consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<LabelSelector>,
    /// Workloads that it covers in those namespaces; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workload_selector: Option<LabelSelector>,
    /// Whom to ask about data protection at the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Where the text says what: obligation, such as `SUB-LIST`, to line or clause, such as `L36`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, ShortText>", extend("maxProperties" = 128))]
    pub clauses: BTreeMap<String, String>,
}

/// The processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.land) || self.land.startsWith(self.seat + '-')",
    "message": "expected a subdivision of the seat, such as \"DE-BE\" for a seat in DE",
    "fieldPath": ".land",
}]))]
pub struct Processor {
    /// Full legal name.
    #[schemars(with = "ShortText")]
    pub legal_name: String,
    /// Jurisdiction of its seat.
    #[schemars(with = "JurisdictionText")]
    pub seat: Jurisdiction,
    /// Subdivision of the seat whose holidays count (ISO 3166-2), such as `DE-BE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 4, max = 6))]
    pub land: Option<String>,
    /// Time zone in which days are counted (IANA), such as `Europe/Berlin`.
    #[schemars(length(min = 1, max = 64))]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self.matches('^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$')",
        "message": "expected the name of a time zone such as \"Europe/Berlin\"",
    }]))]
    pub zone: String,
}

/// A controller that the processor acts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Controller {
    /// Full legal name.
    #[schemars(with = "ShortText")]
    pub name: String,
    /// Jurisdiction of its seat. A controller outside the EEA is an importer of what it is sent.
    #[schemars(with = "JurisdictionText")]
    pub seat: Jurisdiction,
    /// Tenants that are its own (`landfall.dev/tenant`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub tenants: Vec<String>,
}

/// A sub-processor as the agreement lists it (Annex 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.activation == 'optional' || !has(self.active)",
        "message": "expected active only with activation optional",
        "fieldPath": ".active",
    },
    {
        "rule": "self.activation == 'perTenant' || !has(self.tenants) || size(self.tenants) == 0",
        "message": "expected tenants only with activation perTenant",
        "fieldPath": ".tenants",
    },
]))]
pub struct Engagement {
    /// Name of the SubProcessor.
    #[schemars(with = "NameText")]
    pub r#ref: String,
    /// For whom it is switched on.
    #[serde(default)]
    pub activation: Activation,
    /// With activation `optional`: whether the controller gave the instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// With activation `perTenant`: the tenants that gave the instruction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub tenants: Vec<String>,
    /// End of the objection period: it must not be used before. Absent: listed since the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Timestamp>,
    /// Name of the Notice that announced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub notice_ref: Option<String>,
    /// Name of the Notice that carries the controller's instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub instruction_ref: Option<String>,
    /// Line or clause that lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub clause: Option<String>,
}

/// For whom a sub-processor is switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = flat_enum)]
pub enum Activation {
    /// For every controller.
    #[default]
    Default,
    /// For everybody or nobody, by instruction.
    Optional,
    /// For the named tenants only.
    PerTenant,
}

/// Categories of personal data and of data subjects (Annex 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// Kinds of personal data.
    #[schemars(length(min = 1, max = 128))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["category"]))]
    pub categories: Vec<AnnexedCategory>,
    /// Kinds of data subjects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub data_subjects: Vec<AnnexedSubject>,
    /// Purposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ConceptText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub purposes: Vec<String>,
}

/// A kind of personal data, and the line that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnexedCategory {
    /// DPV identifier, such as `pd:EmailAddress`.
    #[schemars(with = "CategoryText")]
    pub category: DataCategory,
    /// Line or clause.
    #[schemars(with = "ShortText")]
    pub clause: String,
}

/// A kind of data subjects, and the line that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnexedSubject {
    /// What the text calls them.
    #[schemars(with = "ShortText")]
    pub name: String,
    /// DPV identifier, such as `dpv:Customer`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ConceptText>")]
    pub concept: Option<String>,
    /// Line or clause.
    #[schemars(with = "ShortText")]
    pub clause: String,
}

/// Technical measures that traffic can confirm or disprove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Measures {
    /// Lowest version of TLS that the text promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_tls: Option<TlsMeasure>,
}

/// A promised version of TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TlsMeasure {
    /// The version.
    #[schemars(with = "TlsVersionText")]
    pub version: TlsVersion,
    /// Line or clause.
    #[schemars(with = "ShortText")]
    pub clause: String,
}

/// A claim of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// Line or clause, such as `L95`.
    #[schemars(with = "ShortText")]
    pub line: String,
    /// What it is about.
    pub topic: StatementTopic,
    /// Of whom: the name of a SubProcessor, or `agreement`.
    #[schemars(with = "NameText")]
    pub subject: String,
    /// What it says.
    #[schemars(length(min = 1, max = 512))]
    pub value: String,
}

/// What a claim of the text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum StatementTopic {
    /// Name of a legal entity.
    LegalName,
    /// Its address.
    Address,
    /// Country of its seat.
    Seat,
    /// What it is engaged for.
    Purpose,
    /// Where data is processed or stored.
    DataCentre,
    /// What makes a transfer lawful.
    TransferBasis,
    /// Encryption on the way.
    TransportEncryption,
    /// Encryption from end to end.
    EndToEndEncryption,
    /// Encryption where data rests.
    EncryptionAtRest,
    /// A certificate or seal.
    Certification,
    /// Whether it is used for everybody.
    Activation,
    /// An annex that the text announces.
    Annex,
    /// Deletion and return.
    Deletion,
}

/// A network of the processor's own, or run for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnNetworkSpec {
    /// Its prefixes.
    #[schemars(with = "Vec<CidrText>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub cidrs: Vec<IpNet>,
    /// The legal entity that runs it.
    #[schemars(with = "ShortText")]
    pub operator: String,
    /// Where it is.
    #[schemars(with = "JurisdictionText")]
    pub jurisdiction: Jurisdiction,
}

/// Whom to ask. Its `Debug` output shows neither name nor address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// A person or an office.
    #[schemars(with = "ShortText")]
    pub name: String,
    /// An e-mail address.
    #[schemars(length(min = 3, max = 254))]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self.matches('^[^@ ]+@[^@ ]+$')",
        "message": "expected an e-mail address",
    }]))]
    pub email: String,
}

impl Kind for ProcessingAgreementSpec {
    const KIND: &'static str = "ProcessingAgreement";
    const NAMESPACED: bool = true;
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_contact() {
        let contact = Contact { name: "Erika Beispiel".to_owned(), email: "erika@example.org".to_owned() };
        assert_eq!(format!("{contact:?}"), "Contact { .. }");
    }
}
