use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{ShortText, flat_enum};

/// A derogation for specific situations (Art. 49). It never carries what recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!self.informed || self.ground == 'CompellingInterests'",
    "message": "expected informed only with ground CompellingInterests",
    "fieldPath": ".informed",
}]))]
pub struct DerogationSpec {
    /// Which one.
    pub ground: DerogationGroundSpec,
    /// The person who took it on themselves; absent: nobody did.
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

/// The derogations of Art. 49.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum DerogationGroundSpec {
    /// Explicit and informed consent (Art. 49(1)(a)).
    ExplicitConsent,
    /// A contract with the data subject (b).
    Contract,
    /// A contract in the interest of the data subject (c).
    ContractInInterest,
    /// Important reasons of public interest (d).
    PublicInterest,
    /// Legal claims (e).
    LegalClaims,
    /// Vital interests (f).
    VitalInterests,
    /// A public register (g).
    PublicRegister,
    /// Compelling legitimate interests (second subparagraph).
    CompellingInterests,
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
