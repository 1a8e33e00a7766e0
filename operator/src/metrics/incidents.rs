//! Incidents and their clocks, for alerts.

use landfall_api::{ConditionStatus, IncidentClock, IncidentSpec, IncidentStatus, condition};
use prometheus::IntGaugeVec;

use super::{Families, recipient_label};
use crate::upkeep::Key;

/// What is shown of Incidents.
#[derive(Debug, Clone)]
pub(crate) struct IncidentMetrics {
    open: IntGaugeVec,
    due: IntGaugeVec,
}

impl IncidentMetrics {
    pub(super) fn register(families: &Families<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            open: families.gauges(
                "landfall_incident_open",
                "1 while an Incident is open",
                &["agreement_namespace", "agreement", "incident", "namespace", "workload", "recipient"],
            )?,
            due: families.gauges(
                "landfall_incident_report_due_timestamp_seconds",
                "When a report that was not sent yet is due: BR-4H the first, BR-12H the full one",
                &["agreement_namespace", "agreement", "incident", "obligation"],
            )?,
        })
    }

    /// Shows all Incidents, and no others.
    pub(crate) fn show<'a>(
        &self,
        incidents: impl IntoIterator<Item = (&'a Key, &'a IncidentSpec, &'a IncidentStatus)>,
    ) {
        self.open.reset();
        self.due.reset();
        for (key, spec, status) in incidents {
            self.show_one(key, spec, status);
        }
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        self.open.with_label_values(&["privacy", "avv", "sync", "crm", "Deployment/sync", "openai"]);
        self.due.with_label_values(&["privacy", "avv", "sync", "BR-4H"]);
    }

    fn show_one(&self, Key { namespace, name }: &Key, spec: &IncidentSpec, status: &IncidentStatus) {
        let holds =
            |r#type: &str| status.conditions.iter().any(|it| it.r#type == r#type && it.status == ConditionStatus::True);
        let agreement = &spec.agreement_ref.name;
        if !holds(condition::CLOSED) {
            let edge = spec.edge.as_ref();
            let workload =
                edge.map(|edge| format!("{}/{}", edge.workload.kind, edge.workload.name)).unwrap_or_default();
            let from = edge.map_or("", |edge| &edge.workload.namespace);
            let recipient = edge.map_or("", |edge| recipient_label(&edge.recipient));
            self.open.with_label_values(&[namespace, agreement, name, from, &workload, recipient]).set(1);
        }
        let clocks =
            [(&status.first_report, condition::FIRST_REPORT_DUE), (&status.full_report, condition::FULL_REPORT_DUE)];
        for (clock, r#type) in clocks {
            if let Some(IncidentClock { obligation, due, .. }) = clock
                && holds(r#type)
            {
                self.due.with_label_values(&[namespace, agreement, name, obligation]).set(due.as_second());
            }
        }
    }
}
