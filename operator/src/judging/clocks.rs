//! From when the clocks of an incident run.

use jiff::Timestamp;
use landfall_api::{IncidentSpec, TriageResult};

use super::{BreachTerms, Incident};

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
