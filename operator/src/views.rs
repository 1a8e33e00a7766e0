//! What was judged last of every edge, for those who act on it: objects, metrics. The clerk posts; it never waits.

pub mod agents;
mod agreements;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use landfall_transfer_law::{AgreementId, Edge, EdgeId, VerdictRecord};

use tokio::sync::Notify;

use crate::judging::{Case, Entered};
use agreements::{Agreements, first_of};

/// An edge as it was judged last.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// What was gathered about it.
    pub edge: Arc<Edge>,
    /// What it came to.
    pub verdict: Arc<VerdictRecord>,
}

/// An edge about which there is news.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Which edge.
    pub edge: Arc<EdgeId>,
    /// How it stands; `None` if it is not kept any more.
    pub view: Option<Arc<View>>,
    /// The other agreements under which its workload is judged.
    pub beside: Vec<AgreementId>,
}

/// The views of all edges, and which of them changed since somebody last asked.
#[derive(Debug, Clone, Default)]
pub struct Board(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Standings>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Standings {
    edges: BTreeMap<Arc<EdgeId>, Arc<View>>,
    changed: BTreeSet<Arc<EdgeId>>,
    agreements: Agreements,
    cases: BTreeMap<Arc<EdgeId>, Arc<Case>>,
    entered: BTreeMap<(String, String), Arc<Entered>>,
}

impl Board {
    /// These are how edges stand now.
    pub fn post(&self, views: impl IntoIterator<Item = View>) {
        let mut board = self.lock();
        for view in views {
            board.put(view.edge.id.clone(), Some(Arc::new(view)));
        }
        drop(board);
        self.0.changed.notify_one();
    }

    /// These edges are not kept any more.
    pub fn remove(&self, edges: impl IntoIterator<Item = Arc<EdgeId>>) {
        let mut board = self.lock();
        for id in edges {
            board.put(id, None);
        }
        drop(board);
        self.0.changed.notify_one();
    }

    /// Returns when an edge has changed since this was last called.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// What changed since it was last asked.
    pub fn take_changed(&self) -> Vec<Changed> {
        let mut board = self.lock();
        let changed = std::mem::take(&mut board.changed);
        let news = |edge: Arc<EdgeId>| {
            let view = board.edges.get(&edge).cloned();
            Changed { view, beside: board.agreements.beside(&edge), edge }
        };
        changed.into_iter().map(news).collect()
    }

    /// These cases are as follows now.
    pub fn post_cases(&self, cases: impl IntoIterator<Item = Arc<Case>>) {
        let mut board = self.lock();
        board.cases.extend(cases.into_iter().map(|case| (case.edge.clone(), case)));
    }

    /// These breaches about no edge are as follows now.
    pub fn post_entered(&self, entered: impl IntoIterator<Item = Entered>) {
        let mut board = self.lock();
        let named = |it: Entered| ((it.namespace.clone(), it.name.clone()), Arc::new(it));
        board.entered.extend(entered.into_iter().map(named));
    }

    /// All breaches about no edge.
    pub fn entered(&self) -> Vec<Arc<Entered>> {
        self.lock().entered.values().cloned().collect()
    }

    /// All cases.
    pub fn cases(&self) -> Vec<Arc<Case>> {
        self.lock().cases.values().cloned().collect()
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<View>> {
        self.lock().edges.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Standings> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standings {
    fn put(&mut self, id: Arc<EdgeId>, view: Option<Arc<View>>) {
        let counts = |view: &Arc<View>| agreements::counts(&view.verdict);
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
