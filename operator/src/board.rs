//! What was judged last of every edge, for those who act on it: objects, metrics. The clerk posts; it never waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use landfall_transfer_law::{Edge, EdgeId, VerdictRecord};

use crate::desk::Case;

/// An edge as it was judged last.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// What was gathered about it.
    pub edge: Edge,
    /// What it came to.
    pub verdict: VerdictRecord,
}

/// The views of all edges, and which of them changed since somebody last asked.
#[derive(Debug, Clone, Default)]
pub struct Board(Arc<Mutex<Standings>>);

#[derive(Debug, Default)]
struct Standings {
    edges: BTreeMap<EdgeId, Arc<View>>,
    changed: BTreeSet<EdgeId>,
    cases: BTreeMap<EdgeId, Arc<Case>>,
}

impl Board {
    /// These are how edges stand now.
    pub fn post(&self, views: impl IntoIterator<Item = View>) {
        let mut board = self.lock();
        for view in views {
            let id = view.edge.id.clone();
            board.changed.insert(id.clone());
            board.edges.insert(id, Arc::new(view));
        }
    }

    /// These edges are not kept any more.
    pub fn remove(&self, edges: impl IntoIterator<Item = EdgeId>) {
        let mut board = self.lock();
        for id in edges {
            board.edges.remove(&id);
            board.changed.insert(id);
        }
    }

    /// What changed since it was last asked; `None` for an edge that is not kept any more.
    pub fn take_changed(&self) -> Vec<(EdgeId, Option<Arc<View>>)> {
        let mut board = self.lock();
        let changed = std::mem::take(&mut board.changed);
        changed.into_iter().map(|id| (id.clone(), board.edges.get(&id).cloned())).collect()
    }

    /// These cases are as follows now.
    pub fn post_cases(&self, cases: impl IntoIterator<Item = Case>) {
        let mut board = self.lock();
        board.cases.extend(cases.into_iter().map(|case| (case.edge.clone(), Arc::new(case))));
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
