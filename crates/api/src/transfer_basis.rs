use jiff::{Timestamp, civil::Date};
use landfall_observation::{DataCategory, Jurisdiction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Kind,
    schema::{CategoryText, JurisdictionText, NameText, ShortText, flat_enum},
};

/// An instrument that can make a transfer to a third country lawful (Chapter V GDPR).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.dpv == (has(self.instrument.standardContractualClauses) ? 'eu-gdpr:A46-2-c' : 'eu-gdpr:A45-3')",
        "message": "expected eu-gdpr:A46-2-c for standard contractual clauses and eu-gdpr:A45-3 for adequacy decisions and DPF listings",
        "fieldPath": ".dpv",
    },
    {
        "rule": "!has(self.instrument.adequacy) || has(self.countries)",
        "message": "expected countries for an adequacy decision",
        "fieldPath": ".countries",
    },
    {
        "rule": "!has(self.instrument.dpfListing) || (has(self.importers) && has(self.countries) && self.countries == ['US'])",
        "message": "expected importers, and countries [US], for a listing under the Data Privacy Framework",
    },
    {
        "rule": "!has(self.instrument.standardContractualClauses) || (has(self.importers) && has(self.exporters))",
        "message": "expected exporters and importers, the parties, for standard contractual clauses",
    },
]))]
pub struct TransferBasisSpec {
    /// What it is: exactly one.
    pub instrument: InstrumentSpec,
    /// Its identifier in the Data Privacy Vocabulary.
    pub dpv: BasisIdentifier,
    /// Exporters it is for, by full legal name; absent: every exporter under the GDPR.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<ShortText>>", length(min = 1, max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub exporters: Option<Vec<String>>,
    /// Importers it is for, by full legal name; absent: everybody in its countries.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<ShortText>>", length(min = 1, max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub importers: Option<Vec<String>>,
    /// Countries it covers; absent: every third country.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<JurisdictionText>>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub countries: Option<Vec<Jurisdiction>>,
    /// Kinds of personal data it covers; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<CategoryText>>", length(min = 1, max = 128), extend("x-kubernetes-list-type" = "set"))]
    pub categories: Option<Vec<DataCategory>>,
    /// When it applies.
    #[serde(default, skip_serializing_if = "ValiditySpec::is_empty")]
    pub validity: ValiditySpec,
    /// Where these facts come from, or how far they are unverified.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which they were checked.
    pub as_of: Date,
}

/// Identifier of a basis in the Data Privacy Vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum BasisIdentifier {
    /// Adequacy decision, Art. 45(3).
    #[serde(rename = "eu-gdpr:A45-3")]
    A45_3,
    /// Standard contractual clauses of the Commission, Art. 46(2)(c).
    #[serde(rename = "eu-gdpr:A46-2-c")]
    A46_2C,
}

/// The kind of instrument: exactly one is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "(has(self.adequacy) ? 1 : 0) + (has(self.dpfListing) ? 1 : 0) + (has(self.standardContractualClauses) ? 1 : 0) == 1",
    "message": "expected exactly one of adequacy, dpfListing or standardContractualClauses",
}]))]
pub struct InstrumentSpec {
    /// An adequacy decision for a country (Art. 45(3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adequacy: Option<AdequacySpec>,
    /// A listing under the EU-U.S. Data Privacy Framework ((EU) 2023/1795).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpf_listing: Option<DpfListingSpec>,
    /// Standard contractual clauses (EU) 2021/914 (Art. 46(2)(c)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_contractual_clauses: Option<StandardContractualClausesSpec>,
}

/// An adequacy decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdequacySpec {
    /// Its number, such as `(EU) 2019/419`.
    #[schemars(with = "ShortText")]
    pub decision: String,
}

/// A listing under the Data Privacy Framework. It is per legal entity and per kind of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DpfListingSpec {
    /// Whether the list showed the entity as active.
    pub active: bool,
    /// Kinds of data that the certification covers.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub data_types: Vec<DpfDataTypeSpec>,
    /// The day on which the list was looked at.
    pub checked_at: Date,
}

/// What a certification under the Data Privacy Framework covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum DpfDataTypeSpec {
    /// Data of employees.
    Hr,
    /// All other personal data.
    NonHr,
}

/// Standard contractual clauses between the exporters and the importers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandardContractualClausesSpec {
    /// Modules agreed: 1 controller to controller, 2 controller to processor, 3 processor to
    /// processor, 4 processor to controller.
    #[schemars(length(min = 1, max = 4), inner(range(min = 1, max = 4)), extend("x-kubernetes-list-type" = "set"))]
    pub modules: Vec<u8>,
    /// Whether Annexes I to III are filled in.
    pub annexes_complete: bool,
    /// When they were signed; absent: not known to be signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<Date>,
    /// Name of the TransferImpactAssessment; absent: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub assessment_ref: Option<String>,
}

/// When an instrument applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.from) || !has(self.until) || self.from < self.until",
    "message": "expected until after from",
    "fieldPath": ".until",
}]))]
pub struct ValiditySpec {
    /// From this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until this instant, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Suspended from this instant on (Art. 45(5)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Timestamp>,
    /// Repealed from this instant on (Art. 45(5)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repealed: Option<Timestamp>,
    /// Annulled by a judgment of this instant: it never was valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annulled: Option<Timestamp>,
}

impl ValiditySpec {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Kind for TransferBasisSpec {
    const KIND: &'static str = "TransferBasis";
    const NAMESPACED: bool = false;
}
