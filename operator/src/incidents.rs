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
use kube::{Client, runtime::reflector::Store};
use landfall_api::{
    Discovery, IncidentSpec, IncidentStatus, NamespacedReference, Nature, ObjectReference, Stored, TransferSpec,
};
use landfall_transfer_law::{AgreementId, EdgeId, Via, WorkloadName};
use tokio::sync::{mpsc, watch};

use self::report::{Drafts, Facts};
use crate::{
    board::Board,
    clock,
    desk::{Agreed, Case, Entered, Entry, Finding, Subject},
    index::Published,
    metrics::{IncidentMetrics, UpkeepMetrics},
    transfers,
    upkeep::{self, Budget, Key, Pace, Precedence, Turn, Urgency, Wanted, Written},
    watching::WatchErrors,
};

/// All of a status is substance, and they are few.
const SUBSTANCE: Budget = Budget::new(50, 100);
const FIGURES: Budget = Budget::new(1, 10);
/// While thousands of Transfers wait: their clocks and alerts need no object.
const MEANWHILE: Budget = Budget::new(1, 1);
const REFRESH: std::time::Duration = std::time::Duration::from_mins(5);
/// How often is looked for what people have written.
const LOOK: SignedDuration = SignedDuration::from_secs(1);
/// How many statuses are found a second; with more, each is found less often.
const A_SECOND: usize = 500;
/// Most codes and obligations, as the schema has it.
const MOST: usize = 16;

/// What the Incidents are made from, and where what people write goes.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) board: Board,
    pub(crate) published: watch::Receiver<Option<Arc<Published>>>,
    pub(crate) entries: mpsc::Sender<Entry>,
    pub(crate) metrics: IncidentMetrics,
    pub(crate) precedence: Precedence,
}

/// Keeps the Incidents.
pub(crate) async fn keep(client: Client, source: Source, metrics: UpkeepMetrics, errors: WatchErrors) {
    let Source { board, published, entries: enter, metrics: shown, precedence } = source;
    let turn = Turn::After(precedence, MEANWHILE);
    let pace = Pace { substance: SUBSTANCE, figures: FIGURES, refresh: REFRESH, turn };
    let drafts = Drafts::default();
    let writing = drafts.clone().write(client.clone(), enter.clone());
    let (mut looked, mut told) = (Timestamp::MIN, Timestamp::MIN);
    let keeping = upkeep::keep::<IncidentSpec>(client, pace, metrics, errors, move |entries, store| {
        let now = clock::now();
        if now.duration_since(looked).abs() < LOOK {
            return;
        }
        looked = now;
        let Some(published) = published.borrow().clone() else { return };
        let all = found(store, &board.cases(), &board.entered());
        for entry in all.iter().filter_map(Found::news) {
            // A full channel is asked again a second later.
            let _ = enter.try_send(entry);
        }
        // Clocks run by the second, and thousands of them every few seconds.
        let pause = LOOK * i32::try_from(1 + all.len() / A_SECOND).unwrap_or(i32::MAX);
        if now.duration_since(told).abs() < pause {
            return;
        }
        told = now;
        let agreed = Agreed::of(&published.ruleset);
        for found in all {
            let Some(spec) = found.spec(now) else { continue };
            let Found { key, case, entered, .. } = found;
            let kept = case.as_ref().map(|case| &case.terms).or(entered.as_ref().map(|entered| &entered.terms));
            let kept = kept.and_then(Option::as_ref);
            let terms = agreed.terms(&agreement(&spec, &key), kept);
            let there = upkeep::there(store, &key);
            let before = there.as_ref().and_then(|there| there.status.as_ref());
            let generation = there.as_ref().map_or(Some(1), |there| there.metadata.generation);
            let status = status::of(&spec, case.as_deref(), &terms, now, before, generation);
            let facts = Facts { key: &key, spec: &spec, case: case.as_deref(), status: &status, terms: &terms };
            // Before the Incident is there, nothing can be hung on it.
            if let Some(uid) = there.as_ref().and_then(|there| there.metadata.uid.as_deref()) {
                drafts.update(facts, uid);
            }
            entries.want(key, Wanted { spec, status });
        }
        shown.show(entries.all().map(|(key, wanted)| (key, &wanted.spec, &wanted.status)));
    });
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
            return is_news.then(|| {
                let subject = Subject::incident(namespace.clone(), name.clone());
                Entry::Written { subject, edge: case.edge.clone(), written: Box::new(written.clone()) }
            });
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
    let Key { name, .. } = transfers::key(edge);
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
    let Key { namespace, name } = transfers::key(edge);
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

impl Written for IncidentSpec {
    const BY_OPERATOR_ALONE: bool = false;

    fn urgency(said: Option<&IncidentStatus>, want: &IncidentStatus) -> Option<Urgency> {
        let without = |status: &IncidentStatus| IncidentStatus { last_seen: None, ..status.clone() };
        match said {
            Some(said) if said == want => None,
            Some(said) if without(said) == without(want) => Some(Urgency::WhenQuiet),
            Some(_) | None => Some(Urgency::Now(0)),
        }
    }
}
