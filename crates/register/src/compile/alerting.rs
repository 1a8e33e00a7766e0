use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_api::{EdgeSelector, Object, ProcessingAgreementSpec, Severity, TransferPolicySpec};
use landfall_transfer_law::{AgreementId, EdgeId, Exporter};

use super::{applying, id};

/// How alerts about the transfers under an agreement are raised. No verdict depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerting {
    /// Their severity: the highest that any of the policies sets.
    pub severity: Severity,
    /// Exceptions of all policies that apply.
    pub exceptions: Vec<Muted>,
}

/// Transfers whose alert is muted for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Muted {
    /// Name of the TransferPolicy.
    pub policy: String,
    /// The transfers.
    pub edges: EdgeSelector,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// By agreement.
pub(super) fn compile(
    agreements: &[Object<ProcessingAgreementSpec>],
    policies: &[Object<TransferPolicySpec>],
) -> BTreeMap<AgreementId, Alerting> {
    let of = |agreement| {
        applying(agreement, policies).fold(Alerting::default(), |mut alerting, policy| {
            alerting.severity = alerting.severity.max(policy.spec.severity);
            alerting.exceptions.extend(policy.spec.exceptions.iter().map(|exception| Muted {
                policy: policy.metadata.name.clone(),
                edges: exception.edge.clone(),
                until: exception.until,
            }));
            alerting
        })
    };
    agreements.iter().map(|agreement| (id(agreement), of(agreement))).collect()
}

impl Alerting {
    /// Whether an exception mutes the alert about an edge at that instant.
    pub fn mutes(&self, edge: &EdgeId, at: Timestamp) -> bool {
        self.exceptions.iter().any(|muted| at < muted.until && selects(&muted.edges, edge))
    }
}

fn selects(EdgeSelector { recipient, endpoint, workload, topic }: &EdgeSelector, edge: &EdgeId) -> bool {
    let is_exporter = match (workload, topic, &edge.exporter) {
        (None, None, _) => true,
        (Some(it), _, Exporter::Workload(of)) => {
            (&it.namespace, &it.kind, &it.name) == (&of.namespace, &of.kind, &of.name)
        }
        (_, Some(it), Exporter::Topic(of)) => (&it.namespace, &it.bus, &it.name) == (&of.namespace, &of.bus, &of.name),
        (Some(_), None, Exporter::Topic(_)) | (None, Some(_), Exporter::Workload(_)) => false,
    };
    is_exporter && *recipient == edge.recipient && endpoint.as_ref().is_none_or(|endpoint| *endpoint == edge.endpoint)
}

#[cfg(test)]
mod tests {
    use crate::{compile, load_text};

    use super::*;

    const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: strict, namespace: privacy }
spec: { severity: Critical }
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: exceptions, namespace: privacy }
spec:
  severity: Info
  exceptions:
    - edge: { recipient: acme, workload: { namespace: crm, kind: Deployment, name: sync } }
      reason: moves until then
      until: 2026-12-01T00:00:00Z
      decider: Data protection office
    - edge: { recipient: acme, topic: { namespace: crm, bus: events, name: orders } }
      reason: moves until then
      until: 2026-12-01T00:00:00Z
      decider: Data protection office
"#;

    #[test]
    fn an_exception_mutes_what_it_selects_until_it_ends() {
        let compiled = compile(&load_text("register.yaml", REGISTER).unwrap());
        let agreement = AgreementId { namespace: "privacy".to_owned(), name: "a".to_owned() };
        let alerting = &compiled.alerting[&agreement];
        assert_eq!(alerting.severity, Severity::Critical, "the most urgent counts");
        let edge = |recipient: &str, name: &str| EdgeId {
            cluster: "test".to_owned(),
            agreement: agreement.clone(),
            exporter: Exporter::workload("crm", "Deployment", name),
            recipient: recipient.to_owned(),
            endpoint: "eu".to_owned(),
        };
        let [before, end]: [Timestamp; 2] =
            ["2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"].map(|at| at.parse().unwrap());
        assert!(alerting.mutes(&edge("acme", "sync"), before));
        assert!(!alerting.mutes(&edge("acme", "sync"), end));
        assert!(!alerting.mutes(&edge("acme", "other"), before));
        assert!(!alerting.mutes(&edge("other", "sync"), before));
        let of_topic = |bus: &str| EdgeId { exporter: Exporter::topic("crm", bus, "orders"), ..edge("acme", "") };
        assert!(alerting.mutes(&of_topic("events"), before));
        assert!(!alerting.mutes(&of_topic("others"), before));
    }
}
