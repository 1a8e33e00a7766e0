//! Judging: observations in, changes out. Pure: no ledger, no cluster.
//!
//! A judgment is written when an edge is seen for the first time and whenever its verdict says something else.
//! Traffic under a verdict that stays is rolled up. So each byte stands in exactly one record: a judgment (but not
//! a re-judgment, which repeats the traffic of its stretch), or a roll-up.

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
    AgreementId, Edge, EdgeBook, EdgeId, Interval, JudgmentRecord, Outcome, Traffic, VerdictRecord, judge,
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
pub use terms::{BreachTerms, Served};

/// All that is judged: the state of edges and incidents.
#[derive(Debug)]
pub struct Judge {
    book: EdgeBook,
    edges: BTreeMap<Arc<EdgeId>, EdgeState>,
    incidents: Incidents,
    drafts: Drafts,
    /// What people wrote and was not looked at yet.
    written: Option<Arc<Vec<WrittenIncident>>>,
    /// The Incidents that are in the cluster; `None` until they were read once.
    objects: Option<BTreeMap<NamespacedReference, IncidentObject>>,
    /// Which Incident stands for what is remembered, where one does.
    references: BTreeMap<IncidentKey, NamespacedReference>,
    /// What is agreed under the ruleset.
    agreed: AgreedTerms,
    /// The ruleset under which everything in the book was judged.
    ruleset: String,
    roll_up_every: SignedDuration,
}

/// An Incident that is in the cluster.
#[derive(Debug, PartialEq)]
struct IncidentObject {
    /// What it stands for.
    key: Option<IncidentKey>,
    spec: Arc<IncidentSpec>,
}

impl Judge {
    /// Nothing is known yet. Traffic is rolled up every so often.
    pub fn new(roll_up_every: SignedDuration) -> Self {
        Self {
            book: EdgeBook::new(),
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

    /// Takes in what was remembered before a restart.
    pub fn restore(&mut self, remembered: Remembered) {
        match remembered {
            Remembered::Edge { edge, state } => {
                self.edges.insert(edge.id.clone(), state);
                self.book.restore(edge);
            }
            Remembered::Holdings(holdings) => self.book.restore_holdings(holdings),
            Remembered::Incident(incident) => {
                self.drafts.touch(incident.key.reference(), Some(incident.key.clone()));
                self.incidents.restore(incident);
            }
            Remembered::Draft(digest) => self.drafts.restore(digest),
        }
    }

    /// Takes an observation in under every agreement that selects its workload; whether there is one.
    pub fn absorb(&mut self, published: &Published, mut observation: Observation) -> bool {
        published.describe(&mut observation);
        let resolved = published.resolve(&observation);
        for one in &resolved {
            self.book.absorb(&one.agreement, &one.counterpart, &observation);
        }
        !resolved.is_empty()
    }

    /// Takes what people have written; it counts from the next judgment on.
    pub fn read(&mut self, written: Arc<Vec<WrittenIncident>>) {
        self.written = Some(written);
    }

    /// All incidents.
    pub fn incidents(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.incidents.all()
    }

    /// Whether everything in the book was judged under this ruleset.
    pub fn is_judged_under(&self, published: &Published) -> bool {
        self.ruleset == published.version()
    }

    /// Judges the edges about which something was learnt; after a change of the ruleset, all.
    pub fn judge(&mut self, published: &Published, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        if !self.is_judged_under(published) {
            self.book.touch_all();
            // To grow step by step would copy the changes of thousands of edges.
            changes.reserve(self.edges.len());
            published.version().clone_into(&mut self.ruleset);
            self.agree(AgreedTerms::from_ruleset(&published.ruleset), &mut changes);
        }
        // A closing counts before the traffic that may show that it was too early.
        if let Some(written) = self.written.take() {
            self.take_written(&written, now, &mut changes);
        }
        let mut verdicts = 0;
        for edge in self.book.take_touched() {
            let change = self.judge_edge(published, edge, now);
            verdicts += usize::from(change.judgment.is_some());
            if let Some(verdict) = change.verdict.as_ref().filter(|verdict| is_breach(published, &change.edge, verdict))
                && let Some(incident) = self.incidents.breach(&change.edge, verdict, &self.agreed, now)
            {
                changes.push(self.note(incident));
            }
            changes.push(Change::Edge(change));
        }
        for change in self.incidents.pass_deadlines(&self.agreed, now) {
            changes.push(self.note(change));
        }
        changes.extend(self.book.take_touched_holdings().into_iter().map(Change::Holdings));
        self.draw_drafts(verdicts, now, &mut changes);
        changes
    }

    /// Rolls up the traffic of edges that were not written down for long enough.
    pub fn roll_up(&mut self, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        for (id, state) in &mut self.edges {
            // A clock that was set back must not keep traffic out of the ledger.
            let age = now.duration_since(state.rolled_up).abs();
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
                    fresh: Traffic::default(),
                }));
            }
        }
        changes
    }

    /// Forgets edges without traffic since `instant`, when nothing of theirs is left to be written. Their history is in
    /// the ledger, and their incidents stay.
    pub fn forget_before(&mut self, instant: Timestamp, now: Timestamp) -> Vec<Change> {
        let forgotten = self.book.forget_before(instant).into_iter();
        let changes = forgotten.map(|edge| {
            let rollup = self.edges.remove(&edge).and_then(|mut state| state.roll_up(&edge, now));
            Change::EdgeForgotten(EdgeForgotten { edge, rollup })
        });
        changes.collect()
    }

    /// How many observations fell into an edge `other` since the start.
    pub fn overflowed(&self) -> u64 {
        self.book.overflowed()
    }

    /// How many edges have each outcome, by agreement.
    pub fn census(&self) -> BTreeMap<&AgreementId, BTreeMap<Outcome, u64>> {
        let mut census: BTreeMap<_, BTreeMap<Outcome, u64>> = BTreeMap::new();
        for (id, state) in &self.edges {
            *census.entry(&id.agreement).or_default().entry(state.outcome).or_default() += 1;
        }
        census
    }

    /// Another ruleset agrees on this.
    fn agree(&mut self, agreed: AgreedTerms, changes: &mut Vec<Change>) {
        self.agreed = agreed;
        for change in self.incidents.agree(&self.agreed) {
            changes.push(self.note(change));
        }
        let unassigned = self.objects.iter().flatten().filter(|(_, object)| object.key.is_none());
        for (reference, _) in unassigned {
            self.drafts.touch(reference.clone(), None);
        }
    }

    /// Takes note of what people have written.
    fn take_written(&mut self, written: &[WrittenIncident], now: Timestamp, changes: &mut Vec<Change>) {
        let mut objects = BTreeMap::new();
        let mut references = BTreeMap::new();
        let mut writings = Vec::new();
        for (incident, key) in assign(written, self.incidents.keys()) {
            let WrittenIncident { reference, spec, .. } = incident;
            if let Some(key) = &key {
                references.insert(key.clone(), reference.clone());
                writings.push((key.clone(), reference.clone(), Arc::clone(spec)));
            }
            let object = IncidentObject { key, spec: Arc::clone(spec) };
            if self.objects.as_ref().and_then(|objects| objects.get(reference)) != Some(&object) {
                self.drafts.touch(reference.clone(), object.key.clone());
            }
            objects.insert(reference.clone(), object);
        }
        // What was deleted is made again, and where it is made.
        for key in self.references.keys().filter(|key| !references.contains_key(key)) {
            self.drafts.touch(key.reference(), Some(key.clone()));
        }
        (self.objects, self.references) = (Some(objects), references);
        for (key, reference, spec) in writings {
            if let Some(change) = self.incidents.write((key, &reference), &spec, &self.agreed, now) {
                changes.push(self.note(change));
            }
        }
    }

    /// Something is known anew of an incident: its drafts may say something else.
    fn note(&mut self, change: IncidentChange) -> Change {
        let key = &change.incident.key;
        let reference = self.references.get(key).cloned().unwrap_or_else(|| key.reference());
        self.drafts.touch(reference, Some(key.clone()));
        Change::Incident(change)
    }

    fn draw_drafts(&mut self, verdicts: usize, now: Timestamp, changes: &mut Vec<Change>) {
        // Before they were read once, nobody knows under which names people have made Incidents.
        let Some(objects) = &self.objects else { return };
        for (reference, key) in self.drafts.take_due(verdicts) {
            let incident = key.as_ref().and_then(|key| self.incidents.get(key));
            let written = objects.get(&reference).map(|object| Arc::clone(&object.spec));
            let opening = || incident.and_then(|incident| incident.opening(now)).map(Arc::new);
            let Some(spec) = written.or_else(opening) else { continue };
            let remembered = incident.and_then(|incident| incident.terms.as_ref());
            let terms = self.agreed.terms(&agreement(&reference.namespace, &spec), remembered);
            let incident = incident.map(Arc::as_ref);
            let started = clocks::started(&spec, incident, &terms);
            let facts = Facts { reference: &reference, spec: &spec, incident, terms: &terms, started };
            changes.extend(self.drafts.draw(facts, now).into_iter().map(Change::Draft));
        }
    }

    fn judge_edge(&mut self, published: &Published, edge: Arc<Edge>, now: Timestamp) -> EdgeChange {
        // As of the traffic's own time.
        let verdict = judge(&published.ruleset, &edge, edge.last_seen);
        let outcome = verdict.outcome;
        let verdict = Arc::new(VerdictRecord::from(&verdict));
        let is_personal = verdict.is_personal();
        let fingerprint = Fingerprint::from_verdict(&verdict);
        let all = Traffic::from(&edge.volume);
        let until = Interval::of(&edge).until;
        let transition = |before| Transition { edge: edge.id.clone(), before, after: outcome, is_personal };
        let Some(state) = self.edges.get_mut(&edge.id) else {
            let interval = Interval { from: edge.first_seen, until };
            let judgment = JudgmentRecord::kept(&edge, interval, Arc::clone(&verdict));
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
                fresh: all,
            };
        };
        let fresh = all.since(state.seen);
        if state.fingerprint == fingerprint {
            state.see(all, until);
            return EdgeChange {
                edge,
                state: state.clone(),
                verdict: Some(verdict),
                rollup: None,
                judgment: None,
                transition: None,
                fresh,
            };
        }
        let rollup = state.roll_up(&edge.id, now);
        let before = state.outcome;
        let judgment = if fresh.is_none() {
            // Nothing flowed: the time of the stretch is judged again, because the law or what the workload is
            // known to hold has changed.
            let interval = state.stretch;
            let repeated = state.stretch_traffic;
            JudgmentRecord::kept(&edge, interval, Arc::clone(&verdict)).with_traffic(repeated).again()
        } else {
            let interval = Interval { from: state.stretch.until.min(until), until };
            state.begin(interval, fresh);
            JudgmentRecord::kept(&edge, interval, Arc::clone(&verdict)).with_traffic(fresh)
        };
        state.judged(outcome, fingerprint, all, now);
        let (state, transition) = (state.clone(), transition(Some(before)));
        EdgeChange {
            edge,
            state,
            verdict: Some(verdict),
            rollup,
            judgment: Some(judgment),
            transition: Some(transition),
            fresh,
        }
    }
}

/// Whether a verdict opens an incident: an unlawful transfer does; a recipient that nobody knows does if the policy says
/// so and anything personal is known to be sent.
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
