//! Metrics of the copies of the ledger in object storage.

use jiff::Timestamp;
use landfall_archive::Reason;
use landfall_process::metrics::Families;
use prometheus::{IntCounterVec, IntGauge, IntGaugeVec};

/// What is kept outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// Copies of segments.
    Archive,
    /// Heads.
    Anchor,
}

/// How far copies and anchors are behind.
#[derive(Debug, Clone)]
pub(crate) struct ArchiveMetrics {
    waiting: IntGaugeVec,
    oldest: IntGaugeVec,
    last_success: IntGaugeVec,
    failures: IntCounterVec,
    kept: IntGauge,
}

impl Store {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Anchor => "anchor",
        }
    }
}

impl ArchiveMetrics {
    pub(super) fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            waiting: families.gauges(
                "landfall_ledger_archive_segments_pending",
                "Sealed segments that are not in the archive yet, or after the last anchored head (by store)",
                &["store"],
            )?,
            oldest: families.gauges(
                "landfall_ledger_archive_oldest_pending_timestamp_seconds",
                "When the first segment was sealed that is not in the archive or anchored; 0 if there is none",
                &["store"],
            )?,
            last_success: families.gauges(
                "landfall_ledger_archive_last_success_timestamp_seconds",
                "When everything sealed was last found in the archive or written to it, or a head was last anchored",
                &["store"],
            )?,
            failures: families.counters(
                "landfall_ledger_archive_failures_total",
                "Failed attempts to copy a segment or anchor a head, by reason",
                &["store", "reason"],
            )?,
            kept: families.gauge(
                "landfall_ledger_archive_expired_kept",
                "Objects past their retention period that the archive's store refuses to delete, such as under an object lock",
            )?,
        })
    }

    /// Shows how many segments wait, and since when.
    pub(crate) fn waiting(&self, store: Store, segments: u64, since: Option<Timestamp>) {
        let segments = i64::try_from(segments).unwrap_or(i64::MAX);
        self.waiting.with_label_values(&[store.name()]).set(segments);
        self.oldest.with_label_values(&[store.name()]).set(since.map_or(0, Timestamp::as_second));
    }

    pub(crate) fn succeeded(&self, store: Store, now: Timestamp) {
        self.last_success.with_label_values(&[store.name()]).set(now.as_second());
    }

    pub(crate) fn failed(&self, store: Store, reason: Reason) {
        self.failures.with_label_values(&[store.name(), reason.name()]).inc();
    }

    /// Shows how many objects a store refused to delete.
    pub(crate) fn kept(&self, objects: u64) {
        self.kept.set(i64::try_from(objects).unwrap_or(i64::MAX));
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        self.waiting(Store::Archive, 1, None);
        self.succeeded(Store::Anchor, Timestamp::UNIX_EPOCH);
        self.failed(Store::Archive, Reason::Denied);
    }
}
