use jiff::civil::Date;
use landfall_observation::{EntityKind, Jurisdiction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{JurisdictionText, ShortText};

/// A stated fact, with its source and the day on which that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fact<T> {
    /// What is stated.
    pub value: T,
    /// The source: a document, an address, or how far the statement is unverified.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which the source was checked.
    pub as_of: Date,
}

/// A legal entity and where it is established.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// Full legal name. Transfer bases and assessments name entities by it.
    #[schemars(with = "ShortText")]
    pub name: String,
    /// Jurisdiction of its seat.
    #[schemars(with = "JurisdictionText")]
    pub seat: Jurisdiction,
    /// What it is; absent: a company.
    #[serde(default, skip_serializing_if = "EntityKind::is_company")]
    pub kind: EntityKind,
    /// Data-protection laws to which adequacy decisions are limited, such as `PIPEDA`, and whether the entity
    /// is stated to be subject to them. Whether a law that is not listed applies is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["law"]))]
    pub regimes: Vec<Regime>,
}

/// Whether an entity is subject to a law to which an adequacy decision is limited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Regime {
    /// The law, by the short name that the decision's object uses, such as `PIPEDA`.
    #[schemars(with = "ShortText")]
    pub law: String,
    /// Whether the entity is stated to be subject to it.
    pub applies: bool,
}

/// A statement about places: a list of jurisdictions, or that the provider names none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.value) != (has(self.anywhere) && self.anywhere)",
    "message": "expected either value (a list of jurisdictions) or anywhere: true",
}]))]
pub struct PlacesFact {
    /// The jurisdictions: these and no others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<JurisdictionText>>", length(min = 1, max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub value: Option<Vec<Jurisdiction>>,
    /// The provider names no place ("global").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anywhere: Option<bool>,
    /// The source: a document, an address, or how far the statement is unverified.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which the source was checked.
    pub as_of: Date,
}
