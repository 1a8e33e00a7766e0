use jiff::civil::Date;
use landfall_observation::DerogationGround;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::ShortText;

/// A derogation for specific situations (Art. 49). It never carries recurring transfers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!self.informed || self.ground == 'CompellingInterests'",
    "message": "expected informed only with ground CompellingInterests",
    "fieldPath": ".informed",
}]))]
pub struct DerogationSpec {
    /// Which one.
    pub ground: DerogationGround,
    /// The person who approved its use; absent: nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<ApprovalSpec>,
    /// How often it may be used; absent: no limit is set, so that it cannot be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 1_000_000))]
    pub max_occurrences: Option<u32>,
    /// Whether the supervisory authority and the data subjects were informed (Art. 49(1) second
    /// subparagraph).
    #[serde(default)]
    pub informed: bool,
}

/// A decision that a person took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalSpec {
    /// Who: a role or an office.
    #[schemars(with = "ShortText")]
    pub by: String,
    /// When.
    pub date: Date,
}
