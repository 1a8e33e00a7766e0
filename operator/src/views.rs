//! What is known now, for those who act on it: objects, metrics, Events. The ledger writer shows changes here once they are
//! in the ledger; it never waits, and nothing goes back.

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
use agreements::{Agreements, first_of};
pub use update::Update;

/// Changed verdicts that wait for whoever acts on them. The ledger holds every one.
const TRANSITIONS: usize = 1_024;

/// What is known. Clones share it.
#[derive(Debug, Clone)]
pub struct Views {
    known: Arc<Mutex<Known>>,
    changed: watch::Sender<()>,
}

/// The drafts of the reports of an Incident, by the names of their files.
pub type Reports = Arc<BTreeMap<String, String>>;

/// An edge about which there is news.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedEdge {
    /// Which edge.
    pub edge: Arc<EdgeId>,
    /// How it was judged; `None` if it is not kept any more.
    pub view: Option<Arc<EdgeView>>,
    /// The other agreements under which its workload is judged.
    pub beside: Vec<AgreementId>,
}

#[derive(Debug, Default)]
struct Known {
    edges: BTreeMap<Arc<EdgeId>, Arc<EdgeView>>,
    /// Those of which something has changed since somebody last asked.
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
    /// This is known from now on.
    pub fn show(&self, update: Update) {
        let Update { edges, incidents, reports, transitions } = update;
        let mut known = self.lock();
        for (id, view) in edges {
            known.put(id, view.map(Arc::new));
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

    /// Told whenever something is shown.
    pub fn subscribe(&self) -> watch::Receiver<()> {
        let mut changes = self.changed.subscribe();
        changes.mark_changed();
        changes
    }

    /// The edges of which something has changed since this was last asked.
    pub fn take_changed(&self) -> Vec<ChangedEdge> {
        let mut known = self.lock();
        let changed = std::mem::take(&mut known.changed);
        let news = |edge: Arc<EdgeId>| {
            let view = known.edges.get(&edge).cloned();
            ChangedEdge { view, beside: known.agreements.beside(&edge), edge }
        };
        changed.into_iter().map(news).collect()
    }

    /// The verdicts that have changed since this was last asked, and how many of them had no room.
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

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn put(&mut self, id: Arc<EdgeId>, view: Option<Arc<EdgeView>>) {
        let counts = |view: &Arc<EdgeView>| agreements::counts(&view.verdict);
        let is_under = view.as_ref().is_some_and(counts);
        let before = match view {
            Some(view) => self.edges.insert(id.clone(), view),
            None => self.edges.remove(&id),
        };
        let was_under = before.as_ref().is_some_and(counts);
        // Under which agreements a workload is judged stands at each of its edges.
        for agreement in self.agreements.count(&id, was_under, is_under) {
            let first = first_of(&id, agreement);
            let edges = self.edges.range(first.clone()..).map(|(id, _)| id);
            let its = edges.take_while(|edge| first_of(edge, edge.agreement.clone()) == first);
            self.changed.extend(its.cloned());
        }
        self.changed.insert(id);
    }
}
