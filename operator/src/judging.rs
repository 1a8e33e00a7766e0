//! Judges observations and returns what changed. Pure: no ledger, no cluster.
//!
//! A judgment is recorded when an edge is first seen and whenever its verdict changes. Traffic under an unchanged verdict
//! is rolled up. So each byte is in exactly one record, a judgment or a roll-up; a re-judgment repeats the traffic of its
//! interval and does not count.

mod assignment;
mod change;
pub(crate) mod clocks;
pub(crate) mod drafts;
mod edge_state;
mod edges;
mod incident;
mod incidents;
pub(crate) mod names;
mod records;
mod terms;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_api::{IncidentSpec, NamespacedReference};
use landfall_observation::Observation;
use landfall_transfer_law::{
    AgreementId, Edge, EdgeAggregator, EdgeId, Interval, JudgmentRecord, Outcome, Traffic, VerdictRecord, judge,
};

use crate::register::{Published, WrittenIncident};
pub(crate) use assignment::{agreement, assign};
pub use change::{Change, Remembered, View};
pub use clocks::Overdue;
pub use drafts::{Draft, DraftChange, DraftDigest, DraftRecord};
use drafts::{Drafts, Facts};
use edge_state::{EdgeState, Fingerprint};
pub use edges::{EdgeChange, EdgeForgotten, EdgeView, Transition};
pub use incident::{Finding, Incident, IncidentKey};
pub use incidents::IncidentChange;
use incidents::Incidents;
pub use records::{Decided, DecisionKind, DecisionRecord, IncidentEvent, IncidentRecord, Subject};
pub(crate) use terms::{AgreedTerms, FIRST, FULL};
pub use terms::{BreachTerms, ServedTenants};

/// The state of all edges, incidents and drafts, and the judgment of new observations.
#[derive(Debug)]
pub struct Judge {
    book: EdgeAggregator,
    edges: BTreeMap<Arc<EdgeId>, EdgeState>,
    incidents: Incidents,
    drafts: Drafts,
    /// The Incidents as people wrote them, if they changed since the last judgment.
    written: Option<Arc<Vec<WrittenIncident>>>,
    /// The Incidents in the cluster; `None` until they were read once.
    objects: Option<BTreeMap<NamespacedReference, IncidentObject>>,
    /// The Incident object of each incident that has one.
    references: BTreeMap<IncidentKey, NamespacedReference>,
    /// What the agreements of the ruleset say about breaches.
    agreed: AgreedTerms,
    /// Version of the ruleset under which every edge was judged.
    ruleset: String,
    roll_up_every: SignedDuration,
}

/// An Incident in the cluster.
#[derive(Debug, PartialEq)]
struct IncidentObject {
    /// The incident that it is about.
    key: Option<IncidentKey>,
    spec: Arc<IncidentSpec>,
}

impl Judge {
    /// Starts without any state; traffic is rolled up at this interval.
    pub fn new(roll_up_every: SignedDuration) -> Self {
        Self {
            book: EdgeAggregator::new(),
            edges: BTreeMap::new(),
            incidents: Incidents::default(),
            drafts: Drafts::default(),
            written: None,
            objects: None,
            references: BTreeMap::new(),
            agreed: AgreedTerms::default(),
            ruleset: String::new(),
            roll_up_every,
        }
    }

    /// Restores one thing that was remembered before a restart.
    pub fn restore(&mut self, remembered: Remembered) {
        match remembered {
            Remembered::Edge { edge, state } => {
                self.edges.insert(edge.id.clone(), state);
                self.book.restore(edge);
            }
            Remembered::Holdings(holdings) => self.book.restore_holdings(holdings),
            Remembered::Incident(incident) => {
                self.drafts.mark_due(incident.key.reference(), Some(incident.key.clone()));
                self.incidents.restore(incident);
            }
            Remembered::Draft(digest) => self.drafts.restore(digest),
        }
    }

    /// Adds an observation to the edges of every agreement that selects its workload. Returns whether there is one.
    pub fn observe(&mut self, published: &Published, mut observation: Observation) -> bool {
        published.describe(&mut observation);
        let resolved = published.resolve(&observation);
        for one in &resolved {
            self.book.absorb(&one.agreement, &one.counterpart, &observation);
        }
        !resolved.is_empty()
    }

    /// Sets the Incidents as people wrote them; the next judgment takes them into account.
    pub fn set_written(&mut self, written: Arc<Vec<WrittenIncident>>) {
        self.written = Some(written);
    }

    /// All incidents.
    pub fn incidents(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.incidents.all()
    }

    /// Whether every edge was judged under this ruleset.
    pub fn is_judged_under(&self, published: &Published) -> bool {
        self.ruleset == published.version()
    }

    /// Judges the edges with new facts; after a change of the ruleset, all edges.
    pub fn judge(&mut self, published: &Published, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        if !self.is_judged_under(published) {
            self.book.touch_all();
            // Growing step by step would copy the changes of thousands of edges.
            changes.reserve(self.edges.len());
            published.version().clone_into(&mut self.ruleset);
            self.set_terms(AgreedTerms::from_ruleset(&published.ruleset), &mut changes);
        }
        // Before the traffic: traffic after a closing reopens the incident.
        if let Some(written) = self.written.take() {
            self.apply_written(&written, now, &mut changes);
        }
        let mut verdicts = 0;
        for edge in self.book.take_touched() {
            let change = self.judge_edge(published, edge, now);
            verdicts += usize::from(change.judgment.is_some());
            if let Some(verdict) = change.verdict.as_ref().filter(|verdict| is_breach(published, &change.edge, verdict))
                && let Some(incident) = self.incidents.record_breach(&change.edge, verdict, &self.agreed, now)
            {
                changes.push(self.incident_changed(incident));
            }
            changes.push(Change::Edge(change));
        }
        for change in self.incidents.check_deadlines(&self.agreed, now) {
            changes.push(self.incident_changed(change));
        }
        changes.extend(self.book.take_touched_holdings().into_iter().map(Change::Holdings));
        self.update_drafts(verdicts, now, &mut changes);
        changes
    }

    /// Rolls up the traffic of edges that were last recorded long enough ago.
    pub fn roll_up(&mut self, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        for (id, state) in &mut self.edges {
            // `abs`: a clock that was set back must not keep traffic out of the ledger.
            let age = now.duration_since(state.recorded_at).abs();
            if age >= self.roll_up_every
                && let Some(edge) = self.book.edge(id)
                && let Some(rollup) = state.roll_up(id, now)
            {
                changes.push(Change::Edge(EdgeChange {
                    edge,
                    state: state.clone(),
                    verdict: None,
                    rollup: Some(rollup),
                    judgment: None,
                    transition: None,
                    new_traffic: Traffic::default(),
                }));
            }
        }
        changes
    }

    /// Forgets edges without traffic since `instant`. Their history is in the ledger, and their incidents stay.
    pub fn forget_before(&mut self, instant: Timestamp, now: Timestamp) -> Vec<Change> {
        let forgotten = self.book.forget_before(instant).into_iter();
        let changes = forgotten.map(|edge| {
            let rollup = self.edges.remove(&edge).and_then(|mut state| state.roll_up(&edge, now));
            Change::EdgeForgotten(EdgeForgotten { edge, rollup })
        });
        changes.collect()
    }

    /// How many observations were added to an `other` edge since the start.
    pub fn overflowed(&self) -> u64 {
        self.book.overflowed()
    }

    /// The number of edges by agreement and outcome.
    pub fn count_outcomes(&self) -> BTreeMap<&AgreementId, BTreeMap<Outcome, u64>> {
        let mut census: BTreeMap<_, BTreeMap<Outcome, u64>> = BTreeMap::new();
        for (id, state) in &self.edges {
            *census.entry(&id.agreement).or_default().entry(state.outcome).or_default() += 1;
        }
        census
    }

    /// Sets what the agreements of a new ruleset say about breaches.
    fn set_terms(&mut self, agreed: AgreedTerms, changes: &mut Vec<Change>) {
        self.agreed = agreed;
        for change in self.incidents.update_terms(&self.agreed) {
            changes.push(self.incident_changed(change));
        }
        let unassigned = self.objects.iter().flatten().filter(|(_, object)| object.key.is_none());
        for (reference, _) in unassigned {
            self.drafts.mark_due(reference.clone(), None);
        }
    }

    /// Applies what people wrote into Incidents.
    fn apply_written(&mut self, written: &[WrittenIncident], now: Timestamp, changes: &mut Vec<Change>) {
        let mut objects = BTreeMap::new();
        let mut references = BTreeMap::new();
        let mut specs = Vec::new();
        for (incident, key) in assign(written, self.incidents.keys()) {
            let WrittenIncident { reference, spec, .. } = incident;
            if let Some(key) = &key {
                references.insert(key.clone(), reference.clone());
                specs.push((key.clone(), reference.clone(), Arc::clone(spec)));
            }
            let object = IncidentObject { key, spec: Arc::clone(spec) };
            if self.objects.as_ref().and_then(|objects| objects.get(reference)) != Some(&object) {
                self.drafts.mark_due(reference.clone(), object.key.clone());
            }
            objects.insert(reference.clone(), object);
        }
        // A deleted Incident is created again under its default name, with its drafts.
        for key in self.references.keys().filter(|key| !references.contains_key(key)) {
            self.drafts.mark_due(key.reference(), Some(key.clone()));
        }
        (self.objects, self.references) = (Some(objects), references);
        for (key, reference, spec) in specs {
            if let Some(change) = self.incidents.apply_spec((key, &reference), &spec, &self.agreed, now) {
                changes.push(self.incident_changed(change));
            }
        }
    }

    /// Marks the drafts of a changed incident as due.
    fn incident_changed(&mut self, change: IncidentChange) -> Change {
        let key = &change.incident.key;
        let reference = self.references.get(key).cloned().unwrap_or_else(|| key.reference());
        self.drafts.mark_due(reference, Some(key.clone()));
        Change::Incident(change)
    }

    fn update_drafts(&mut self, verdicts: usize, now: Timestamp, changes: &mut Vec<Change>) {
        // Until they were read once, the names of Incidents that people created are not known.
        let Some(objects) = &self.objects else { return };
        for (reference, key) in self.drafts.take_due(verdicts) {
            let incident = key.as_ref().and_then(|key| self.incidents.get(key));
            let written = objects.get(&reference).map(|object| Arc::clone(&object.spec));
            let initial_spec = || incident.and_then(|incident| incident.initial_spec(now)).map(Arc::new);
            let Some(spec) = written.or_else(initial_spec) else { continue };
            let remembered = incident.and_then(|incident| incident.terms.as_ref());
            let terms = self.agreed.terms(&agreement(&reference.namespace, &spec), remembered);
            let incident = incident.map(Arc::as_ref);
            let started = clocks::started(&spec, incident, &terms);
            let facts = Facts { reference: &reference, spec: &spec, incident, terms: &terms, started };
            changes.extend(self.drafts.update(facts, now).into_iter().map(Change::Draft));
        }
    }

    fn judge_edge(&mut self, published: &Published, edge: Arc<Edge>, now: Timestamp) -> EdgeChange {
        // As of the time of the traffic, not of now.
        let verdict = judge(&published.ruleset, &edge, edge.last_seen);
        let outcome = verdict.outcome;
        let verdict = Arc::new(VerdictRecord::from(&verdict));
        let is_personal = verdict.is_personal();
        let fingerprint = Fingerprint::from_verdict(&verdict);
        let all = Traffic::from(&edge.volume);
        let until = Interval::from_edge(&edge).until;
        let transition = |before| Transition { edge: edge.id.clone(), before, after: outcome, is_personal };
        let Some(state) = self.edges.get_mut(&edge.id) else {
            let interval = Interval { from: edge.first_seen, until };
            let judgment = JudgmentRecord::from_record(&edge, interval, Arc::clone(&verdict));
            let transition = transition(None);
            let state = EdgeState::new(outcome, fingerprint, interval, all, now);
            self.edges.insert(edge.id.clone(), state.clone());
            return EdgeChange {
                edge,
                state,
                verdict: Some(verdict),
                rollup: None,
                judgment: Some(judgment),
                transition: Some(transition),
                new_traffic: all,
            };
        };
        let new_traffic = all.since(state.total);
        if state.fingerprint == fingerprint {
            state.add_traffic(all, until);
            return EdgeChange {
                edge,
                state: state.clone(),
                verdict: Some(verdict),
                rollup: None,
                judgment: None,
                transition: None,
                new_traffic,
            };
        }
        let rollup = state.roll_up(&edge.id, now);
        let before = state.outcome;
        let judgment = if new_traffic.is_none() {
            // No new traffic: the interval is judged again, because the law changed, or what the workload is known to hold.
            let interval = state.interval;
            let traffic = state.interval_traffic;
            JudgmentRecord::from_record(&edge, interval, Arc::clone(&verdict)).with_traffic(traffic).into_rejudgment()
        } else {
            let interval = Interval { from: state.interval.until.min(until), until };
            state.start_interval(interval, new_traffic);
            JudgmentRecord::from_record(&edge, interval, Arc::clone(&verdict)).with_traffic(new_traffic)
        };
        state.set_verdict(outcome, fingerprint, all, now);
        let (state, transition) = (state.clone(), transition(Some(before)));
        EdgeChange {
            edge,
            state,
            verdict: Some(verdict),
            rollup,
            judgment: Some(judgment),
            transition: Some(transition),
            new_traffic,
        }
    }
}

/// Whether a verdict opens an incident. Unlawful always does; Unknown does if the policy says so and personal data is
/// known, or declared, to be sent.
fn is_breach(published: &Published, edge: &Edge, verdict: &VerdictRecord) -> bool {
    let policy = |id: &AgreementId| published.ruleset.agreements.get(id).map(|agreement| &agreement.policy);
    match verdict.outcome() {
        Outcome::Unlawful => true,
        Outcome::Unknown => {
            verdict.is_personal() && policy(&edge.id.agreement).is_some_and(|policy| policy.incident_on_unknown)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
