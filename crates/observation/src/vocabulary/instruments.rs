//! Instruments of Chapter V GDPR, and what their use depends on.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// Who holds the keys to encrypted data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum KeyCustody {
    /// The exporter alone, in the EEA.
    #[serde(rename = "ExporterEea")]
    ExporterEea,
    /// A third party, in the EEA.
    #[serde(rename = "ThirdPartyEea")]
    ThirdPartyEea,
    /// The importer, also where its service decrypts with a key that the customer manages.
    #[serde(rename = "Importer")]
    Importer,
}

/// The outcome of a transfer impact assessment (Clause 14 of the standard contractual clauses).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum AssessmentOutcome {
    /// Nothing prevents the importer from fulfilling its obligations under the clauses.
    #[serde(rename = "Acceptable")]
    Acceptable,
    /// Acceptable only with the supplementary measures.
    #[serde(rename = "AcceptableWithMeasures")]
    AcceptableWithMeasures,
    /// The transfer must end.
    #[serde(rename = "NotAcceptable")]
    NotAcceptable,
    /// Not decided yet.
    #[serde(rename = "Open")]
    Open,
}

/// What happens to an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum AssessmentEffect {
    /// What it rests on has changed: it must be made again.
    #[serde(rename = "Refresh")]
    Refresh,
    /// It now comes to the result that the transfer must end.
    #[serde(rename = "NotAcceptable")]
    NotAcceptable,
}

/// Whose data binding corporate rules cover (Art. 47 GDPR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum BcrVariant {
    /// Data for which the group is the controller (BCR-C).
    #[serde(rename = "Controller")]
    Controller,
    /// Data that the group processes for others (BCR-P).
    #[serde(rename = "Processor")]
    Processor,
}

/// What a certification under the Data Privacy Framework covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum DpfDataType {
    /// Data of employees; whose is a question of `interpretation.hrData`.
    #[serde(rename = "Hr")]
    Hr,
    /// All other personal data.
    #[serde(rename = "NonHr")]
    NonHr,
}

/// The derogations of Art. 49 GDPR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum DerogationGround {
    /// Explicit and informed consent (Art. 49(1)(a)).
    #[serde(rename = "ExplicitConsent")]
    ExplicitConsent,
    /// A contract with the data subject (b).
    #[serde(rename = "Contract")]
    Contract,
    /// A contract in the interest of the data subject (c).
    #[serde(rename = "ContractInInterest")]
    ContractInInterest,
    /// Important reasons of public interest (d).
    #[serde(rename = "PublicInterest")]
    PublicInterest,
    /// Legal claims (e).
    #[serde(rename = "LegalClaims")]
    LegalClaims,
    /// Vital interests (f).
    #[serde(rename = "VitalInterests")]
    VitalInterests,
    /// A public register (g).
    #[serde(rename = "PublicRegister")]
    PublicRegister,
    /// Compelling legitimate interests (second subparagraph).
    #[serde(rename = "CompellingInterests")]
    CompellingInterests,
}

/// Who adopted standard data protection clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum ClausesAuthor {
    /// The Commission (Art. 46(2)(c)).
    #[serde(rename = "Commission")]
    Commission,
    /// A supervisory authority, approved by the Commission (Art. 46(2)(d)).
    #[serde(rename = "SupervisoryAuthority")]
    SupervisoryAuthority,
}
