//! Metrics of the operator. Labels are bounded: agreements, workloads, registered recipients, outcomes, agents; never
//! addresses, hosts or people. All unregistered recipients share one value.

mod alerts;
mod archive;
mod facts;
mod incidents;
mod writes;

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_evidence::{BatchOutcome, Manifest, Pending, Source};
use landfall_process::metrics::Families;
use landfall_transfer_law::{AgreementId, EdgeId, Outcome, Traffic};
use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};

pub(crate) use alerts::{AlertMetrics, AlertingTransfer, LocatedTransfer, TransferGauges};
pub(crate) use archive::{ArchiveMetrics, Store};
pub(crate) use facts::{
    ANYWHERE, Hop, PLACE_UNKNOWN, TransferCategory, TransferFactMetrics, TransferFacts, TransferPlace,
};
pub(crate) use incidents::IncidentMetrics;
pub(crate) use writes::WriteMetrics;

/// The families of the operator, except those of the register.
#[derive(Debug, Clone)]
pub struct Metrics {
    observations: IntCounterVec,
    /// Observations of workloads and topics that no agreement selects.
    pub(crate) unselected: IntCounter,
    overflowed: IntCounter,
    refused: IntCounterVec,
    missed: IntCounterVec,
    last_delivery: IntGaugeVec,
    bytes: IntCounterVec,
    connections: IntCounterVec,
    edges: IntGaugeVec,
    /// Duration of an append, including the sync to disk.
    pub(crate) append_seconds: Histogram,
    /// Duration of a round of judging.
    pub(crate) judge_seconds: Histogram,
    /// Duration of judging all edges after a change of the ruleset.
    pub(crate) rejudge_seconds: Histogram,
    records_pending: IntGauge,
    oldest_pending: IntGauge,
    last_sealed: IntGauge,
    segments: IntGauge,
    /// 1 while the ledger cannot be written.
    pub(crate) ledger_stalled: IntGauge,
    /// 1 on the replica that holds the Lease.
    pub(crate) leader: IntGauge,
    /// When the server's certificate expires.
    pub(crate) certificate_expiry: IntGauge,
    /// Events that were dropped because the queue was full.
    pub(crate) events_dropped: IntCounter,
    pub(crate) writes: WriteMetrics,
    pub(crate) incidents: IncidentMetrics,
    pub(crate) alerts: AlertMetrics,
    pub(crate) facts: TransferFactMetrics,
    pub(crate) archive: ArchiveMetrics,
}

impl Metrics {
    /// Registers all families.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let families = Families(registry);
        let edge = ["agreement_namespace", "agreement", "namespace", "workload", "recipient", "verdict"];
        families
            .gauges("landfall_operator_build_info", "1, with the version of the operator", &["version"])?
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        Ok(Self {
            observations: families.counters(
                "landfall_observations_total",
                "Observations that agents delivered: taken, or duplicate (delivered before)",
                &["result"],
            )?,
            unselected: families.counter(
                "landfall_observations_unselected_total",
                "Observations of workloads and topics that no agreement selects; they are recorded, but not judged",
            )?,
            overflowed: families.counter(
                "landfall_observations_overflowed_total",
                "Observations that were added to the Transfer other, because their namespace has 2,000 edges",
            )?,
            refused: families.counters(
                "landfall_batches_refused_total",
                "Batches of observations that were refused, by reason",
                &["reason"],
            )?,
            missed: families.counters(
                "landfall_observations_missed_total",
                "Observations that are missing in the sequence numbers of an agent",
                &["agent"],
            )?,
            last_delivery: families.gauges(
                "landfall_last_delivery_timestamp_seconds",
                "When an agent last delivered observations",
                &["agent"],
            )?,
            bytes: families.counters(
                "landfall_transfer_bytes_total",
                "Bytes of judged traffic, by direction as seen from the workload or topic",
                &[&edge[..], &["direction"]].concat(),
            )?,
            connections: families.counters(
                "landfall_transfer_connections_total",
                "Connections or messages of judged traffic",
                &edge,
            )?,
            edges: families.gauges(
                "landfall_edges",
                "Edges under an agreement, by verdict",
                &["agreement_namespace", "agreement", "verdict"],
            )?,
            append_seconds: families.seconds(
                "landfall_ledger_append_seconds",
                "Duration of appending observations to the ledger, including the sync to disk",
            )?,
            judge_seconds: families.seconds("landfall_judge_round_seconds", "Duration of a round of judging")?,
            rejudge_seconds: families.seconds(
                "landfall_rejudge_seconds",
                "Duration of judging all edges after a change of the ruleset or a start",
            )?,
            records_pending: families.gauge("landfall_ledger_records_pending", "Unsealed records of the ledger")?,
            oldest_pending: families.gauge(
                "landfall_ledger_oldest_pending_timestamp_seconds",
                "When the oldest unsealed record was appended; 0 if there is none",
            )?,
            last_sealed: families.gauge(
                "landfall_ledger_last_sealed_timestamp_seconds",
                "When a segment of the ledger was last sealed; 0 if not since the start",
            )?,
            segments: families.gauge("landfall_ledger_segments", "Number of the last sealed segment of the ledger")?,
            ledger_stalled: families
                .gauge("landfall_ledger_stalled", "1 while the ledger cannot be written, such as on a full disk")?,
            leader: families.gauge("landfall_leader", "1 on the replica that holds the Lease")?,
            certificate_expiry: families
                .gauge("landfall_certificate_expiry_timestamp_seconds", "When the server certificate expires")?,
            events_dropped: families.counter(
                "landfall_events_dropped_total",
                "Kubernetes Events that were dropped because the queue was full; the ledger has the transitions",
            )?,
            writes: WriteMetrics::register(families)?,
            incidents: IncidentMetrics::register(families)?,
            alerts: AlertMetrics::register(families)?,
            facts: TransferFactMetrics::register(families)?,
            archive: ArchiveMetrics::register(families)?,
        })
    }

    /// Counts an accepted delivery.
    pub(crate) fn taken(&self, source: &Source, taken: &BatchOutcome, now: Timestamp) {
        self.observations.with_label_values(&["taken"]).inc_by(taken.count());
        self.observations.with_label_values(&["duplicate"]).inc_by(taken.duplicates);
        if taken.missed > 0 {
            self.missed.with_label_values(&[&source.agent]).inc_by(taken.missed);
        }
        self.last_delivery.with_label_values(&[&source.agent]).set(now.as_second());
    }

    /// Sets the number of observations that were added to `other` edges since the start.
    pub(crate) fn overflowed(&self, all: u64) {
        self.overflowed.inc_by(all.saturating_sub(self.overflowed.get()));
    }

    /// Counts a refused batch.
    pub(crate) fn refused(&self, reason: &str) {
        self.refused.with_label_values(&[reason]).inc();
    }

    /// Counts judged traffic.
    pub(crate) fn traffic(&self, edge: &EdgeId, outcome: Outcome, traffic: Traffic) {
        let verdict = outcome_label(outcome);
        let recipient = recipient_label(&edge.recipient);
        let exporter = edge.exporter.local_name();
        let (agreements, agreement) = (edge.agreement.namespace.as_str(), edge.agreement.name.as_str());
        let labels = [agreements, agreement, edge.exporter.namespace(), &exporter, recipient, verdict];
        self.connections.with_label_values(&labels).inc_by(traffic.connections);
        for (direction, bytes) in [("sent", traffic.bytes_sent), ("received", traffic.bytes_received)] {
            let labels = [&labels[..], &[direction]].concat();
            self.bytes.with_label_values(&labels).inc_by(bytes);
        }
    }

    /// Sets the number of edges by verdict.
    pub(crate) fn census(&self, census: &BTreeMap<&AgreementId, BTreeMap<Outcome, u64>>) {
        for (AgreementId { namespace, name }, outcomes) in census {
            for outcome in Outcome::ALL {
                let count = outcomes.get(&outcome).copied().unwrap_or_default();
                let gauge = self.edges.with_label_values(&[namespace, name, outcome_label(outcome)]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
    }

    /// Sets the number and age of the unsealed records.
    pub(crate) fn pending(&self, pending: &Pending) {
        self.records_pending.set(i64::try_from(pending.records).unwrap_or(i64::MAX));
        self.oldest_pending.set(pending.oldest.map_or(0, Timestamp::as_second));
    }

    /// Sets the segment that was sealed last.
    pub(crate) fn sealed(&self, manifest: &Manifest, now: Timestamp) {
        self.segments.set(i64::try_from(manifest.number).unwrap_or(i64::MAX));
        self.last_sealed.set(now.as_second());
    }
}

/// The label value for a recipient. Unregistered ones share one value, because their number is unbounded.
pub(crate) fn recipient_label(recipient: &str) -> &str {
    recipient.split_once(':').map_or(recipient, |(kind, _)| kind)
}

/// The label value for a verdict.
pub(crate) fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotPersonal => "not-personal",
        Outcome::IntraEea => "intra-eea",
        Outcome::NotATransfer => "not-a-transfer",
        Outcome::Permitted => "permitted",
        Outcome::Conditional => "conditional",
        Outcome::Unknown => "unknown",
        Outcome::Unlawful => "unlawful",
    }
}

#[cfg(test)]
mod tests;
