//! The result of judging: changes. Each provides its ledger records, its state to restore after a restart, and its view
//! for readers.

use std::sync::Arc;

use landfall_evidence::RecordKind;
use landfall_transfer_law::{Edge, EdgeId, Holdings};
use serde::{Deserialize, Serialize};

use super::{
    drafts::{Draft, DraftChange, DraftDigest},
    edge_state::EdgeState,
    edges::{EdgeChange, EdgeForgotten, EdgeView, Transition},
    incident::Incident,
    incidents::IncidentChange,
};

/// A change of state. A new kind of change needs a variant here, a line in `Change::kind`, and a module of its own.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all changes are of the large variant")]
pub enum Change {
    /// An edge was judged, or its traffic rolled up.
    Edge(EdgeChange),
    /// An edge was forgotten.
    EdgeForgotten(EdgeForgotten),
    /// The personal data that a workload was seen to hold has changed.
    Holdings(Holdings),
    /// An incident has changed.
    Incident(IncidentChange),
    /// A report was drafted.
    Draft(DraftChange),
}

/// What every kind of change provides.
pub(super) trait ChangeKind {
    /// Its ledger records, in the order in which they are appended.
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)>;

    /// The state to restore after a restart, under a stable key. An inner `None` deletes what is stored under the key.
    fn remembered(&self) -> Option<(String, Option<Remembered>)>;

    /// Its view for readers.
    fn view(&self) -> Option<View>;
}

/// What is kept for the next start. It is on disk, so every name is spelled out: renaming a Rust identifier must not
/// change it (`change/tests.rs` pins the JSON).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Remembered {
    /// An edge.
    #[serde(rename = "edge")]
    Edge {
        /// The facts gathered about it.
        #[serde(rename = "edge")]
        edge: Arc<Edge>,
        /// Its verdict and the traffic not yet recorded.
        #[serde(rename = "state")]
        state: EdgeState,
    },
    /// The personal data that a workload was seen to hold.
    #[serde(rename = "holdings")]
    Holdings(Holdings),
    /// An incident.
    #[serde(rename = "incident")]
    Incident(Arc<Incident>),
    /// The digest of the last version of a draft.
    #[serde(rename = "draft")]
    Draft(DraftDigest),
}

/// A change as readers see it.
#[derive(Debug)]
pub enum View {
    /// An edge with its latest verdict, and the transition if the verdict changed.
    Edge(EdgeView, Option<Transition>),
    /// An edge that was forgotten.
    EdgeForgotten(Arc<EdgeId>),
    /// An incident.
    Incident(Arc<Incident>),
    /// A draft.
    Draft(Arc<Draft>),
}

impl Change {
    fn kind(&self) -> &dyn ChangeKind {
        match self {
            Self::Edge(change) => change,
            Self::EdgeForgotten(change) => change,
            Self::Holdings(change) => change,
            Self::Incident(change) => change,
            Self::Draft(change) => change,
        }
    }

    /// Its ledger records, kind and JSON, in the order in which they are appended: the roll-up that ends an interval goes
    /// before the judgment that begins the next.
    pub fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        self.kind().records()
    }

    /// The state to restore after a restart, under its key. An inner `None` deletes what is stored under the key.
    pub fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        self.kind().remembered()
    }

    /// Its view for readers.
    pub fn view(&self) -> Option<View> {
        self.kind().view()
    }
}

impl ChangeKind for Holdings {
    /// None: the observations are in the ledger.
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        Vec::new()
    }

    fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        Some((key(&("holdings", &self.cluster, &self.exporter)), Some(Remembered::Holdings(self.clone()))))
    }

    fn view(&self) -> Option<View> {
        None
    }
}

/// The key under which state is stored for a restart.
pub(super) fn key(parts: &impl Serialize) -> String {
    serde_json::to_string(parts).expect("names have a JSON form")
}

/// A record's JSON.
pub(super) fn json(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records have a JSON form")
}

#[cfg(test)]
mod tests;
