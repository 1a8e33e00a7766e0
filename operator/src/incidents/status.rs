//! The status of an Incident, from its specification, the remembered incident, and the time. Pure.

use jiff::Timestamp;
use landfall_api::{ConditionStatus, IncidentClock, IncidentSpec, IncidentStatus, condition};

use crate::{
    judging::{BreachTerms, Incident, clocks},
    objects::condition::ConditionUpdate,
};

/// The status. Conditions keep their transition times from the previous status.
pub(super) fn compute(
    spec: &IncidentSpec,
    incident: Option<&Incident>,
    terms: &BreachTerms,
    now: Timestamp,
    before: Option<&IncidentStatus>,
    generation: Option<i64>,
) -> IncidentStatus {
    let started = clocks::started(spec, incident, terms);
    let documented = clocks::is_documented(spec, started);
    let [first, full] = clocks::CLOCKS.map(|(obligation, stages)| {
        let started = started?;
        let due = terms.due(obligation, started)?;
        let report = clocks::sent(spec, stages, started, now);
        Some(IncidentClock {
            obligation: obligation.to_string(),
            started,
            due,
            stopped: report.map(|report| report.sent_at),
            stopped_by: report.map(|report| report.name.clone()),
        })
    });
    let needs_no_report = clocks::needs_no_report(spec, started);
    let first_due = ReportState::from_clock(first.as_ref(), condition::FIRST_REPORT_DUE, needs_no_report, before, now);
    let full_due = ReportState::from_clock(full.as_ref(), condition::FULL_REPORT_DUE, needs_no_report, before, now);
    let is_reported = !first_due.is_owed() && !full_due.is_owed();
    let is_closed = documented && is_reported;
    let has_returned = incident.is_some_and(|incident| incident.known.len() > 1);
    let is_late = [first_due, full_due].contains(&ReportState::Overdue);
    let previous = before.map(|before| before.conditions.as_slice()).unwrap_or_default();
    let condition_of = |r#type, holds, reason, message| {
        let status = if holds { ConditionStatus::True } else { ConditionStatus::False };
        ConditionUpdate { r#type, status, reason, message }.to_condition(previous, generation, now)
    };
    let closed = match (is_closed, documented, has_returned) {
        (true, ..) => (condition::CLOSED, "reported, and measures are recorded".to_owned()),
        (false, true, _) => {
            ("ReportsMissing", "a report must still be sent, even if late (BR-FIRST, BR-FULL)".to_owned())
        }
        (false, false, true) => ("Returned", "the transfer continued after the incident was closed".to_owned()),
        (false, false, false) => {
            ("Open", "closing requires measures and the reasons why they suffice (BR-DOC)".to_owned())
        }
    };
    let ready = if is_late { (condition::OVERDUE, "a report is overdue") } else { ("InTime", "no report is overdue") };
    let measures = if documented {
        ("MeasuresWritten", "measures and the reasons why they suffice are recorded")
    } else {
        ("NoMeasures", "spec.closing must state the measures and why they suffice")
    };
    IncidentStatus {
        observed_generation: generation,
        conditions: vec![
            condition_of(condition::READY, !is_late, ready.0, ready.1.to_owned()),
            condition_of(
                condition::FIRST_REPORT_DUE,
                first_due.is_owed(),
                first_due.reason(),
                message(first.as_ref(), terms),
            ),
            condition_of(
                condition::FULL_REPORT_DUE,
                full_due.is_owed(),
                full_due.reason(),
                message(full.as_ref(), terms),
            ),
            condition_of(condition::DOCUMENTED, documented, measures.0, measures.1.to_owned()),
            condition_of(condition::CLOSED, is_closed, closed.0, closed.1),
        ],
        first_report: first,
        full_report: full,
        worst_outcome: incident.and_then(|incident| incident.worst),
        last_seen: incident.and_then(|incident| incident.last_seen),
        reopened: incident.map(Incident::reopened).unwrap_or_default(),
    }
}

/// State of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportState {
    /// The agreement starts the period at triage, and there is none yet.
    NotStarted,
    /// Owed, and not due yet.
    Running,
    /// Owed, and past its due time.
    Overdue,
    InTime,
    Late,
    /// A person found no breach and recorded why.
    NotNeeded,
}

impl ReportState {
    fn from_clock(
        clock: Option<&IncidentClock>,
        r#type: &str,
        needs_no_report: bool,
        before: Option<&IncidentStatus>,
        now: Timestamp,
    ) -> Self {
        let Some(IncidentClock { due, stopped, started, .. }) = clock else { return Self::NotStarted };
        match stopped {
            Some(stopped) if stopped <= due => Self::InTime,
            Some(_) => Self::Late,
            None if needs_no_report => Self::NotNeeded,
            None if now >= *due => Self::Overdue,
            // Overdue stays overdue, even if the wall clock was set back.
            None if was_overdue(before, r#type, *started) => Self::Overdue,
            None => Self::Running,
        }
    }

    fn is_owed(self) -> bool {
        matches!(self, Self::Running | Self::Overdue)
    }

    fn reason(self) -> &'static str {
        match self {
            Self::NotStarted => "NotStarted",
            Self::Running => "Running",
            Self::Overdue => condition::OVERDUE,
            Self::InTime => "Reported",
            Self::Late => "ReportedLate",
            Self::NotNeeded => "NotNeeded",
        }
    }
}

/// Whether it was already overdue for the same start.
fn was_overdue(before: Option<&IncidentStatus>, r#type: &str, started: Timestamp) -> bool {
    before.is_some_and(|before| {
        let same = before.first_report.as_ref().is_some_and(|clock| clock.started == started);
        same && before.conditions.iter().any(|it| it.r#type == r#type && it.reason == condition::OVERDUE)
    })
}

fn message(clock: Option<&IncidentClock>, terms: &BreachTerms) -> String {
    let Some(IncidentClock { obligation, due, stopped, stopped_by, .. }) = clock else {
        return "the period starts with triage by a person (spec.triage)".to_owned();
    };
    let zone = terms.zone();
    let local = |at: &Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
    let clause = obligation
        .parse()
        .ok()
        .and_then(|obligation| terms.clause(obligation))
        .map(|clause| format!(", {clause}"))
        .unwrap_or_default();
    match (stopped, stopped_by) {
        (Some(stopped), Some(name)) => {
            format!("{name} was sent {}, due {} ({obligation}{clause})", local(stopped), local(due))
        }
        _ => format!("due {} ({obligation}{clause})", local(due)),
    }
}
