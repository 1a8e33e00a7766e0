use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Period,
    schema::{CodeText, ShortText, flat_enum},
};

/// An obligation that the agreement lays down, with its own period, form and place in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.saturdayIsWerktag) || (has(self.period) && self.period.unit == 'WorkingDays')",
    "message": "expected saturdayIsWerktag only with a period in WorkingDays",
    "fieldPath": ".saturdayIsWerktag",
}]))]
pub struct AgreedObligation {
    /// Its id, such as `SUB-LIST` (docs/lint.md lists them).
    #[schemars(with = "CodeText")]
    pub id: String,
    /// The period that the agreement sets for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// With a period in `WorkingDays`: whether a Saturday is one (Werktag). Absent: it is, by general
    /// usage (BGH VIII ZR 206/04); a contract between businesses may say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturday_is_werktag: Option<bool>,
    /// The form that its declarations need; absent: the text requires none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<DeclarationForm>,
    /// The lines or clauses that lay it down, such as `§ 7(2)`.
    #[schemars(with = "Vec<ShortText>", length(min = 1, max = 32), extend("x-kubernetes-list-type" = "set"))]
    pub lines: Vec<String>,
}

/// The form of a declaration (sections 126 to 127 BGB; elsewhere its nearest equivalent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum DeclarationForm {
    /// Readable, on a durable medium, with its author named, such as an e-mail (section 126b BGB).
    TextForm,
    /// With a qualified electronic signature (section 126a BGB).
    ElectronicForm,
    /// Signed by hand (section 126 BGB).
    WrittenForm,
}
