//! Incidents: one umbrella for every edge on which a breach was found, in the namespace of the agreement, with the
//! clocks of its first and its full report (BR-4H, BR-12H).
//!
//! ```text
//! desk ─cases─► board ─► Incident (made once; its spec is the people's) + status: clocks, conditions
//!   ▲                        │ what people write
//!   └────────ledger──────────┘
//! ```
//!
//! The clocks run from what the ledger holds: an Incident that is deleted comes back with the same ones. Nothing here
//! tells an authority: that is the controller's alone (BR-AUTH).

mod report;
mod status;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use kube::runtime::reflector::{ObjectRef, Store};
use landfall_api::{
    Discovery, IncidentSpec, IncidentStatus, Kind as _, NamespacedReference, Nature, ObjectReference, Stored,
    TransferSpec,
};
use landfall_transfer_law::{AgreementId, EdgeId, Via, WorkloadName};
use tokio::sync::{mpsc, watch};

use self::report::{Drafts, Facts};
use crate::metrics::IncidentKey as Key;
use crate::{
    clock,
    judging::{Agreed, Case, Entered, Entry, Finding},
    metrics::IncidentMetrics,
    objects::{DesiredObject, ObjectKey, Objects, StatusKind, WritePriority},
    register::Published,
    transfers,
    views::Board,
};

/// How often is looked for what people have written.
const LOOK: std::time::Duration = std::time::Duration::from_secs(1);
const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// How many statuses are found a second; with more, each is found less often.
const A_SECOND: usize = 500;
/// Most codes and obligations, as the schema has it.
const MOST: usize = 16;

/// What the Incidents are made from, and where what people write goes.
pub(crate) struct Source {
    pub(crate) board: Board,
    pub(crate) published: watch::Receiver<Option<Arc<Published>>>,
    pub(crate) entries: mpsc::Sender<Entry>,
    pub(crate) metrics: IncidentMetrics,
    pub(crate) objects: Objects,
    pub(crate) store: Store<Stored<IncidentSpec>>,
}

/// Keeps the Incidents.
pub(crate) async fn keep(source: Source) {
    let Source { board, published, entries: enter, metrics: shown, objects, store } = source;
    objects.incidents.listed().await;
    let drafts = Drafts::default();
    let writing = drafts.clone().write(objects.clone(), enter.clone());
    let mut told = Timestamp::MIN;
    let keeping = async {
        let mut all_wanted = BTreeMap::new();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = clock::now();
            let Some(published) = published.borrow().clone() else { continue };
            let all = found(&store, &board.cases(), &board.entered());
            for entry in all.iter().filter_map(Found::news) {
                // A full channel is asked again a second later.
                let _ = enter.try_send(entry);
            }
            // Clocks run by the second, and thousands of them every few seconds.
            let pause = SECOND * i32::try_from(1 + all.len() / A_SECOND).unwrap_or(i32::MAX);
            if now.duration_since(told).abs() < pause {
                continue;
            }
            told = now;
            let agreed = Agreed::of(&published.ruleset);
            for found in all {
                let Some(spec) = found.spec(now) else { continue };
                let Found { key, case, entered, .. } = found;
                let kept = case.as_ref().map(|case| &case.terms).or(entered.as_ref().map(|entered| &entered.terms));
                let kept = kept.and_then(Option::as_ref);
                let terms = agreed.terms(&agreement(&spec, &key), kept);
                let there = store.get(&ObjectRef::new(&key.name).within(&key.namespace));
                let before = there.as_ref().and_then(|there| there.status.as_ref());
                let generation = there.as_ref().map_or(Some(1), |there| there.metadata.generation);
                let status = status::of(&spec, case.as_deref(), &terms, now, before, generation);
                let facts = Facts { key: &key, spec: &spec, case: case.as_deref(), status: &status, terms: &terms };
                // Before the Incident is there, nothing can be hung on it.
                if let Some(uid) = there.as_ref().and_then(|there| there.metadata.uid.as_deref()) {
                    drafts.update(facts, uid);
                }
                let (namespace, name) = (Some(key.namespace.clone()), key.name.clone());
                let object = ObjectKey { kind: IncidentSpec::KIND, namespace, name };
                objects.incidents.set(object, DesiredObject { spec: spec.clone(), status: status.clone() });
                all_wanted.insert(key, (spec, status));
            }
            shown.show(all_wanted.iter().map(|(key, (spec, status))| (key, spec, status)));
        }
    };
    tokio::select! {
        () = keeping => {}
        () = writing => {}
    }
}

/// An Incident that is there, or that must be.
struct Found {
    key: Key,
    /// As it is there.
    there: Option<IncidentSpec>,
    case: Option<Arc<Case>>,
    /// What is remembered of it if it is about no edge.
    entered: Option<Arc<Entered>>,
}

impl Found {
    /// What people have written that is not remembered yet.
    fn news(&self) -> Option<Entry> {
        let Self { key: Key { namespace, name }, there, case, entered } = self;
        let written = there.as_ref()?;
        if let Some(case) = case {
            let is_news = case.written.as_ref() != Some(written);
            return is_news.then(|| Entry::Written { edge: case.edge.clone(), written: Box::new(written.clone()) });
        }
        let is_news = written.edge.is_none() && entered.as_ref().is_none_or(|entered| entered.written != *written);
        let (namespace, name) = (namespace.clone(), name.clone());
        is_news.then(|| Entry::Entered { namespace, name, written: Box::new(written.clone()) })
    }

    /// What is in it, or must be.
    fn spec(&self, now: Timestamp) -> Option<IncidentSpec> {
        let Self { there, case, entered, .. } = self;
        let made = || case.as_deref().map(|case| opening(case, now));
        there.clone().or_else(made).or_else(|| entered.as_ref().map(|entered| entered.written.clone()))
    }
}

/// Every Incident that is there with its case or what is remembered of it, and all that is remembered without one. A
/// person may have opened an Incident for an edge under another name: there is one for each edge.
fn found(store: &Store<Stored<IncidentSpec>>, cases: &[Arc<Case>], entered: &[Arc<Entered>]) -> Vec<Found> {
    let named = |it: &Arc<Entered>| Key { namespace: it.namespace.clone(), name: it.name.clone() };
    let mut by_name: BTreeMap<Key, Arc<Entered>> = entered.iter().map(|it| (named(it), it.clone())).collect();
    let mut by_edge: BTreeMap<Arc<EdgeId>, Arc<Case>> =
        cases.iter().map(|case| (Arc::new(as_written(&case.edge)), case.clone())).collect();
    let mut there = store.state();
    there.sort_by_key(|object| object.metadata.creation_timestamp.clone().map(|at| at.0));
    let mut claimed = BTreeSet::new();
    let mut found = Vec::new();
    for object in there {
        let Some(name) = object.metadata.name.clone() else { continue };
        let key = Key { namespace: object.metadata.namespace.clone().unwrap_or_default(), name };
        let spec = object.spec.clone();
        // The first that is about an edge is its umbrella. Elsewhere than at its agreement it is nobody's: who may write
        // there need not be of those who may write here.
        let edge = spec
            .edge
            .as_ref()
            .map(|edge| Arc::new(edge_of(edge)))
            .filter(|edge| edge.agreement == agreement(&spec, &key));
        let edge = edge.filter(|edge| claimed.insert(edge.clone()));
        // Nothing may have been judged on it so far; from now on it is remembered.
        let case = edge.map(|edge| by_edge.remove(&edge).unwrap_or_else(|| Arc::new(Case::of(edge))));
        let entered = by_name.remove(&key).filter(|_| spec.edge.is_none());
        found.push(Found { key, there: Some(spec), case, entered });
    }
    let of_edge = |case: Arc<Case>| Found { key: key(&case.edge), there: None, case: Some(case), entered: None };
    found.extend(by_edge.into_values().map(of_edge));
    let of_name = |(key, entered)| Found { key, there: None, case: None, entered: Some(entered) };
    found.extend(by_name.into_iter().map(of_name));
    found
}

/// Where the Incident of an edge is made.
fn key(edge: &EdgeId) -> Key {
    let (_, name) = transfers::key(edge);
    Key { namespace: edge.agreement.namespace.clone(), name }
}

/// The spec of an Incident that is made: as people wrote it last if it was deleted, else what was found.
fn opening(case: &Case, now: Timestamp) -> IncidentSpec {
    if let Some(written) = &case.written {
        return written.clone();
    }
    let Case { edge, known, finding, .. } = case;
    // A case that was made by a judgment has what was found.
    let Finding { codes, obligations, summary, .. } = finding.clone().unwrap_or_default();
    let short = |texts: Vec<String>| texts.iter().take(MOST).map(|text| transfers::short(text, 64)).collect();
    let workload = &edge.workload;
    let (namespace, kind, name) = (&workload.namespace, &workload.kind, &workload.name);
    let summary = format!("{namespace}/{kind}/{name} to {}: {summary}", edge.recipient);
    let (namespace, name) = transfers::key(edge);
    IncidentSpec {
        agreement_ref: ObjectReference { name: edge.agreement.name.clone() },
        edge: Some(transfers::spec(edge)),
        transfer_ref: Some(NamespacedReference { namespace, name }),
        first_awareness: clock::second_before(known.first().copied().unwrap_or(now)),
        discovered_by: Discovery::Alert,
        nature: Nature {
            codes: short(codes),
            obligations: short(obligations),
            summary: transfers::short(&summary, 1024),
            data_subjects: Vec::new(),
            approximate_subjects: None,
            approximate_records: None,
        },
        triage: None,
        consequences: None,
        reports: Vec::new(),
        closing: None,
    }
}

fn agreement(spec: &IncidentSpec, key: &Key) -> AgreementId {
    AgreementId { namespace: key.namespace.clone(), name: spec.agreement_ref.name.clone() }
}

/// The edge as objects state it: longer texts are cut there.
fn as_written(edge: &EdgeId) -> EdgeId {
    edge_of(&transfers::spec(edge))
}

fn edge_of(spec: &TransferSpec) -> EdgeId {
    EdgeId {
        cluster: spec.cluster.clone(),
        agreement: AgreementId { namespace: spec.agreement.namespace.clone(), name: spec.agreement.name.clone() },
        workload: WorkloadName {
            namespace: spec.workload.namespace.clone(),
            kind: spec.workload.kind.clone(),
            name: spec.workload.name.clone(),
        },
        recipient: spec.recipient.clone(),
        endpoint: spec.endpoint.clone().unwrap_or_default(),
        via: Via::try_from(spec.via.clone()).unwrap_or(Via::Flow),
    }
}

impl StatusKind for IncidentSpec {
    const BY_OPERATOR_ALONE: bool = false;
    const DELETION: WritePriority = WritePriority::Incident;

    fn priority(current: Option<&IncidentStatus>, desired: &IncidentStatus) -> Option<WritePriority> {
        let without = |status: &IncidentStatus| IncidentStatus { last_seen: None, ..status.clone() };
        match current {
            Some(current) if current == desired => None,
            Some(current) if without(current) == without(desired) => Some(WritePriority::Figures),
            Some(_) | None => Some(WritePriority::Incident),
        }
    }
}
