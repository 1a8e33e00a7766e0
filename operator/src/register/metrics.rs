use landfall_process::metrics::{Families, SnapshotGauge};
use prometheus::{IntGauge, IntGaugeVec, Registry};

#[cfg(test)]
use crate::objects::watch::WatchErrors;

/// Metrics of the register.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    /// 1 while the published register differs from the objects in the cluster.
    pub(super) stale: IntGauge,
    /// When the ruleset in force was compiled.
    pub(super) compiled: IntGauge,
    /// 1, with the version of the ruleset in force.
    pub(super) version: IntGaugeVec,
    /// Objects by kind and validity.
    pub(super) objects: IntGaugeVec,
    /// Lint findings by severity.
    pub(super) findings: IntGaugeVec,
    /// Objects with stale facts, by kind.
    pub(super) stale_facts: SnapshotGauge,
}

impl Metrics {
    pub(super) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let families = Families(registry);
        Ok(Self {
            stale: families
                .gauge("landfall_ruleset_stale", "1 while the ruleset in force differs from the objects in the cluster")?,
            compiled: families
                .gauge("landfall_ruleset_compiled_timestamp_seconds", "When the ruleset in force was compiled")?,
            version: families.gauges("landfall_ruleset_info", "1, with the version of the ruleset in force", &["version"])?,
            objects: families.gauges(
                "landfall_register_objects",
                "Objects of the register, by kind and state: valid, or invalid (the last good version, if any, is in force)",
                &["kind", "state"],
            )?,
            findings: families.gauges(
                "landfall_lint_findings",
                "Lint findings about the register",
                &["severity"],
            )?,
            stale_facts: families.snapshot_gauge(
                "landfall_legal_data_stale",
                "Objects of the register with facts older than an agreement's settings allow, by kind",
                &["kind"],
            )?,
        })
    }
}

/// Registers all families and creates a series of each, so that they are exposed.
#[cfg(test)]
pub(crate) fn show_all(registry: &Registry) {
    let metrics = Metrics::register(registry).unwrap();
    metrics.version.with_label_values(&["0"]);
    metrics.objects.with_label_values(&["Recipient", "valid"]);
    metrics.findings.with_label_values(&["error"]);
    WatchErrors::register(registry).unwrap().show();
    metrics.stale_facts.show([(vec!["TransferBasis".to_owned()], 1)]);
}
