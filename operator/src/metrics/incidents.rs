//! Gauges of Incidents and their deadlines, for alerting rules.

use landfall_api::{ConditionStatus, IncidentClock, IncidentSpec, IncidentStatus, NamespacedReference, condition};
use landfall_process::metrics::{Families, SnapshotGauge};

use super::recipient_label;

/// Gauges of Incidents.
#[derive(Debug, Clone)]
pub(crate) struct IncidentMetrics {
    open: SnapshotGauge,
    due: SnapshotGauge,
}

impl IncidentMetrics {
    pub(super) fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            open: families.snapshot_gauge(
                "landfall_incident_open",
                "1 while an Incident is open",
                &["agreement_namespace", "agreement", "incident", "namespace", "workload", "recipient"],
            )?,
            due: families.snapshot_gauge(
                "landfall_incident_report_due_timestamp_seconds",
                "When a report that was not sent yet is due: the first (BR-FIRST) or the full one (BR-FULL)",
                &["agreement_namespace", "agreement", "incident", "obligation"],
            )?,
        })
    }

    /// Exposes exactly these Incidents.
    pub(crate) fn show<'a>(
        &self,
        incidents: impl IntoIterator<Item = (&'a NamespacedReference, &'a IncidentSpec, &'a IncidentStatus)>,
    ) {
        let (mut open, mut due) = (Vec::new(), Vec::new());
        for (NamespacedReference { namespace, name }, spec, status) in incidents {
            let is = |r#type: &str| {
                status.conditions.iter().any(|it| it.r#type == r#type && it.status == ConditionStatus::True)
            };
            let incident = [namespace, &spec.agreement_ref.name, name].map(Clone::clone);
            if !is(condition::CLOSED) {
                open.push(([&incident[..], &edge(spec)].concat(), 1));
            }
            let clocks = [
                (&status.first_report, condition::FIRST_REPORT_DUE),
                (&status.full_report, condition::FULL_REPORT_DUE),
            ];
            for (clock, r#type) in clocks {
                if let Some(IncidentClock { obligation, due: end, .. }) = clock.as_ref().filter(|_| is(r#type)) {
                    due.push(([&incident[..], std::slice::from_ref(obligation)].concat(), end.as_second()));
                }
            }
        }
        self.open.show(open);
        self.due.show(due);
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        self.open.show([(vec!["shown".to_owned(); 6], 1)]);
        self.due.show([(vec!["shown".to_owned(); 4], 1)]);
    }
}

/// Namespace and name of the exporter, and the recipient; empty where an Incident is about no single edge.
fn edge(spec: &IncidentSpec) -> [String; 3] {
    spec.edge.as_ref().map_or_else(Default::default, |edge| {
        let exporter = &edge.exporter;
        [exporter.namespace().to_owned(), exporter.local_name(), recipient_label(&edge.recipient).to_owned()]
    })
}
