//! Verifies the sealed segments of the ledger periodically, as anyone with the public key can.

use std::{path::PathBuf, time::Duration};

use landfall_evidence::{LedgerError, PublicKey, verify};
use tokio::time::sleep;

use crate::{clock, metrics::AlertMetrics};

/// Interval of the checks.
const VERIFY: Duration = Duration::from_hours(1);
/// Delay of the first check after a start, when judging the backlog needs the CPU.
const FIRST: Duration = Duration::from_secs(30);

/// Exposes the results as gauges. Does not return.
pub(crate) async fn keep(folder: PathBuf, key: PublicKey, metrics: AlertMetrics) {
    // No alert before the first check.
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
                    // Whoever stores logs elsewhere thereby keeps a note of the head.
                    tracing::info!(%head, "The ledger verifies");
                }
                findings == 0
            }
            // Nothing is sealed yet.
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
