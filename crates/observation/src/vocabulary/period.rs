//! Periods as agreements and statutes state them; the law counts them.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// A contractual or statutory period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Period {
    /// How many units.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub amount: u16,
    /// The unit.
    pub unit: PeriodUnit,
}

/// The unit of a period; each counts by its own rules (sections 187 to 193 BGB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum PeriodUnit {
    /// Elapsed hours.
    #[serde(rename = "Hours")]
    Hours,
    /// Calendar days.
    #[serde(rename = "Days")]
    Days,
    /// Working days in the sense of the agreement (Werktage).
    #[serde(rename = "WorkingDays")]
    WorkingDays,
    /// Weeks.
    #[serde(rename = "Weeks")]
    Weeks,
    /// Calendar months.
    #[serde(rename = "Months")]
    Months,
}
