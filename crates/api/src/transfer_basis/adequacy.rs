use jiff::civil::Date;
use landfall_observation::DpfDataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::ShortText;

/// An adequacy decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdequacySpec {
    /// Its number, such as `(EU) 2019/419`. Listings and legal developments name it by this.
    #[schemars(with = "ShortText")]
    pub decision: String,
    /// The law that the importer must be subject to, such as `PIPEDA`, where the decision is limited
    /// to such importers; matched with the `regimes` of the entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub regime: Option<String>,
    /// Whether it carries only through a listing of the importer, as the Data Privacy Framework does.
    #[serde(default)]
    pub listed_only: bool,
}

/// A listing under the Data Privacy Framework. It is per legal entity and per kind of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DpfListingSpec {
    /// Number of the adequacy decision that it rests on.
    #[serde(default = "data_privacy_framework")]
    #[schemars(with = "ShortText", default = "data_privacy_framework")]
    pub decision: String,
    /// Whether the list showed the entity as active.
    pub active: bool,
    /// Kinds of data that the certification covers.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub data_types: Vec<DpfDataType>,
    /// The day on which the list was checked.
    pub checked_at: Date,
}

fn data_privacy_framework() -> String {
    "(EU) 2023/1795".to_owned()
}
