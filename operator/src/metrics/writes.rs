//! Metrics of the objects that the operator writes.

use landfall_process::metrics::Families;
use prometheus::{IntCounterVec, IntGaugeVec};

/// Writes and waiting objects, by kind.
#[derive(Debug, Clone)]
pub(crate) struct WriteMetrics {
    writes: IntCounterVec,
    waiting: IntGaugeVec,
}

impl WriteMetrics {
    pub(super) fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            writes: families.counters(
                "landfall_object_writes_total",
                "Writes of objects to the API server, by kind: written or failed",
                &["kind", "result"],
            )?,
            waiting: families.gauges(
                "landfall_objects_waiting",
                "Objects that wait for a write of more than counters, by kind",
                &["kind"],
            )?,
        })
    }

    pub(crate) fn written<T, E>(&self, kind: &str, outcome: &Result<T, E>) {
        let result = if outcome.is_ok() { "written" } else { "failed" };
        self.writes.with_label_values(&[kind, result]).inc();
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        self.written("Transfer", &Ok::<_, ()>(()));
        self.waiting("Transfer", 0);
    }

    pub(crate) fn waiting(&self, kind: &str, count: usize) {
        self.waiting.with_label_values(&[kind]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}
