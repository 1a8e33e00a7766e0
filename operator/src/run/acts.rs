//! The parts that act on what was judged: objects, gauges for alerts, the check of the ledger.

use std::{path::PathBuf, time::Duration};

use landfall_evidence::{LedgerError, PublicKey, verify};
use tokio::{sync::mpsc, task::JoinSet, time::sleep};

use super::{Ended, Term};
use crate::{
    alerting, clock, incidents,
    judging::Entry,
    metrics::AlertMetrics,
    objects::Objects,
    register::RegisterWatch,
    transfers,
    views::{Board, agents::Heard},
};

/// How often the sealed segments are checked.
const VERIFY: Duration = Duration::from_hours(1);
/// The first check waits until what was left behind is judged.
const FIRST: Duration = Duration::from_secs(30);

/// What they share with the clerk and the intake.
pub(super) struct Shared {
    pub(super) board: Board,
    pub(super) entries: mpsc::Sender<Entry>,
    pub(super) heard: Heard,
    pub(super) public_key: PublicKey,
    pub(super) objects: Objects,
}

impl Term {
    /// Starts them.
    pub(super) fn spawn_acts(&self, parts: &mut JoinSet<Ended>, register: &RegisterWatch, shared: Shared) {
        let Self { args, metrics, .. } = self;
        let Shared { board, entries, heard, public_key, objects } = shared;
        let transfers = transfers::keep(board.clone(), objects.transfers.clone());
        parts.spawn(async move {
            transfers.await;
            Ok("the Transfers")
        });
        let source = incidents::Source {
            board: board.clone(),
            published: register.published.clone(),
            entries,
            metrics: metrics.incidents.clone(),
            objects,
            store: register.incidents.clone(),
        };
        let incidents = incidents::keep(source);
        parts.spawn(async move {
            incidents.await;
            Ok("the Incidents")
        });
        let source = alerting::Source {
            board,
            heard,
            published: register.published.clone(),
            nodes: register.nodes.clone(),
            active: args.active,
            metrics: metrics.alerts.clone(),
        };
        let alerting = alerting::keep(source);
        parts.spawn(async move {
            alerting.await;
            Ok("what alerts are raised from")
        });
        let check = check(args.ledger.clone(), public_key, metrics.alerts.clone());
        parts.spawn(async move {
            check.await;
            Ok("the check of the ledger")
        });
    }
}

/// Checks the sealed segments again and again, as anybody with the public key can.
async fn check(folder: PathBuf, key: PublicKey, metrics: AlertMetrics) {
    // What nobody has checked yet is no finding.
    metrics.ledger_verified.set(1);
    sleep(FIRST).await;
    loop {
        let (folder, key) = (folder.clone(), key.clone());
        let checked = tokio::task::spawn_blocking(move || verify(&folder, &key, clock::now())).await;
        let is_sound = match checked {
            Ok(Ok(report)) => {
                let findings = report.findings.len();
                if findings > 0 {
                    let first = report.findings.first();
                    tracing::error!(findings, ?first, "The ledger does not verify");
                } else if let Some(head) = report.head {
                    // Whoever keeps the log elsewhere has noted the head.
                    tracing::info!(%head, "The ledger verifies");
                }
                findings == 0
            }
            // Nothing was sealed yet.
            Ok(Err(LedgerError::Absent(_) | LedgerError::NoFolder(_))) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "Failed to check the ledger");
                false
            }
            Err(error) => {
                tracing::error!(%error, "The check of the ledger panicked");
                false
            }
        };
        metrics.ledger_verified.set(i64::from(is_sound));
        metrics.ledger_last_verified.set(clock::now().as_second());
        sleep(VERIFY).await;
    }
}
