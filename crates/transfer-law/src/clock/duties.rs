//! The default periods of contractual duties, and the period of Art. 33(1) GDPR; the periods of an agreement in the
//! register take precedence.

use std::num::NonZeroU16;

use crate::Obligation;

use serde::Serialize;

use super::{Calendar, PeriodUnit, Rule};

/// An obligation with its default period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duty {
    /// The obligation.
    pub id: Obligation,
    /// What it is about.
    pub what: &'static str,
    /// Its period.
    pub rule: Rule,
}

/// All default periods.
pub const DUTIES: [Duty; 9] = [
    own(Obligation::SchInf, "inform of a legal change", 5, PeriodUnit::WorkingDays, true),
    own(Obligation::SchAss, "assess a legal change", 30, PeriodUnit::Days, true),
    // § 193 BGB applies to declarations and performance; this period is neither.
    own(Obligation::SchTrans, "transition to alternatives", 6, PeriodUnit::Months, false),
    own(Obligation::SubObj, "object to a sub-processor", 4, PeriodUnit::Weeks, true),
    // § 193 BGB does not apply to a notice period that protects the other side (BGH NJW 2005, 1354).
    own(Obligation::SubTerm, "terminate after an objection, at least", 1, PeriodUnit::Months, false),
    own(Obligation::Audit, "announce an inspection, at least", 4, PeriodUnit::Weeks, false),
    own(Obligation::BrFirst, "first report of a breach", 4, PeriodUnit::Hours, false),
    own(Obligation::BrFull, "full report of a breach", 12, PeriodUnit::Hours, false),
    Duty {
        id: Obligation::BrAuth,
        what: "notify the supervisory authority, Art. 33(1) GDPR",
        rule: Rule { calendar: Calendar::Regulation1182, ..rule(72, PeriodUnit::Hours, false) },
    },
];

/// The default period of an obligation, if it has one.
pub fn duty(id: Obligation) -> Option<&'static Duty> {
    DUTIES.iter().find(|duty| duty.id == id)
}

const fn own(id: Obligation, what: &'static str, amount: u16, unit: PeriodUnit, roll: bool) -> Duty {
    Duty { id, what, rule: rule(amount, unit, roll) }
}

const fn rule(amount: u16, unit: PeriodUnit, roll: bool) -> Rule {
    let amount = NonZeroU16::new(amount).expect("the periods above are not zero");
    Rule { amount, unit, calendar: Calendar::Bgb, saturday_is_werktag: true, roll }
}
