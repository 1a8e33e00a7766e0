//! Transfers: one object an edge, in the namespace of its workload, so that people see at a glance what goes where.
//!
//! Written when a verdict says something else, at once and the worst first; figures alone (volumes, last packet) when
//! there is time. The exact figures are in the ledger and in the metrics.

mod status;
#[cfg(test)]
mod tests;

use std::time::Duration;

use kube::Client;
use landfall_api::{NamespacedReference, TransferSpec, TransferStatus, WorkloadReference};
use landfall_transfer_law::EdgeId;

pub(crate) use self::status::outcome_of;
pub(crate) use crate::judging::names::{key, short};

use crate::{
    metrics::UpkeepMetrics,
    objects::watch::WatchErrors,
    objects::{self, Budget, Pace, Precedence, Turn, Urgency, Wanted, Written},
    views::{Board, Changed},
};

/// Writes of substance a second: 5,000 Transfers that get worse together are written within ten seconds, if the API server
/// takes so many.
const SUBSTANCE: Budget = Budget::new(500, 500);
/// Figures alone: with these the API server has five writes a second at most when nothing changes.
const FIGURES: Budget = Budget::new(4, 4);
/// Longest texts, as the schema has them.
const LONGEST: usize = 256;

/// Keeps the Transfers as the board has them. Figures are written again when they are older than `refresh`.
pub(crate) async fn keep(
    client: Client,
    board: Board,
    refresh: Duration,
    precedence: Precedence,
    metrics: UpkeepMetrics,
    errors: WatchErrors,
) {
    let pace = Pace { substance: SUBSTANCE, figures: FIGURES, refresh, turn: Turn::First(precedence) };
    objects::keep::<TransferSpec>(client, pace, metrics, errors, move |entries, store| {
        for Changed { edge, view, beside } in board.take_changed() {
            let key = key(&edge);
            let Some(view) = view else {
                entries.forget(key);
                continue;
            };
            let before = entries.wanted(&key).map(|wanted| wanted.status.clone());
            let before = before.or_else(|| objects::there(store, &key)?.status.clone());
            let status = status::of(&view, &beside, before.as_ref());
            entries.want(key, Wanted { spec: spec(&edge), status });
        }
    })
    .await;
}

impl Written for TransferSpec {
    const BY_OPERATOR_ALONE: bool = true;

    fn urgency(said: Option<&TransferStatus>, want: &TransferStatus) -> Option<Urgency> {
        let Some(said) = said else { return Some(Urgency::Now(rank(None, want))) };
        if said == want {
            return None;
        }
        let is_same = status::substance(said) == status::substance(want);
        Some(if is_same { Urgency::WhenQuiet } else { Urgency::Now(rank(Some(said), want)) })
    }
}

/// What got worse goes first, and of that the worst.
fn rank(said: Option<&TransferStatus>, want: &TransferStatus) -> u8 {
    let is_worse = said.is_none_or(|said| want.outcome > said.outcome);
    let good = want.outcome.map_or(0, |outcome| outcome as u8);
    if is_worse { 16 - good } else { 32 - good }
}

/// The edge as an object states it.
pub(crate) fn spec(edge: &EdgeId) -> TransferSpec {
    let EdgeId { cluster, agreement, workload, recipient, endpoint, via } = edge;
    TransferSpec {
        cluster: cluster.clone(),
        agreement: NamespacedReference { namespace: agreement.namespace.clone(), name: agreement.name.clone() },
        workload: WorkloadReference {
            namespace: workload.namespace.clone(),
            kind: workload.kind.clone(),
            name: workload.name.clone(),
        },
        recipient: short(recipient, LONGEST),
        endpoint: Some(endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
        via: String::from(via.clone()),
    }
}
