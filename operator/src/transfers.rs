//! Transfers: one object per edge, in the namespace of its workload or of its topic's bus, so that people see at a glance
//! what goes where.
//!
//! A changed verdict is written at once, the worst first. Changed counters (volumes, last packet) are written when there is
//! capacity; the exact numbers are in the ledger and in the metrics.

mod status;
#[cfg(test)]
mod tests;

use landfall_api::{Kind as _, NamespacedReference, TransferSpec, TransferStatus};

use crate::{
    judging::names,
    objects::{Desired, DesiredObject, ObjectKey, StatusKind, WritePriority},
    views::{ChangedEdge, Views},
};

/// Sets the desired Transfers whenever an edge changes. Does not end.
pub(crate) async fn keep(views: Views, transfers: Desired<TransferSpec>) {
    transfers.listed().await;
    let mut shown = views.subscribe();
    while shown.changed().await.is_ok() {
        for ChangedEdge { edge, view, other_agreements } in views.take_changed() {
            let NamespacedReference { namespace, name } = names::transfer(&edge);
            let key = ObjectKey { kind: TransferSpec::KIND, namespace: Some(namespace), name };
            let Some(view) = view else {
                transfers.delete(key);
                continue;
            };
            let status = transfers.with(&key, |desired, observed| {
                let before = desired.map(|desired| &desired.status);
                let before = before.or_else(|| observed.and_then(|observed| observed.status.as_ref()));
                status::compute(&view, &other_agreements, before)
            });
            transfers.set(key, DesiredObject { spec: names::spec(&edge), status });
        }
    }
}

impl StatusKind for TransferSpec {
    const OWNED_BY_OPERATOR: bool = true;
    const DELETE_PRIORITY: WritePriority = WritePriority::Transfer(u8::MAX);

    fn priority(current: Option<&TransferStatus>, desired: &TransferStatus) -> Option<WritePriority> {
        let Some(current) = current else { return Some(WritePriority::Transfer(rank(None, desired))) };
        if current == desired {
            return None;
        }
        let is_same = status::without_counters(current) == status::without_counters(desired);
        Some(if is_same { WritePriority::CountersOnly } else { WritePriority::Transfer(rank(Some(current), desired)) })
    }
}

/// Verdicts that became worse go first, the worst before the others.
fn rank(current: Option<&TransferStatus>, desired: &TransferStatus) -> u8 {
    let is_worse = current.is_none_or(|current| desired.outcome > current.outcome);
    let good = desired.outcome.map_or(0, |outcome| outcome as u8);
    if is_worse { 16 - good } else { 32 - good }
}
