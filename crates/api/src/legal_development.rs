use jiff::{Timestamp, civil::Date};
use landfall_observation::{AssessmentEffect, Jurisdiction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Column, Kind, RegisterStatus,
    schema::{JurisdictionText, NameText, ShortText, flat_enum},
};

/// A judgment or a change of law or fact that touches transfers: what it is, which bases and
/// assessments it hits and how, and what was decided about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.type != 'Opinion' || !((has(self.bases) && size(self.bases) > 0) \
|| (has(self.assessments) && size(self.assessments) > 0) || (has(self.recipients) && size(self.recipients) > 0))",
        "message": "expected no effects of an opinion; an Advocate General's opinion changes no basis",
    },
    {
        "rule": "self.type == 'Judgment' || !has(self.bases) || !self.bases.exists(hit, hit.effect == 'Annulled')",
        "message": "expected the effect Annulled only with type Judgment",
        "fieldPath": ".bases",
    },
    {
        "rule": "!has(self.published) || self.published >= self.pronounced",
        "message": "expected published not before pronounced",
        "fieldPath": ".published",
    },
]))]
pub struct LegalDevelopmentSpec {
    /// What happened, in a line.
    #[schemars(with = "ShortText")]
    pub title: String,
    /// What kind of thing it is.
    pub r#type: DevelopmentType,
    /// When it was pronounced or adopted, or happened.
    pub pronounced: Timestamp,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    /// When the processor learnt of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Timestamp>,
    /// Countries whose transfers it concerns.
    #[schemars(with = "Vec<JurisdictionText>", length(min = 1, max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub countries: Vec<Jurisdiction>,
    /// Bases that it hits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub bases: Vec<BasisHitSpec>,
    /// Transfer impact assessments that it hits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub assessments: Vec<AssessmentHitSpec>,
    /// Recipients that must not be used any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["ref"]))]
    pub recipients: Vec<EndedRecipient>,
    /// Whether it calls transfers fundamentally into question (SCH-INF). Absent: not decided yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionSpec>,
    /// Where these facts come from, or how far they are unverified.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which they were checked.
    pub as_of: Date,
}

/// What kind of thing a development is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum DevelopmentType {
    /// A judgment of the Court.
    Judgment,
    /// An opinion of an Advocate General: it changes nothing by itself.
    Opinion,
    /// The repeal or replacement of an act.
    Repeal,
    /// The suspension of an act.
    Suspension,
    /// The end of an act at its own date.
    Lapse,
    /// The removal of an entity from a list.
    Delisting,
    /// A change of the law or practice of a third country.
    ChangeOfLaw,
    /// The result of a transfer impact assessment.
    AssessmentResult,
    /// A change among recipients, such as a new sub-processor.
    RecipientChange,
}

/// A basis that is hit: all that rest on an act, or one by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.decision) != has(self.name)",
        "message": "expected either decision (the number of an act) or name (of a TransferBasis)",
    },
    {
        "rule": "!has(self.from) || self.effect != 'Annulled'",
        "message": "expected no from with effect Annulled; an annulment works from the beginning",
        "fieldPath": ".from",
    },
    {
        "rule": "!has(self.effectsMaintainedUntil) || self.effect == 'Annulled'",
        "message": "expected effectsMaintainedUntil only with effect Annulled",
        "fieldPath": ".effectsMaintainedUntil",
    },
]))]
pub struct BasisHitSpec {
    /// A legal act by its number, and with it everything that rests on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub decision: Option<String>,
    /// Name of one TransferBasis.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub name: Option<String>,
    /// What happens to it.
    pub effect: BasisEffectSpec,
    /// From when on; absent: from when the development was pronounced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when the Court maintains the effects of what it annuls (Art. 264(2) TFEU), exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effects_maintained_until: Option<Timestamp>,
}

/// What happens to a basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum BasisEffectSpec {
    /// It was never valid (Art. 264(1), 267 TFEU).
    Annulled,
    /// It is repealed or replaced (Art. 45(5) GDPR).
    Repealed,
    /// It is suspended (Art. 45(5) GDPR).
    Suspended,
    /// It ends without an act.
    Lapsed,
    /// Its entity was removed from the list.
    Delisted,
}

/// A transfer impact assessment that is hit: one by name, or all that rest on a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.name) != has(self.input)",
    "message": "expected either name (of a TransferImpactAssessment) or input (an entry of lawsAssessed)",
}]))]
pub struct AssessmentHitSpec {
    /// Name of one TransferImpactAssessment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NameText>")]
    pub name: Option<String>,
    /// A law or practice, as `lawsAssessed` names it: all assessments that rest on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub input: Option<String>,
    /// What happens to it.
    pub effect: AssessmentEffect,
}

/// A recipient that must not be used any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndedRecipient {
    /// Name of the Recipient.
    #[schemars(with = "NameText")]
    pub r#ref: String,
    /// From this instant on.
    pub ended: Timestamp,
}

/// What was decided about a development.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecisionSpec {
    /// Whether it calls transfers fundamentally into question.
    pub fundamentally_in_question: bool,
    /// Why, or why not.
    #[schemars(length(min = 1, max = 4096))]
    pub reasons: String,
    /// Who decided: a role or an office.
    #[schemars(with = "ShortText")]
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
    /// The written finding that processing cannot lawfully continue, from which the transition runs
    /// (SCH-TRANS). Absent: there is no such finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_lawful_since: Option<Timestamp>,
}

impl Kind for LegalDevelopmentSpec {
    const KIND: &'static str = "LegalDevelopment";
    const PLURAL: &'static str = "legaldevelopments";
    const SHORT_NAME: &'static str = "ld";
    const NAMESPACED: bool = false;
    const COLUMNS: &'static [Column] = &[
        Column::text("Type", ".spec.type"),
        Column::text("Countries", ".spec.countries"),
        Column::text("Pronounced", ".spec.pronounced"),
        Column::text("Fundamental", ".spec.decision.fundamentallyInQuestion"),
        Column::ERRORS,
        Column::WARNINGS,
        Column::READY,
        Column::text("Title", ".spec.title").wide(),
        Column::MESSAGE,
        Column::FINDING,
    ];
    type Status = RegisterStatus;
}
