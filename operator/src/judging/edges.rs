//! Changes of edges.

use std::sync::Arc;

use landfall_evidence::RecordKind;
use landfall_transfer_law::{Edge, EdgeId, JudgmentRecord, Outcome, RollupRecord, Traffic, VerdictRecord};

use super::{
    change::{ChangeKind, Remembered, View, json, key},
    edge_state::EdgeState,
};

/// An edge that was judged, or whose traffic was rolled up.
#[derive(Debug)]
pub struct EdgeChange {
    /// What was gathered about it.
    pub edge: Arc<Edge>,
    /// Its state after the change.
    pub state: EdgeState,
    /// Its verdict; `None` if its traffic was only rolled up.
    pub verdict: Option<Arc<VerdictRecord>>,
    /// The unrecorded traffic under the previous or unchanged verdict.
    pub rollup: Option<RollupRecord>,
    /// The judgment, if the verdict's content changed.
    pub judgment: Option<JudgmentRecord>,
    /// The transition, if the verdict's content changed.
    pub transition: Option<Transition>,
    /// Traffic since the previous judgment.
    pub new_traffic: Traffic,
}

/// An edge that was forgotten. Its history is in the ledger.
#[derive(Debug)]
pub struct EdgeForgotten {
    /// Which edge.
    pub edge: Arc<EdgeId>,
    /// Its unrecorded traffic.
    pub rollup: Option<RollupRecord>,
}

/// An edge with its latest verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeView {
    /// What was gathered about it.
    pub edge: Arc<Edge>,
    /// The verdict.
    pub verdict: Arc<VerdictRecord>,
}

/// A verdict that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Of which edge.
    pub edge: Arc<EdgeId>,
    /// The previous outcome; `None` for a new edge.
    pub before: Option<Outcome>,
    /// The new outcome.
    pub after: Outcome,
    /// Whether personal data is known, or declared, to be sent.
    pub is_personal: bool,
}

impl EdgeChange {
    /// Whether it is counted in the metrics: it has new traffic, or the edge is new.
    pub fn is_counted(&self) -> bool {
        !self.new_traffic.is_none() || self.transition.as_ref().is_some_and(|transition| transition.before.is_none())
    }

    /// The outcome under which its new traffic is counted.
    pub fn outcome(&self) -> Outcome {
        self.state.outcome
    }
}

impl ChangeKind for EdgeChange {
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        let rollup = self.rollup.iter().map(|rollup| (RecordKind::Rollup, json(rollup)));
        let judgment = self.judgment.iter().map(|judgment| (RecordKind::Judgment, json(judgment)));
        rollup.chain(judgment).collect()
    }

    fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        let remembered = Remembered::Edge { edge: Arc::clone(&self.edge), state: self.state.clone() };
        Some((edge_key(&self.edge.id), Some(remembered)))
    }

    fn view(&self) -> Option<View> {
        let verdict = Arc::clone(self.verdict.as_ref()?);
        Some(View::Edge(EdgeView { edge: Arc::clone(&self.edge), verdict }, self.transition.clone()))
    }
}

impl ChangeKind for EdgeForgotten {
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        self.rollup.iter().map(|rollup| (RecordKind::Rollup, json(rollup))).collect()
    }

    fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        Some((edge_key(&self.edge), None))
    }

    fn view(&self) -> Option<View> {
        Some(View::EdgeForgotten(Arc::clone(&self.edge)))
    }
}

fn edge_key(edge: &EdgeId) -> String {
    key(&("edge", edge))
}
