use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::flat_enum;

/// A contractual or statutory period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// How many units.
    #[schemars(range(min = 1, max = 1000))]
    pub amount: u16,
    /// Of what.
    pub unit: PeriodUnit,
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

/// The periods of the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Clocks {
    /// First status message after a breach became known (BR-FIRST).
    pub breach_first_report: Period,
    /// Full report, counted from when the breach first became known (BR-FULL).
    pub breach_full_report: Period,
    /// Objection to a change of sub-processors, from receipt of the notice (SUB-OBJ).
    pub objection: Period,
    /// Information about a judgment or change of law (SCH-INF).
    pub schrems_inform: Period,
    /// Legal assessment of its effects (SCH-ASS).
    pub schrems_assess: Period,
    /// Transition when processing cannot lawfully continue (SCH-TRANS).
    pub transition: Period,
    /// Shortest notice of an inspection (AUDIT).
    pub audit_notice: Period,
    /// Shortest notice of termination after an objection (SUB-TERM).
    pub termination: Period,
    /// Whether a Saturday is a working day (Werktag). General usage says yes (BGH VIII ZR 206/04),
    /// a contract between businesses may say no; the agreement is silent.
    pub saturday_is_werktag: bool,
}

impl Default for Clocks {
    fn default() -> Self {
        let period = |amount, unit| Period { amount, unit };
        Self {
            breach_first_report: period(4, PeriodUnit::Hours),
            breach_full_report: period(12, PeriodUnit::Hours),
            objection: period(4, PeriodUnit::Weeks),
            schrems_inform: period(5, PeriodUnit::WorkingDays),
            schrems_assess: period(30, PeriodUnit::Days),
            transition: period(6, PeriodUnit::Months),
            audit_notice: period(4, PeriodUnit::Weeks),
            termination: period(1, PeriodUnit::Months),
            saturday_is_werktag: true,
        }
    }
}
