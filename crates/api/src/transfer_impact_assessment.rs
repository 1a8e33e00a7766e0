use jiff::civil::Date;
use landfall_observation::{AssessmentOutcome, Jurisdiction, KeyCustody};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Column, Kind, RegisterStatus,
    schema::{JurisdictionText, ShortText},
};

/// A transfer impact assessment (C-311/18; clause 14 of the standard contractual clauses; EDPB
/// Recommendations 01/2020).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "!has(self.nextReview) || self.nextReview > self.decided",
        "message": "expected a day after decided",
        "fieldPath": ".nextReview",
    },
    {
        "rule": "self.outcome != 'AcceptableWithMeasures' || (has(self.measures) && size(self.measures) > 0)",
        "message": "expected the supplementary measures that the outcome rests on",
        "fieldPath": ".measures",
    },
]))]
pub struct TransferImpactAssessmentSpec {
    /// The importer assessed, by full legal name.
    #[schemars(with = "ShortText")]
    pub importer: String,
    /// Countries assessed.
    #[schemars(with = "Vec<JurisdictionText>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub countries: Vec<Jurisdiction>,
    /// Laws and practice that were assessed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ShortText>", length(max = 64))]
    pub laws_assessed: Vec<String>,
    /// Who holds the keys.
    pub key_custody: KeyCustody,
    /// Whether the importer needs the data in the clear (use cases 6 and 7 of the Recommendations).
    pub plaintext_needed: bool,
    /// Supplementary measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ShortText>", length(max = 64))]
    pub measures: Vec<String>,
    /// Its result.
    pub outcome: AssessmentOutcome,
    /// When that was decided.
    pub decided: Date,
    /// When it must be reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_review: Option<Date>,
    /// The document.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which these facts were checked.
    pub as_of: Date,
}

impl Kind for TransferImpactAssessmentSpec {
    const KIND: &'static str = "TransferImpactAssessment";
    const PLURAL: &'static str = "transferimpactassessments";
    const SHORT_NAME: &'static str = "tia";
    const NAMESPACED: bool = false;
    const COLUMNS: &'static [Column] = &[
        Column::text("Importer", ".spec.importer"),
        Column::text("Outcome", ".spec.outcome"),
        Column::text("Review", ".spec.nextReview"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
}
