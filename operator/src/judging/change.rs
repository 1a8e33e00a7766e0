//! What judging comes to: changes. Each knows what the ledger keeps of it, what is remembered of it over a restart, and
//! what readers are shown.

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

/// Something that is known anew. Another kind of thing is a variant, a line below, and a module of its own.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are of the large one")]
pub enum Change {
    /// An edge was judged, or its traffic rolled up.
    Edge(EdgeChange),
    /// An edge is not kept any more.
    EdgeForgotten(EdgeForgotten),
    /// A workload was seen to hold something.
    Holdings(Holdings),
    /// Something happened to an incident.
    Incident(IncidentChange),
    /// A report was drafted.
    Draft(DraftChange),
}

/// What a kind of change knows about itself.
pub(super) trait ChangeKind {
    /// What the ledger keeps of it, in this order; nothing, if it is not worth a record.
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)>;

    /// What is remembered of it over a restart, by a key that stays the same for the same thing; `None`: nothing any more.
    fn remembered(&self) -> Option<(String, Option<Remembered>)>;

    /// What readers are shown.
    fn view(&self) -> Option<View>;
}

/// What is remembered between starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Remembered {
    /// An edge.
    Edge {
        /// What was gathered about it.
        edge: Arc<Edge>,
        /// What is known of its verdict.
        state: EdgeState,
    },
    /// What a workload was seen to hold.
    Holdings(Holdings),
    /// An incident.
    Incident(Arc<Incident>),
    /// What a draft said last.
    Draft(DraftDigest),
}

/// What readers are shown of a change.
#[derive(Debug)]
pub enum View {
    /// An edge as it was judged last, and whether that is another verdict.
    Edge(EdgeView, Option<Transition>),
    /// An edge that is not kept any more.
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

    /// What the ledger keeps of it, in this order: kind and JSON. What closes a stretch of an edge goes before what opens
    /// the next.
    pub fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        self.kind().records()
    }

    /// What is remembered of it over a restart, by its key; `None`: nothing any more.
    pub fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        self.kind().remembered()
    }

    /// What readers are shown.
    pub fn view(&self) -> Option<View> {
        self.kind().view()
    }
}

impl ChangeKind for Holdings {
    /// What was seen stands in the observations.
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

/// A key of what is remembered.
pub(super) fn key(parts: &impl Serialize) -> String {
    serde_json::to_string(parts).expect("names have a JSON form")
}

/// A record's JSON.
pub(super) fn json(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("records have a JSON form")
}
