//! Delivers the spool step by step, and decides what a refusal means for its records.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_observation::{AgentReport, PodsByCapture};
use landfall_process::backoff::{self, Backoff};
use serde::Deserialize;

pub use crate::metrics::ShipMetrics;
use crate::spool::{Peeked, Spool, SpoolError, SpooledRecord};

use super::{
    Acknowledged, Batch, FailureKind, MAX_BYTES, MAX_RECORDS, NodeReport, Refusal, RefusalReason, RejectedRecord,
    Transport,
};

/// How long to wait when the operator cannot be reached, or is busy and sends no `Retry-After`.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30)).with_jitter();

/// How long to wait when the operator rejects the token or the identity, which only a person can fix.
const UNAUTHORISED: Duration = Duration::from_secs(30);

/// After this time without deliveries a heartbeat is sent, and beside deliveries, too, if there is something to report; the
/// operator counts an agent as gone after five minutes.
const HEARTBEAT_INTERVAL: Duration = Duration::from_mins(1);
/// How long a changed report waits after the last one.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// Delivers the observations in the spool.
#[derive(Debug)]
pub struct Shipper<T> {
    spool: Arc<Mutex<Spool>>,
    transport: T,
    identity: AgentIdentity,
    metrics: Arc<ShipMetrics>,
    backoff: Backoff,
    /// Maximum number of records in the next batch.
    limit: usize,
    failure: Option<String>,
    /// When the operator was last contacted.
    last_contact: Instant,
    report: NodeReport,
    /// When and what a heartbeat last reported.
    last_report: Option<(Instant, PodsByCapture)>,
}

/// Identity of this agent. The spool may also hold observations from before the configuration changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentIdentity {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent.
    pub agent: String,
}

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to send.
    Idle,
    /// Records were acknowledged or refused for good; there may be more.
    Moved,
    /// There was no progress; retry after this time.
    Wait(Duration),
}

impl<T: Transport> Shipper<T> {
    /// Nothing sent yet.
    pub fn new(spool: Arc<Mutex<Spool>>, transport: T, identity: AgentIdentity, metrics: Arc<ShipMetrics>) -> Self {
        Self {
            spool,
            transport,
            identity,
            metrics,
            backoff: BACKOFF,
            limit: MAX_RECORDS,
            failure: None,
            last_contact: Instant::now(),
            report: NodeReport::default(),
            last_report: None,
        }
    }

    /// Heartbeats tell the operator what is in `report` by then.
    pub fn with_report(self, report: NodeReport) -> Self {
        Self { report, ..self }
    }

    /// Sends the next batch, if there is any.
    pub fn step(&mut self) -> Step {
        let peeked = self.spool().peek(self.limit, MAX_BYTES);
        let peeked = match peeked {
            Ok(peeked) => peeked,
            Err(error) => return self.spool_failed(&error),
        };
        let Peeked { epoch, records } = &peeked;
        if records.is_empty() {
            self.heartbeat();
            return Step::Idle;
        }
        self.last_contact = Instant::now();
        match self.transport.deliver(&Batch { epoch: *epoch, records }) {
            Ok(Acknowledged { through }) => self.acknowledged(&peeked, through),
            Err(Refusal::Rejected { told, culprit }) => self.rejected(&peeked, &told, culprit),
            Err(Refusal::TooLarge { told }) if records.len() > 1 => {
                self.metrics.refused(&told.reason);
                self.limit = records.len() / 2;
                Step::Moved
            }
            Err(Refusal::Unauthorised { told }) => {
                self.metrics.refused(&told.reason);
                self.log_failure(format!("not authorised: {told}"));
                Step::Wait(backoff::lengthen(UNAUTHORISED))
            }
            // The batch has the current identity, so the operator may be the side that is misconfigured.
            Err(Refusal::Foreign { told }) if is_of(&self.identity, records) => {
                self.metrics.refused(&told.reason);
                self.log_failure(format!("not of this operator's cluster, or not of this node: {told}"));
                Step::Wait(backoff::lengthen(UNAUTHORISED))
            }
            Err(Refusal::TooLarge { told } | Refusal::Foreign { told }) => self.rejected(&peeked, &told, None),
            Err(Refusal::Early { told, after }) => {
                self.metrics.refused(&told.reason);
                self.log_failure(format!("the clock of this node runs ahead: {told}"));
                Step::Wait(after.map_or_else(|| self.backoff.next_wait(), backoff::lengthen))
            }
            Err(Refusal::Busy { after }) => {
                self.metrics.busy.inc();
                Step::Wait(after.map_or_else(|| self.backoff.next_wait(), backoff::lengthen))
            }
            Err(Refusal::Failed { kind, error }) => self.failed(kind, &error),
        }
    }

    /// Sends a heartbeat if it is due. A failed one is not retried.
    fn heartbeat(&mut self) {
        let pods = self.report.pods();
        let must_report = pods.as_ref().is_some_and(|pods| match &self.last_report {
            None => true,
            Some((at, before)) => at.elapsed() >= if pods == before { HEARTBEAT_INTERVAL } else { REPORT_INTERVAL },
        });
        if must_report || self.last_contact.elapsed() >= HEARTBEAT_INTERVAL {
            self.last_contact = Instant::now();
            self.last_report = pods.clone().map(|pods| (self.last_contact, pods));
            let AgentIdentity { cluster, agent } = self.identity.clone();
            if let Err(refusal) = self.transport.alive(&AgentReport { cluster, agent, pods }) {
                tracing::debug!(?refusal, "A heartbeat failed");
            }
        }
    }

    fn acknowledged(&mut self, peeked: &Peeked, through: u64) -> Step {
        let Some(last) = peeked.records.iter().rfind(|record| record.seq <= through) else {
            return self.failed(FailureKind::Answer, "an acknowledgement of records that were not sent");
        };
        let outcome = self.spool().acknowledge(last.position);
        if let Err(error) = outcome {
            return self.spool_failed(&error);
        }
        self.metrics.batches.inc();
        self.metrics.last_acknowledged.set(Timestamp::now().as_second());
        self.limit = self.limit.saturating_mul(2).min(MAX_RECORDS);
        self.recovered();
        self.heartbeat();
        Step::Moved
    }

    /// Moves records that are refused for good to the quarantine.
    fn rejected(&mut self, peeked: &Peeked, told: &RefusalReason, culprit: Option<RejectedRecord>) -> Step {
        let Peeked { epoch, records } = peeked;
        let refused = match culprit {
            None => records.as_slice(),
            Some(culprit) => {
                let index = match culprit {
                    RejectedRecord::Index(index) => Some(index),
                    RejectedRecord::Seq(seq) => records.iter().position(|record| record.seq == seq),
                };
                let Some((index, named)) = index.and_then(|index| Some((index, records.get(index)?))) else {
                    return self.failed(FailureKind::Answer, "a refusal of a record that was not sent");
                };
                // The records before it are valid and are sent next. If all are invalid, batches stay small.
                self.limit = index.max(1);
                std::slice::from_ref(named)
            }
        };
        self.metrics.refused(&told.reason);
        let outcome = self.spool().quarantine(refused, *epoch, &told.to_string());
        match outcome {
            Ok(()) => {
                self.recovered();
                Step::Moved
            }
            Err(error) => self.spool_failed(&error),
        }
    }

    fn failed(&mut self, kind: FailureKind, error: &str) -> Step {
        self.metrics.failed(kind);
        let wait = self.backoff.next_wait();
        tracing::debug!(kind = kind.as_str(), error, ?wait, "A delivery failed");
        self.log_failure(format!("{}: {error}", kind.as_str()));
        Step::Wait(wait)
    }

    fn spool_failed(&mut self, error: &SpoolError) -> Step {
        let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        self.log_failure(format!("{error}: {source}"));
        Step::Wait(self.backoff.next_wait())
    }

    /// Logs why observations are not delivered, whenever the reason changes.
    fn log_failure(&mut self, failure: String) {
        if self.failure.as_ref() != Some(&failure) {
            tracing::error!(%failure, "Observations are not delivered; they are kept");
            self.failure = Some(failure);
        }
    }

    fn recovered(&mut self) {
        self.backoff.reset();
        if self.failure.take().is_some() {
            tracing::info!("Observations are delivered again");
        }
    }

    fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a batch has this identity. All records of an epoch have the same.
fn is_of(identity: &AgentIdentity, records: &[SpooledRecord]) -> bool {
    let first = records.first().and_then(|record| serde_json::from_str::<AgentIdentity>(&record.line).ok());
    first.as_ref() == Some(identity)
}

#[cfg(test)]
mod tests;
