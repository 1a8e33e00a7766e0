use landfall_observation::DataCategory;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{CategoryText, ConceptText, ShortText};

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
