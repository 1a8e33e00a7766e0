//! Edges that were judged.

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
    /// What is known of its verdict now.
    pub state: EdgeState,
    /// What it was judged; `None`: its traffic was rolled up, and nothing else.
    pub verdict: Option<Arc<VerdictRecord>>,
    /// The traffic under the verdict before, or under the one that stays.
    pub rollup: Option<RollupRecord>,
    /// The judgment, if its verdict says something else.
    pub judgment: Option<JudgmentRecord>,
    /// For whoever acts on it.
    pub transition: Option<Transition>,
    /// Traffic that was not counted before.
    pub fresh: Traffic,
}

/// An edge that is not kept any more. Its history is in the ledger.
#[derive(Debug)]
pub struct EdgeForgotten {
    /// Which edge.
    pub edge: Arc<EdgeId>,
    /// Its traffic that stood in no record.
    pub rollup: Option<RollupRecord>,
}

/// An edge as it was judged last.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeView {
    /// What was gathered about it.
    pub edge: Arc<Edge>,
    /// What it came to.
    pub verdict: Arc<VerdictRecord>,
}

/// A verdict that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Of which edge.
    pub edge: Arc<EdgeId>,
    /// What it was; `None` for a new edge.
    pub before: Option<Outcome>,
    /// What it is.
    pub after: Outcome,
    /// Whether anything personal is known, or said, to be sent.
    pub is_personal: bool,
}

impl EdgeChange {
    /// Whether it has traffic to be counted; a new edge is counted, be it without any.
    pub fn counts(&self) -> bool {
        !self.fresh.is_none() || self.transition.as_ref().is_some_and(|transition| transition.before.is_none())
    }

    /// The outcome under which its fresh traffic counts.
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
        Some((key_of(&self.edge.id), Some(remembered)))
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
        Some((key_of(&self.edge), None))
    }

    fn view(&self) -> Option<View> {
        Some(View::EdgeForgotten(Arc::clone(&self.edge)))
    }
}

fn key_of(edge: &EdgeId) -> String {
    key(&("edge", edge))
}
