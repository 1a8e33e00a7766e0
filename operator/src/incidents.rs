//! Incidents: one for every breach, in the namespace of its agreement, with the deadlines of its first and full report
//! (BR-FIRST, BR-FULL) and the drafts of the reports.
//!
//! ```text
//! views ─incidents─► Incident (created once; then only people change its specification) + status: deadlines, conditions
//!       ─reports───► ConfigMap NAME-reports, owned by the Incident
//! ```
//!
//! The deadlines follow from the ledger: a deleted Incident comes back with the same ones. Nothing is sent to an authority;
//! only the controller does that (BR-AUTH).

mod reports;
mod status;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use landfall_api::{IncidentSpec, IncidentStatus, Kind as _, NamespacedReference};
use tokio::{sync::watch, time::sleep};

use crate::{
    clock,
    judging::{AgreedTerms, Incident, IncidentKey, agreement, assign},
    metrics::IncidentMetrics,
    objects::{DesiredObject, ObjectKey, Objects, StatusKind, WritePriority},
    register::{IncidentStatuses, Published, WrittenIncident, WrittenIncidents},
    views::Views,
};
use reports::ReportMaps;

/// How often statuses are computed, since deadlines pass by the second.
const UPDATE: Duration = Duration::from_secs(1);
/// Maximum number of statuses per second; with more Incidents each is computed less often.
const PER_SECOND: usize = 500;

/// What Incidents are made from, and where they are written.
pub(crate) struct Source {
    pub(crate) views: Views,
    pub(crate) published: watch::Receiver<Option<Arc<Published>>>,
    pub(crate) written: watch::Receiver<WrittenIncidents>,
    pub(crate) statuses: IncidentStatuses,
    pub(crate) objects: Objects,
    pub(crate) metrics: IncidentMetrics,
}

/// Sets the desired Incidents periodically. Does not end.
pub(crate) async fn keep(source: Source) {
    let Source { views, mut published, mut written, statuses, objects, metrics } = source;
    objects.incidents.listed().await;
    // It cannot fail: the publisher ends only with the process.
    let _ = published.wait_for(Option::is_some).await;
    let _ = written.wait_for(Option::is_some).await;
    let mut maps = ReportMaps::default();
    let (mut ruleset, mut agreed) = (String::new(), AgreedTerms::default());
    loop {
        let now = clock::now();
        let (law, specs) = (published.borrow().clone(), written.borrow().clone());
        let (Some(published), Some(written)) = (law, specs) else { return };
        let all = expected(&written, &views.incidents(), now);
        let pause = UPDATE * u32::try_from(1 + all.len() / PER_SECOND).unwrap_or(u32::MAX);
        if ruleset != published.version() {
            agreed = AgreedTerms::from_ruleset(&published.ruleset);
            published.version().clone_into(&mut ruleset);
        }
        let mut shown = Vec::with_capacity(all.len());
        let mut keys = BTreeSet::new();
        for Expected { reference, spec, incident, uid, generation } in all {
            let remembered = incident.as_ref().and_then(|incident| incident.terms.as_ref());
            let terms = agreed.terms(&agreement(&reference.namespace, &spec), remembered);
            let before = statuses.get(&reference);
            let status = status::compute(&spec, incident.as_deref(), &terms, now, before.as_ref(), generation);
            maps.keep(&objects.config_maps, &reference, uid.as_deref(), &views);
            let NamespacedReference { namespace, name } = reference.clone();
            let key = ObjectKey { kind: IncidentSpec::KIND, namespace: Some(namespace), name };
            let desired = DesiredObject { spec: IncidentSpec::clone(&spec), status: status.clone() };
            objects.incidents.set(key.clone(), desired);
            keys.insert(key);
            shown.push((reference, spec, status));
        }
        // A deleted Incident that belongs to no remembered incident stays deleted.
        objects.incidents.retain(&keys);
        let references: BTreeSet<_> = shown.iter().map(|(reference, ..)| reference).collect();
        maps.retain(|incident| references.contains(incident));
        metrics.show(shown.iter().map(|(reference, spec, status)| (reference, &**spec, status)));
        sleep(pause).await;
    }
}

/// An Incident that exists or must be created.
#[derive(Debug, Clone, PartialEq)]
struct Expected {
    reference: NamespacedReference,
    spec: Arc<IncidentSpec>,
    /// The remembered incident, if there is one.
    incident: Option<Arc<Incident>>,
    /// Uid of the object, if it exists.
    uid: Option<String>,
    generation: Option<i64>,
}

/// All existing Incidents, and all remembered incidents that have none.
fn expected(
    written: &[WrittenIncident],
    incidents: &BTreeMap<IncidentKey, Arc<Incident>>,
    now: Timestamp,
) -> Vec<Expected> {
    let mut assigned = BTreeSet::new();
    let mut expected = Vec::with_capacity(incidents.len());
    for (it, key) in assign(written, incidents.keys()) {
        let incident = key.as_ref().and_then(|key| incidents.get(key)).cloned();
        let WrittenIncident { reference, uid, generation, spec, .. } = it.clone();
        expected.push(Expected { reference, spec, incident, uid, generation });
        assigned.extend(key);
    }
    let present: BTreeSet<_> = written.iter().map(|it| &it.reference).collect();
    let missing = incidents.values().filter(|incident| !assigned.contains(&incident.key));
    expected.extend(missing.filter_map(|incident| {
        let reference = incident.key.reference();
        // An Incident of that name exists and is about something else now.
        if present.contains(&reference) && incident.key.edge().is_none() {
            return None;
        }
        let spec = Arc::new(incident.initial_spec(now)?);
        Some(Expected { reference, spec, incident: Some(Arc::clone(incident)), uid: None, generation: Some(1) })
    }));
    expected
}

impl StatusKind for IncidentSpec {
    const OWNED_BY_OPERATOR: bool = false;
    const DELETE_PRIORITY: WritePriority = WritePriority::Incident;

    fn priority(current: Option<&IncidentStatus>, desired: &IncidentStatus) -> Option<WritePriority> {
        let without = |status: &IncidentStatus| IncidentStatus { last_seen: None, ..status.clone() };
        match current {
            Some(current) if current == desired => None,
            Some(current) if without(current) == without(desired) => Some(WritePriority::CountersOnly),
            Some(_) | None => Some(WritePriority::Incident),
        }
    }
}
