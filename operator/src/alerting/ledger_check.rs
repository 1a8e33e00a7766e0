//! Checks the sealed segments of the ledger again and again, as anybody with the public key can.

use std::{path::PathBuf, time::Duration};

use landfall_evidence::{LedgerError, PublicKey, verify};
use tokio::time::sleep;

use crate::{clock, metrics::AlertMetrics};

/// How often the segments are checked.
const VERIFY: Duration = Duration::from_hours(1);
/// The first check waits until the backlog is judged, which needs the processor more.
const FIRST: Duration = Duration::from_secs(30);

/// Shows in gauges whether they verify. Does not return.
pub(crate) async fn keep(folder: PathBuf, key: PublicKey, metrics: AlertMetrics) {
    // Before the first check there is nothing to raise an alert about.
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
