use jiff::Timestamp;
use landfall_observation::DataCategory;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    NamespacedReference,
    schema::{CategoryText, TopicGlobText, TopicText},
};

/// Topics that have an agreement or declared categories of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "(has(self.include.names) && size(self.include.names) > 0) \
|| (has(self.include.prefixes) && size(self.include.prefixes) > 0) \
|| (has(self.include.globs) && size(self.include.globs) > 0)",
        "message": "expected at least one of names, prefixes or globs",
        "fieldPath": ".include",
    },
    {
        "rule": "!has(self.from) || !has(self.until) || self.from < self.until",
        "message": "expected until after from",
        "fieldPath": ".until",
    },
]))]
pub struct TopicEntry {
    /// Name, unique within the bus.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// The topics.
    pub include: TopicPatterns,
    /// Those of them that it is not for; a later entry may select them.
    #[serde(default, skip_serializing_if = "TopicPatterns::is_empty")]
    pub exclude: TopicPatterns,
    /// Their agreement; absent: that of the bus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement_ref: Option<NamespacedReference>,
    /// Kinds of personal data that they are declared to hold. They count where nothing was seen; what is found beside
    /// them is reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CategoryText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub categories: Vec<DataCategory>,
    /// Since when it counts; absent: always. A change of agreement is a new entry: what was read before is not judged
    /// anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when it counts, exclusive; absent: for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Names of topics. A topic fits if any of the patterns does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopicPatterns {
    /// Whole names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<TopicText>", length(max = 256), extend("x-kubernetes-list-type" = "set"))]
    pub names: Vec<String>,
    /// What names begin with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<TopicText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub prefixes: Vec<String>,
    /// Patterns of whole names: `*` stands for any characters, `?` for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<TopicGlobText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub globs: Vec<String>,
}

impl TopicPatterns {
    /// Whether there are no patterns, so that nothing fits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
