//! Gauges that the alerting rules use.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_api::Severity;
use landfall_observation::{PodCapture, PodsByCapture};
use landfall_process::metrics::{Families, SnapshotGauge};
use landfall_register::Alerting;
use landfall_transfer_law::{AgreementId, Outcome, Ruleset};
use prometheus::IntGauge;

use super::{outcome_label, recipient_label};

/// Gauges that the alerting rules use.
#[derive(Debug, Clone)]
pub(crate) struct AlertMetrics {
    alerting: SnapshotGauge,
    conflicts: SnapshotGauge,
    exception_end: SnapshotGauge,
    basis_end: SnapshotGauge,
    node_covered: SnapshotGauge,
    node_pods: SnapshotGauge,
    pub(crate) ledger_verified: IntGauge,
    pub(crate) ledger_last_verified: IntGauge,
}

/// Labels of a transfer. All unregistered recipients share one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LocatedTransfer {
    pub(crate) agreement: AgreementId,
    pub(crate) namespace: String,
    pub(crate) workload: String,
    pub(crate) recipient: String,
}

/// Labels of transfers that need a person's attention.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AlertingTransfer {
    pub(crate) place: LocatedTransfer,
    pub(crate) outcome: Outcome,
    pub(crate) reason: String,
    pub(crate) severity: Severity,
    pub(crate) muted: bool,
}

/// Numbers of transfers by labels.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TransferGauges {
    pub(crate) alerting: BTreeMap<AlertingTransfer, i64>,
    pub(crate) conflicts: BTreeMap<LocatedTransfer, i64>,
}

impl AlertMetrics {
    pub(super) fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        let place = LocatedTransfer::LABELS;
        Ok(Self {
            alerting: families.snapshot_gauge(
                "landfall_alerting_transfers",
                "Active transfers that a person must know of: unlawful, or unknown with personal data",
                &[&place[..], &["verdict", "reason", "severity", "muted"]].concat(),
            )?,
            conflicts: families.snapshot_gauge(
                "landfall_location_conflicts",
                "Active transfers whose attested place is contradicted by evidence",
                &place,
            )?,
            exception_end: families.snapshot_gauge(
                "landfall_exception_end_timestamp_seconds",
                "When an exception of a TransferPolicy ends or has ended",
                &["agreement_namespace", "policy", "recipient"],
            )?,
            basis_end: families.snapshot_gauge(
                "landfall_basis_end_timestamp_seconds",
                "When a TransferBasis or its act ceases to apply (expiry, repeal, suspension)",
                &["basis"],
            )?,
            node_covered: families.snapshot_gauge(
                "landfall_node_covered",
                "1 if the agent of a node reported within the last five minutes, else 0",
                &["node"],
            )?,
            node_pods: families.snapshot_gauge(
                "landfall_node_pods",
                "Running pods of a node, by whether its agent captures them (docs/networks.md), as it last reported",
                &["node", "capture"],
            )?,
            ledger_verified: families.gauge(
                "landfall_ledger_verified",
                "1 if the last check of the sealed segments found no fault, else 0",
            )?,
            ledger_last_verified: families.gauge(
                "landfall_ledger_last_verified_timestamp_seconds",
                "When the sealed segments were last checked; 0 if not since the start",
            )?,
        })
    }

    /// Exposes exactly these transfers.
    pub(crate) fn transfers(&self, TransferGauges { alerting, conflicts }: &TransferGauges) {
        self.alerting.show(alerting.iter().map(|(transfer, count)| (transfer.labels(), *count)));
        self.conflicts.show(conflicts.iter().map(|(place, count)| (place.labels(), *count)));
    }

    /// Sets when exceptions and bases end.
    pub(crate) fn ends(&self, ruleset: &Ruleset, alerting: &BTreeMap<AgreementId, Alerting>, now: Timestamp) {
        let mut ends: BTreeMap<Vec<String>, Timestamp> = BTreeMap::new();
        for (AgreementId { namespace, .. }, Alerting { exceptions, .. }) in alerting {
            for muted in exceptions {
                let recipient = recipient_label(&muted.edges.recipient).to_owned();
                let end = ends.entry(vec![namespace.clone(), muted.policy.clone(), recipient]).or_insert(muted.until);
                // The one that ends next; if all have ended, the last one.
                *end = [*end, muted.until]
                    .into_iter()
                    .min_by_key(|end| (*end <= now, end.duration_since(now).abs()))
                    .unwrap_or(*end);
            }
        }
        self.exception_end.show(ends.into_iter().map(|(labels, end)| (labels, end.as_second())));
        let ends = ruleset.bases.ends();
        self.basis_end.show(ends.map(|(basis, end)| (vec![basis.name.clone()], end.as_second())));
    }

    /// Sets which nodes are covered, and their pods where an agent reports them.
    pub(crate) fn nodes(&self, nodes: impl IntoIterator<Item = (String, bool, Option<PodsByCapture>)>) {
        let (mut covered, mut counts) = (Vec::new(), Vec::new());
        for (node, is_covered, pods) in nodes {
            for (capture, pods) in PodCapture::ALL.into_iter().filter_map(|capture| Some((capture, pods.as_ref()?))) {
                let count = i64::try_from(pods.count(capture)).unwrap_or(i64::MAX);
                counts.push((vec![node.clone(), capture.as_str().to_owned()], count));
            }
            covered.push((vec![node], i64::from(is_covered)));
        }
        self.node_covered.show(covered);
        self.node_pods.show(counts);
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        for (family, labels) in [
            (&self.alerting, 9),
            (&self.conflicts, 5),
            (&self.exception_end, 3),
            (&self.basis_end, 1),
            (&self.node_covered, 1),
            (&self.node_pods, 2),
        ] {
            family.show([(vec!["shown".to_owned(); labels], 0)]);
        }
    }
}

impl LocatedTransfer {
    /// The names of its labels, in the order of their values.
    pub(super) const LABELS: [&'static str; 5] =
        ["agreement_namespace", "agreement", "namespace", "workload", "recipient"];

    pub(super) fn labels(&self) -> Vec<String> {
        let Self { agreement, namespace, workload, recipient } = self;
        [&agreement.namespace, &agreement.name, namespace, workload, recipient].map(Clone::clone).to_vec()
    }
}

impl AlertingTransfer {
    fn labels(&self) -> Vec<String> {
        let Self { place, outcome, reason, severity, muted } = self;
        let severity = match severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        let own = [outcome_label(*outcome), reason, severity, if *muted { "true" } else { "false" }];
        [place.labels(), own.map(str::to_owned).to_vec()].concat()
    }
}
