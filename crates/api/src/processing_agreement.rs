mod engagement;
mod obligation;
mod scope;
mod text;

use std::fmt;

use ipnet::IpNet;
use landfall_observation::{EntityKind, Jurisdiction, TlsVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use engagement::{Activation, Engagement, RecipientRole};
pub use obligation::{AgreedObligation, DeclarationForm};
pub use scope::{AnnexedCategory, AnnexedSubject, Scope};
pub use text::{Annex, Statement};

use crate::{
    Column, Interpretation, Kind, LabelSelector, RegisterStatus,
    schema::{CidrText, JurisdictionText, ShortText, TlsVersionText},
};

/// A data-processing agreement (Art. 28(3) GDPR): who processes which data for whom, who else receives it
/// in which role, and what the text promises. Lines and clauses are cited as the text numbers them.
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
    /// The recipients of personal data that it allows, each in its role; sub-processors are those of Annex 3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["ref"]))]
    pub recipients: Vec<Engagement>,
    /// Categories of personal data and of data subjects that it covers (Annex 1).
    pub scope: Scope,
    /// Technical measures of Annex 2 that can be observed.
    #[serde(default)]
    pub measures: Measures,
    /// The annexes that the text announces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub annexes: Vec<Annex>,
    /// What the text claims, so that claims can be compared with facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 512))]
    pub statements: Vec<Statement>,
    /// The obligations of its parties, with their periods and forms, and where the text lays them down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 128))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"]))]
    pub obligations: Vec<AgreedObligation>,
    /// How gaps and ambiguities of the text are interpreted.
    #[serde(default)]
    pub interpretation: Interpretation,
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
    /// Contact for data protection at the processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
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
    /// What it is; absent: a company.
    #[serde(default, skip_serializing_if = "EntityKind::is_company")]
    pub kind: EntityKind,
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
    /// What it is; absent: a company.
    #[serde(default, skip_serializing_if = "EntityKind::is_company")]
    pub kind: EntityKind,
    /// Tenants that are its own (`landfall.dev/tenant`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 63)), extend("x-kubernetes-list-type" = "set"))]
    pub tenants: Vec<String>,
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

/// A contact. Its `Debug` output shows neither name nor address.
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
    const PLURAL: &'static str = "processingagreements";
    const SHORT_NAME: &'static str = "agr";
    const NAMESPACED: bool = true;
    const COLUMNS: &'static [Column] = &[
        Column::text("Processor", ".spec.processor.legalName"),
        Column::text("Revision", ".spec.revision"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
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
