//! Gauges whose series come and go with what they describe.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus::IntGaugeVec;

/// A family of gauges that exposes exactly the current values. A series that remains is never absent, not even for a
/// moment: a scrape in between would resolve an alert.
#[derive(Debug, Clone)]
pub struct SnapshotGauge {
    family: IntGaugeVec,
    shown: Arc<Mutex<HashSet<Vec<String>>>>,
}

impl SnapshotGauge {
    /// Without series.
    pub fn new(family: IntGaugeVec) -> Self {
        Self { family, shown: Arc::default() }
    }

    /// Exposes these values by their labels, and removes all other series.
    pub fn show(&self, values: impl IntoIterator<Item = (Vec<String>, i64)>) {
        let mut now = HashSet::new();
        for (labels, value) in values {
            self.family.with_label_values(&labels).set(value);
            now.insert(labels);
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in shown.difference(&now) {
            // This cannot fail: nothing else removes series.
            let _ = self.family.remove_label_values(&gone.iter().map(String::as_str).collect::<Vec<_>>());
        }
        *shown = now;
    }
}

#[cfg(test)]
mod tests {
    use prometheus::{Opts, core::Collector as _};

    use super::*;

    #[test]
    fn series_without_a_value_are_removed() {
        let gauge = SnapshotGauge::new(IntGaugeVec::new(Opts::new("a", "b"), &["label"]).unwrap());
        let shown = || {
            let metrics = gauge.family.collect().remove(0);
            let each = metrics.get_metric().iter();
            let mut each: Vec<_> =
                each.map(|it| (it.get_label()[0].value().to_owned(), it.get_gauge().get_value())).collect();
            each.sort_by(|a, b| a.0.cmp(&b.0));
            each
        };
        let at = |label: &str, value| (vec![label.to_owned()], value);
        gauge.show([at("x", 1), at("y", 2)]);
        gauge.show([at("y", 3), at("z", 4)]);
        assert_eq!(shown(), [("y".to_owned(), 3.0), ("z".to_owned(), 4.0)]);
        gauge.show([]);
        assert_eq!(shown(), []);
    }
}
