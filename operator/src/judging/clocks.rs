//! The reporting deadlines of an incident: when they start, what stops them, and when they are missed.

use jiff::Timestamp;
use landfall_api::{IncidentSpec, Report, ReportStage, TriageResult};
use landfall_observation::Recorded;
use landfall_transfer_law::Obligation;
use serde::{Deserialize, Serialize};

use super::{BreachTerms, FIRST, FULL, Incident};

/// The reports that have a deadline, with the stages of a report that stop it: a full report is also a first one.
pub(crate) const CLOCKS: [(Obligation, &[ReportStage]); 2] =
    [(FIRST, &[ReportStage::FirstStatus, ReportStage::FullReport]), (FULL, &[ReportStage::FullReport])];

/// A report that was not sent in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// The obligation to send it.
    #[serde(rename = "obligation")]
    pub obligation: Recorded<Obligation>,
    /// When its period began.
    #[serde(rename = "started")]
    pub started: Timestamp,
    /// When it was due.
    #[serde(rename = "due")]
    pub due: Timestamp,
}

impl Overdue {
    /// Whether both are the same report from the same start; a changed agreement may have moved the due time.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.obligation, self.started) == (&other.obligation, other.started)
    }
}

/// When the periods start: at first awareness, recorded in the ledger or entered by a person, whichever is earlier; for a
/// breach that returned after it was closed, at its return. `None` if the agreement starts them at a person's triage
/// and there is none yet.
pub(crate) fn started(spec: &IncidentSpec, incident: Option<&Incident>, terms: &BreachTerms) -> Option<Timestamp> {
    let known = incident.map(|incident| incident.known.as_slice()).unwrap_or_default();
    let returned = known.split_first().and_then(|(_, later)| later.last());
    let first = known.first().map_or(spec.first_awareness, |known| spec.first_awareness.min(*known));
    let start = returned.copied().unwrap_or(first);
    if !terms.starts_at_triage() {
        return Some(start);
    }
    let triage = spec.triage.as_ref().filter(|triage| triage.result != TriageResult::NoBreach)?;
    Some(triage.at).filter(|at| *at >= start)
}

/// The earliest report of these stages that was sent between `started` and `now`.
pub(crate) fn sent<'a>(
    spec: &'a IncidentSpec,
    stages: &[ReportStage],
    started: Timestamp,
    now: Timestamp,
) -> Option<&'a Report> {
    let sent = spec.reports.iter().filter(|report| stages.contains(&report.stage));
    sent.filter(|report| report.sent_at >= started && report.sent_at <= now).min_by_key(|report| report.sent_at)
}

/// Whether measures and reasoning are recorded (BR-DOC). A closing from before a return does not count.
pub(crate) fn is_documented(spec: &IncidentSpec, started: Option<Timestamp>) -> bool {
    spec.closing.as_ref().is_some_and(|closing| started.is_none_or(|started| closing.at >= started))
}

/// Whether no report is owed: a person found no breach and recorded why.
pub(crate) fn needs_no_report(spec: &IncidentSpec, started: Option<Timestamp>) -> bool {
    let no_breach = spec.triage.as_ref().is_some_and(|triage| triage.result == TriageResult::NoBreach);
    no_breach && is_documented(spec, started)
}

/// The reports that were not sent in time, or will not be unless one is recorded.
pub(super) fn unsent(spec: &IncidentSpec, incident: &Incident, terms: &BreachTerms) -> Vec<Overdue> {
    let Some(started) = started(spec, Some(incident), terms) else { return Vec::new() };
    if needs_no_report(spec, Some(started)) {
        return Vec::new();
    }
    let unsent = CLOCKS.into_iter().filter_map(|(obligation, stages)| {
        let due = terms.due(obligation, started)?;
        let in_time = sent(spec, stages, started, due).is_some();
        (!in_time).then(|| Overdue { obligation: obligation.into(), started, due })
    });
    unsent.collect()
}

/// Whether it is closed: measures are recorded and no report is owed any more, late or not.
pub(super) fn is_closed(spec: &IncidentSpec, incident: &Incident, terms: &BreachTerms, now: Timestamp) -> bool {
    let started = started(spec, Some(incident), terms);
    let is_sent = |(obligation, stages): (Obligation, &[ReportStage])| {
        let running = started.filter(|started| terms.due(obligation, *started).is_some());
        running.is_none_or(|started| sent(spec, stages, started, now).is_some())
    };
    is_documented(spec, started) && (needs_no_report(spec, started) || CLOCKS.into_iter().all(is_sent))
}
