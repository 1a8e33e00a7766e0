//! What alerts are raised from.

use std::collections::BTreeMap;

use landfall_api::Severity;
use landfall_register::Alerting;
use landfall_transfer_law::{AgreementId, Outcome, Ruleset};
use prometheus::{IntGauge, IntGaugeVec};

use super::{Families, outcome_label, recipient_label};

/// Gauges that alerts are raised from.
#[derive(Debug, Clone)]
pub(crate) struct AlertMetrics {
    alerting: IntGaugeVec,
    conflicts: IntGaugeVec,
    exception_end: IntGaugeVec,
    basis_end: IntGaugeVec,
    node_covered: IntGaugeVec,
    pub(crate) ledger_verified: IntGauge,
    pub(crate) ledger_last_verified: IntGauge,
}

/// Between whom. Unregistered recipients are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LocatedTransfer {
    pub(crate) agreement: AgreementId,
    pub(crate) namespace: String,
    pub(crate) workload: String,
    pub(crate) recipient: String,
}

/// What is told of transfers that a person must know of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AlertingTransfer {
    pub(crate) place: LocatedTransfer,
    pub(crate) outcome: Outcome,
    pub(crate) reason: String,
    pub(crate) severity: Severity,
    pub(crate) muted: bool,
}

/// How many there are of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TransferGauges {
    pub(crate) alerting: BTreeMap<AlertingTransfer, i64>,
    pub(crate) conflicts: BTreeMap<LocatedTransfer, i64>,
}

impl AlertMetrics {
    pub(super) fn register(families: &Families<'_>) -> Result<Self, prometheus::Error> {
        let place = ["agreement_namespace", "agreement", "namespace", "workload", "recipient"];
        Ok(Self {
            alerting: families.gauges(
                "landfall_alerting_transfers",
                "Transfers that go on now and that a person must know of: unlawful, or unknown with personal data",
                &[&place[..], &["verdict", "reason", "severity", "muted"]].concat(),
            )?,
            conflicts: families.gauges(
                "landfall_location_conflicts",
                "Transfers that go on now whose attested place is contradicted by evidence",
                &place,
            )?,
            exception_end: families.gauges(
                "landfall_exception_end_timestamp_seconds",
                "When an exception of a TransferPolicy ends or has ended",
                &["agreement_namespace", "policy", "recipient"],
            )?,
            basis_end: families.gauges(
                "landfall_basis_end_timestamp_seconds",
                "When a TransferBasis ends by itself",
                &["basis"],
            )?,
            node_covered: families.gauges(
                "landfall_node_covered",
                "1 if the agent of a node was heard of within five minutes, else 0",
                &["node"],
            )?,
            ledger_verified: families.gauge(
                "landfall_ledger_verified",
                "1 if the last check of the sealed segments found nothing, else 0",
            )?,
            ledger_last_verified: families.gauge(
                "landfall_ledger_last_verified_timestamp_seconds",
                "When the sealed segments were last checked; 0 if not since the start",
            )?,
        })
    }

    /// Shows these transfers, and no others.
    pub(crate) fn transfers(&self, TransferGauges { alerting, conflicts }: &TransferGauges) {
        self.alerting.reset();
        self.conflicts.reset();
        for (transfer, count) in alerting {
            let AlertingTransfer { place, outcome, reason, severity, muted } = transfer;
            let severity = match severity {
                Severity::Info => "info",
                Severity::Warning => "warning",
                Severity::Critical => "critical",
            };
            let muted = if *muted { "true" } else { "false" };
            let labels = [&place.labels()[..], &[outcome_label(*outcome), reason, severity, muted]].concat();
            self.alerting.with_label_values(&labels).set(*count);
        }
        for (place, count) in conflicts {
            self.conflicts.with_label_values(&place.labels()).set(*count);
        }
    }

    /// Shows when exceptions and bases end.
    pub(crate) fn ends(&self, ruleset: &Ruleset, alerting: &BTreeMap<AgreementId, Alerting>) {
        self.exception_end.reset();
        for (agreement, Alerting { exceptions, .. }) in alerting {
            for muted in exceptions {
                let recipient = recipient_label(&muted.edges.recipient);
                let gauge = self.exception_end.with_label_values(&[&agreement.namespace, &muted.policy, recipient]);
                // Of several, the one that ends first.
                let end = muted.until.as_second();
                gauge.set(if gauge.get() == 0 { end } else { end.min(gauge.get()) });
            }
        }
        self.basis_end.reset();
        for basis in ruleset.bases.iter() {
            if let Some(end) = basis.validity.until {
                self.basis_end.with_label_values(&[&basis.name]).set(end.as_second());
            }
        }
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        let place = ["privacy", "avv", "crm", "Deployment/sync", "openai"];
        self.alerting.with_label_values(&[&place[..], &["unlawful", "NotListed", "warning", "false"]].concat());
        self.conflicts.with_label_values(&place);
        self.exception_end.with_label_values(&["privacy", "policy", "openai"]);
        self.basis_end.with_label_values(&["adequacy-gb"]);
        self.node_covered.with_label_values(&["node-eu"]);
    }

    /// Shows which nodes are covered.
    pub(crate) fn nodes(&self, nodes: impl IntoIterator<Item = (String, bool)>) {
        self.node_covered.reset();
        for (node, is_covered) in nodes {
            self.node_covered.with_label_values(&[&node]).set(i64::from(is_covered));
        }
    }
}

impl LocatedTransfer {
    fn labels(&self) -> [&str; 5] {
        let Self { agreement, namespace, workload, recipient } = self;
        [&agreement.namespace, &agreement.name, namespace, workload, recipient]
    }
}
