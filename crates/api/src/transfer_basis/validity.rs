use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When an instrument applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.from) || !has(self.until) || self.from < self.until",
    "message": "expected until after from",
    "fieldPath": ".until",
}]))]
pub struct ValiditySpec {
    /// From this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until this instant, exclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Suspended from this instant on (Art. 45(5)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Timestamp>,
    /// Repealed from this instant on (Art. 45(5)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repealed: Option<Timestamp>,
    /// Annulled by a judgment of this instant: it was never valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annulled: Option<Timestamp>,
}

impl ValiditySpec {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
