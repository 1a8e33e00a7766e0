//! How many edges a namespace may have: made-up host names must not fill the memory or the list that people read,
//! nor push out the recipients that the register knows.

use std::collections::BTreeMap;

use crate::{Counterpart, EdgeId};

/// The most edges of a namespace. Further ones fall into one edge `other` for each agreement.
pub(super) const MAX_EDGES: usize = 2_000;

/// The most edges of a namespace with counterparts whose number an outsider can inflate.
pub(super) const MAX_OUTSIDERS: usize = MAX_EDGES / 2;

/// The edges of each cluster and namespace, counted.
#[derive(Debug, Default)]
pub(super) struct EdgeQuota(BTreeMap<(String, String), Count>);

#[derive(Debug, Default)]
struct Count {
    all: usize,
    outsiders: usize,
}

impl EdgeQuota {
    /// Whether there is room for a new edge.
    pub(super) fn admits(&self, id: &EdgeId, counterpart: &Counterpart) -> bool {
        self.0.get(&key(id)).is_none_or(|Count { all, outsiders }| {
            *all < MAX_EDGES && (*outsiders < MAX_OUTSIDERS || !is_outsider(counterpart))
        })
    }

    /// Counts a new edge. The edge `other` is not counted: there is always room for it.
    pub(super) fn count(&mut self, id: &EdgeId, counterpart: &Counterpart) {
        if id.is_overflow() {
            return;
        }
        let Count { all, outsiders } = self.0.entry(key(id)).or_default();
        *all += 1;
        *outsiders += usize::from(is_outsider(counterpart));
    }

    /// Releases an edge that was counted.
    pub(super) fn release(&mut self, id: &EdgeId, counterpart: &Counterpart) {
        if let Some(Count { all, outsiders }) = self.0.get_mut(&key(id)).filter(|_| !id.is_overflow()) {
            *all = all.saturating_sub(1);
            *outsiders = outsiders.saturating_sub(usize::from(is_outsider(counterpart)));
        }
    }
}

fn key(id: &EdgeId) -> (String, String) {
    (id.cluster.clone(), id.exporter.namespace().to_owned())
}

/// Whether an outsider can create any number of such counterparts, with different names or addresses.
fn is_outsider(counterpart: &Counterpart) -> bool {
    match counterpart {
        Counterpart::Unregistered { .. } | Counterpart::Ambiguous { .. } | Counterpart::Truncated { .. } => true,
        Counterpart::DeclaredNotPersonal { otherwise, .. } => is_outsider(otherwise),
        Counterpart::Registered { .. }
        | Counterpart::OwnNetwork { .. }
        | Counterpart::DataSubject
        | Counterpart::Other { .. } => false,
    }
}
