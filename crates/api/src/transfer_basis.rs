mod adequacy;
mod clauses;
mod derogation;
mod identifier;
mod instrument;
mod safeguards;
mod validity;

use jiff::civil::Date;
use landfall_observation::{DataCategory, Jurisdiction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use adequacy::{AdequacySpec, DpfListingSpec};
pub use clauses::{AdHocClausesSpec, ClauseSetSpec, StandardContractualClausesSpec};
pub use derogation::{ApprovalSpec, DerogationSpec};
pub use identifier::BasisIdentifier;
pub use instrument::InstrumentSpec;
pub use safeguards::{
    AdministrativeArrangementSpec, BindingCorporateRulesSpec, CertificationSpec, CodeOfConductSpec, ForeignOrderSpec,
    PublicInstrumentSpec,
};
pub use validity::ValiditySpec;

use crate::{
    Column, Kind, RegisterStatus,
    schema::{CategoryText, JurisdictionText, ShortText},
};

/// An instrument that can make a transfer to a third country lawful (Chapter V GDPR), or the legal act
/// that such instruments rest on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = instrument::rules()))]
pub struct TransferBasisSpec {
    /// What it is: exactly one.
    pub instrument: InstrumentSpec,
    /// Its identifier in the Data Privacy Vocabulary. Art. 48 has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpv: Option<BasisIdentifier>,
    /// Exporters to which it applies, by full legal name; absent: every exporter under the GDPR.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<ShortText>>", length(min = 1, max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub exporters: Option<Vec<String>>,
    /// Importers to which it applies, by full legal name; absent: every importer in its countries.
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
    /// Kinds of personal data it does not cover, although it covers all others or those above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CategoryText>", length(max = 128), extend("x-kubernetes-list-type" = "set"))]
    pub except_categories: Vec<DataCategory>,
    /// When it applies.
    #[serde(default, skip_serializing_if = "ValiditySpec::is_empty")]
    pub validity: ValiditySpec,
    /// Where these facts come from, or how far they are unverified.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which they were checked.
    pub as_of: Date,
}

impl Kind for TransferBasisSpec {
    const KIND: &'static str = "TransferBasis";
    const PLURAL: &'static str = "transferbases";
    const SHORT_NAME: &'static str = "tb";
    const NAMESPACED: bool = false;
    const COLUMNS: &'static [Column] = &[
        Column::text("DPV", ".spec.dpv"),
        Column::text("Countries", ".spec.countries"),
        Column::text("Importers", ".spec.importers"),
        Column::text("Until", ".spec.validity.until"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::text("As of", ".spec.asOf").wide(),
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
}
