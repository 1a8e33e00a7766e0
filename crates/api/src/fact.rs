use jiff::civil::Date;
use landfall_observation::Jurisdiction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{JurisdictionText, ShortText, flat_enum};

/// A stated fact, with who says so and when that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fact<T> {
    /// What is stated.
    pub value: T,
    /// Who says so: a document, an address, or how far the statement is unverified.
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
    /// Data-protection laws that adequacy decisions ask for, such as `PIPEDA`, each with whether the
    /// entity is stated to be subject to it. A law that is not named here is not known to apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["law"]))]
    pub regimes: Vec<Regime>,
}

/// What an entity is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum EntityKind {
    /// A company, an association, a person.
    #[default]
    Company,
    /// A public authority or body.
    PublicBody,
    /// An international organisation (Art. 4(26) GDPR): Chapter V applies wherever it is.
    InternationalOrganisation,
}

/// Whether an entity is subject to a law that an adequacy decision is limited to.
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
    /// Who says so: a document, an address, or how far the statement is unverified.
    #[schemars(length(min = 1, max = 512))]
    pub source: String,
    /// The day on which the source was checked.
    pub as_of: Date,
}

impl EntityKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) fn is_company(&self) -> bool {
        *self == Self::Company
    }
}
