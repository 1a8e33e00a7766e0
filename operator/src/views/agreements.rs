//! The agreements under which each exporter is judged. If several select it, it is judged under each, and its Transfers
//! say so.

use std::collections::BTreeMap;

use landfall_transfer_law::{AgreementId, EdgeId, Exporter, ReasonCode, VerdictRecord};

/// The agreements of each exporter of a cluster, with the number of its edges under each.
#[derive(Debug, Default)]
pub(super) struct Agreements(BTreeMap<(String, Exporter), BTreeMap<AgreementId, usize>>);

/// Whether a verdict applied its agreement; not if the agreement is deleted.
pub(super) fn counts(verdict: &VerdictRecord) -> bool {
    !verdict.reasons.iter().any(|reason| reason.code.is(&ReasonCode::AgreementUnknown))
}

/// A key that sorts before all edges of the exporter of `edge` under `agreement`.
pub(super) fn first_key(edge: &EdgeId, agreement: AgreementId) -> EdgeId {
    EdgeId { agreement, recipient: String::new(), endpoint: String::new(), ..edge.clone() }
}

impl Agreements {
    /// Counts an edge that was or is judged under its agreement. Returns the other agreements of the exporter if the set of
    /// its agreements changed.
    pub(super) fn count(&mut self, edge: &EdgeId, was_under: bool, is_under: bool) -> Vec<AgreementId> {
        if was_under == is_under {
            return Vec::new();
        }
        let key = (edge.cluster.clone(), edge.exporter.clone());
        let agreements = self.0.entry(key.clone()).or_default();
        let before = agreements.len();
        let count = agreements.entry(edge.agreement.clone()).or_default();
        *count = if is_under { *count + 1 } else { count.saturating_sub(1) };
        agreements.retain(|_, count| *count > 0);
        let is_news = agreements.len() != before;
        let others = agreements.keys().filter(|agreement| is_news && **agreement != edge.agreement);
        let others = others.cloned().collect();
        if agreements.is_empty() {
            self.0.remove(&key);
        }
        others
    }

    /// The other agreements of the exporter of an edge.
    pub(super) fn other_agreements(&self, edge: &EdgeId) -> Vec<AgreementId> {
        let agreements = self.0.get(&(edge.cluster.clone(), edge.exporter.clone()));
        let others = agreements.into_iter().flat_map(BTreeMap::keys);
        others.filter(|agreement| **agreement != edge.agreement).cloned().collect()
    }
}
