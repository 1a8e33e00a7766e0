use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::flat_enum;

/// A contractual or statutory period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.saturdayIsWerktag) || self.unit == 'WorkingDays'",
    "message": "expected saturdayIsWerktag only with unit WorkingDays",
    "fieldPath": ".saturdayIsWerktag",
}]))]
pub struct Period {
    /// How many units.
    #[schemars(range(min = 1, max = 1000))]
    pub amount: u16,
    /// Of what.
    pub unit: PeriodUnit,
    /// With unit `WorkingDays`: whether a Saturday is one (Werktag). Absent: it is, by general usage
    /// (BGH VIII ZR 206/04); a contract between businesses may say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturday_is_werktag: Option<bool>,
}

/// The unit of a period; each counts by its own rules (sections 187 to 193 BGB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum PeriodUnit {
    /// Elapsed hours.
    Hours,
    /// Calendar days.
    Days,
    /// Working days in the sense of the agreement (Werktage).
    WorkingDays,
    /// Weeks.
    Weeks,
    /// Calendar months.
    Months,
}
