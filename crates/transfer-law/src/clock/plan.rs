//! The dates of a migration, backward from the end of the transition: verification at the end, before it the cutover,
//! before that the notice of the new sub-processor with its objection period, and first the preparation.

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

use crate::Obligation;
use serde::Serialize;

use super::{ClockError, Holidays, Rule, Start, compute, days::moved, duties, earliest_after_notice, latest_receipt};

/// The constraints of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanTerms {
    /// How long the transition lasts (SCH-TRANS).
    pub transition: Rule,
    /// How long the controllers may object to a new sub-processor (SUB-OBJ).
    pub objection: Rule,
    /// Days without traffic on the old edge that verify its end.
    pub verification_days: u16,
    /// Weeks from the decision to the notice: contract, plan, documents.
    pub lead_weeks: u16,
}

/// The dates of a migration, each the last day in time, except `cutover_from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The transition ends, in the strict reading.
    pub transition_ends: Date,
    /// Cutover, so that the verification ends with the transition.
    pub last_cutover: Date,
    /// The controllers receive the notice of the new sub-processor.
    pub latest_notice_receipt: Date,
    /// The objection period of that notice ends.
    pub objection_ends: Date,
    /// The first day on which the new sub-processor may be used.
    pub cutover_from: Date,
    /// The decision.
    pub decide_by: Date,
    /// Whether the plan can still be kept.
    pub feasibility: Feasibility,
}

/// Whether a plan can still be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feasibility {
    /// All days lie ahead.
    Possible,
    /// The day of the decision has passed: the notice can be in time with less lead.
    DecisionOverdue,
    /// The last day of the notice has passed: a new sub-processor cannot take over in time.
    Impossible,
}

impl Default for PlanTerms {
    fn default() -> Self {
        let rule = |id| duties::duty(id).expect("the table of duties has it").rule;
        Self {
            transition: rule(Obligation::SchTrans),
            objection: rule(Obligation::SubObj),
            verification_days: 14,
            lead_weeks: 6,
        }
    }
}

/// The plan of a transition that starts with `finding`, as of `today`.
pub fn plan(
    terms: &PlanTerms,
    finding: Start,
    today: Date,
    zone: &TimeZone,
    holidays: Option<&Holidays>,
) -> Result<Plan, ClockError> {
    let transition = compute(terms.transition, finding, zone, holidays)?;
    let Some(transition_ends) = transition.conservative.last_day else { return Err(ClockError::NoticeInHours) };
    let last_cutover = moved(transition_ends, -i64::from(terms.verification_days).days())?;
    let latest_notice_receipt = latest_receipt(terms.objection, last_cutover, holidays)?;
    let cutover_from = earliest_after_notice(terms.objection, latest_notice_receipt, holidays)?;
    let objection_ends = cutover_from.yesterday().map_err(|_| ClockError::OutOfRange)?;
    let decide_by = moved(latest_notice_receipt, -i64::from(terms.lead_weeks).weeks())?;
    let feasibility = if today > latest_notice_receipt {
        Feasibility::Impossible
    } else if today > decide_by {
        Feasibility::DecisionOverdue
    } else {
        Feasibility::Possible
    };
    Ok(Plan {
        transition_ends,
        last_cutover,
        latest_notice_receipt,
        objection_ends,
        cutover_from,
        decide_by,
        feasibility,
    })
}
