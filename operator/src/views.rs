//! The current state, for readers: objects, metrics, Events. The ledger writer publishes changes here once they are in the
//! ledger. It never waits for readers, and they send nothing back.

pub mod agents;
mod agreements;
#[cfg(test)]
mod tests;
mod update;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use landfall_transfer_law::{AgreementId, EdgeId};
use tokio::sync::watch;

use crate::judging::{EdgeView, Incident, IncidentKey, Transition};
use agreements::{Agreements, first_key};
pub use update::Update;

/// Maximum number of waiting transitions. The ledger holds all of them.
const TRANSITIONS: usize = 1_024;

/// The current state. Clones share it.
#[derive(Debug, Clone)]
pub struct Views {
    known: Arc<Mutex<State>>,
    changed: watch::Sender<()>,
}

/// The drafts of an Incident's reports, by file name.
pub type Reports = Arc<BTreeMap<String, String>>;

/// An edge that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedEdge {
    /// Which edge.
    pub edge: Arc<EdgeId>,
    /// Its view; `None` if it was forgotten.
    pub view: Option<Arc<EdgeView>>,
    /// The other agreements under which its exporter is judged.
    pub other_agreements: Vec<AgreementId>,
}

#[derive(Debug, Default)]
struct State {
    edges: BTreeMap<Arc<EdgeId>, Arc<EdgeView>>,
    /// The edges that changed since they were last taken.
    changed: BTreeSet<Arc<EdgeId>>,
    agreements: Agreements,
    incidents: BTreeMap<IncidentKey, Arc<Incident>>,
    /// By namespace and name of the Incident.
    reports: BTreeMap<String, Reports>,
    transitions: VecDeque<Transition>,
    dropped: u64,
}

impl Default for Views {
    fn default() -> Self {
        Self { known: Arc::default(), changed: watch::Sender::new(()) }
    }
}

impl Views {
    /// Applies changes and notifies the readers.
    pub fn publish(&self, update: Update) {
        let Update { edges, incidents, reports, transitions } = update;
        let mut known = self.lock();
        for (id, view) in edges {
            known.set_edge(id, view.map(Arc::new));
        }
        known.incidents.extend(incidents);
        for (incident, drafts) in reports {
            Arc::make_mut(known.reports.entry(incident).or_default()).extend(drafts);
        }
        for transition in transitions {
            if known.transitions.len() < TRANSITIONS {
                known.transitions.push_back(transition);
            } else {
                known.dropped += 1;
            }
        }
        drop(known);
        self.changed.send_replace(());
    }

    /// Notified of every update, and once at first.
    pub fn subscribe(&self) -> watch::Receiver<()> {
        let mut changes = self.changed.subscribe();
        changes.mark_changed();
        changes
    }

    /// Takes the edges that changed since the last call.
    pub fn take_changed(&self) -> Vec<ChangedEdge> {
        let mut known = self.lock();
        let changed = std::mem::take(&mut known.changed);
        let news = |edge: Arc<EdgeId>| {
            let view = known.edges.get(&edge).cloned();
            ChangedEdge { view, other_agreements: known.agreements.other_agreements(&edge), edge }
        };
        changed.into_iter().map(news).collect()
    }

    /// Takes the transitions since the last call, and the number of those that were dropped.
    pub fn take_transitions(&self) -> (VecDeque<Transition>, u64) {
        let mut known = self.lock();
        (std::mem::take(&mut known.transitions), std::mem::take(&mut known.dropped))
    }

    /// All incidents.
    pub fn incidents(&self) -> BTreeMap<IncidentKey, Arc<Incident>> {
        self.lock().incidents.clone()
    }

    /// The drafts of the reports of an Incident.
    pub fn reports(&self, incident: &str) -> Option<Reports> {
        self.lock().reports.get(incident).cloned()
    }

    /// All edges.
    pub fn edges(&self) -> Vec<Arc<EdgeView>> {
        self.lock().edges.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn set_edge(&mut self, id: Arc<EdgeId>, view: Option<Arc<EdgeView>>) {
        let counts = |view: &Arc<EdgeView>| agreements::counts(&view.verdict);
        let is_under = view.as_ref().is_some_and(counts);
        let before = match view {
            Some(view) => self.edges.insert(id.clone(), view),
            None => self.edges.remove(&id),
        };
        let was_under = before.as_ref().is_some_and(counts);
        // Every edge of the exporter shows the other agreements, so all of them change.
        for agreement in self.agreements.count(&id, was_under, is_under) {
            let first = first_key(&id, agreement);
            let edges = self.edges.range(first.clone()..).map(|(id, _)| id);
            let its = edges.take_while(|edge| first_key(edge, edge.agreement.clone()) == first);
            self.changed.extend(its.cloned());
        }
        self.changed.insert(id);
    }
}
