//! The clocks of an incident: from when they run, what stops them, and when one has run out.

use jiff::Timestamp;
use landfall_api::{IncidentSpec, Report, ReportStage, TriageResult};
use landfall_observation::Recorded;
use landfall_transfer_law::Obligation;
use serde::{Deserialize, Serialize};

use super::{BreachTerms, FIRST, FULL, Incident};

/// The reports that have clocks, and what stops each: whoever has sent the full report has sent a first one, too.
pub(crate) const CLOCKS: [(Obligation, &[ReportStage]); 2] =
    [(FIRST, &[ReportStage::FirstStatus, ReportStage::FullReport]), (FULL, &[ReportStage::FullReport])];

/// A report that was not sent in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// The obligation to send it.
    pub obligation: Recorded<Obligation>,
    /// From when its clock ran.
    pub started: Timestamp,
    /// When it was due.
    pub due: Timestamp,
}

impl Overdue {
    /// Whether it is of the same clock: what is agreed may have moved its end since.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.obligation, self.started) == (&other.obligation, other.started)
    }
}

/// The earlier of what the ledger recorded and what a person entered (Kenntnis, law.md 1.2); for a breach that came back
/// after its closing, its return. `None`: a person's look starts them, and nobody has looked.
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

/// The first report of these stages that was sent since `started`.
pub(crate) fn sent<'a>(
    spec: &'a IncidentSpec,
    stages: &[ReportStage],
    started: Timestamp,
    now: Timestamp,
) -> Option<&'a Report> {
    let sent = spec.reports.iter().filter(|report| stages.contains(&report.stage));
    sent.filter(|report| report.sent_at >= started && report.sent_at <= now).min_by_key(|report| report.sent_at)
}

/// Whether what was done, and why it suffices, is written down. A closing that is older than what came back closes nothing.
pub(crate) fn is_documented(spec: &IncidentSpec, started: Option<Timestamp>) -> bool {
    spec.closing.as_ref().is_some_and(|closing| started.is_none_or(|started| closing.at >= started))
}

/// Whether nothing need be sent: a person found no breach and wrote down why.
pub(crate) fn is_let_off(spec: &IncidentSpec, started: Option<Timestamp>) -> bool {
    let no_breach = spec.triage.as_ref().is_some_and(|triage| triage.result == TriageResult::NoBreach);
    no_breach && is_documented(spec, started)
}

/// The reports that were not sent by when they were due, or will not have been, by what is written so far.
pub(super) fn unsent(spec: &IncidentSpec, incident: &Incident, terms: &BreachTerms) -> Vec<Overdue> {
    let Some(started) = started(spec, Some(incident), terms) else { return Vec::new() };
    if is_let_off(spec, Some(started)) {
        return Vec::new();
    }
    let unsent = CLOCKS.into_iter().filter_map(|(obligation, stages)| {
        let due = terms.due(obligation, started)?;
        let in_time = sent(spec, stages, started, due).is_some();
        (!in_time).then(|| Overdue { obligation: obligation.into(), started, due })
    });
    unsent.collect()
}

/// Whether it is over: measures are written down, and nothing is to be sent any more, late or not.
pub(super) fn is_closed(spec: &IncidentSpec, incident: &Incident, terms: &BreachTerms, now: Timestamp) -> bool {
    let started = started(spec, Some(incident), terms);
    let is_sent = |(obligation, stages): (Obligation, &[ReportStage])| {
        let running = started.filter(|started| terms.due(obligation, *started).is_some());
        running.is_none_or(|started| sent(spec, stages, started, now).is_some())
    };
    is_documented(spec, started) && (is_let_off(spec, started) || CLOCKS.into_iter().all(is_sent))
}
