//! Sends what is in the spool, step by step, and decides what a refusal means for it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_process::backoff::{self, Backoff};
use serde::Deserialize;

pub use crate::metrics::ShipMetrics;
use crate::spool::{Peeked, Spool, SpoolError, Spooled};

use super::{Acknowledged, Batch, Culprit, FailureKind, MAX_BYTES, MAX_RECORDS, Refusal, Told, Transport};

/// How long to wait when the operator cannot be reached, or is busy and does not say for how long.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30)).with_jitter();

/// How long to wait when the operator does not believe us: somebody has to do something.
const UNAUTHORISED: Duration = Duration::from_secs(30);

/// After which time without a word the agent says that it is there; the operator waits five minutes.
const QUIET: Duration = Duration::from_mins(1);

/// Sends what is in the spool.
#[derive(Debug)]
pub struct Shipper<T> {
    spool: Arc<Mutex<Spool>>,
    transport: T,
    ours: Ours,
    metrics: Arc<ShipMetrics>,
    backoff: Backoff,
    /// Most records of the next batch.
    limit: usize,
    trouble: Option<String>,
    /// When something was last said to the operator.
    spoke: Instant,
}

/// Whose observations are made here. The spool may hold those of an earlier configuration, too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ours {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent.
    pub agent: String,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to send.
    Idle,
    /// Some of it was acknowledged, or refused for good; there may be more.
    Moved,
    /// Nothing was; come again after this time.
    Wait(Duration),
}

impl<T: Transport> Shipper<T> {
    /// Nothing sent yet.
    pub fn new(spool: Arc<Mutex<Spool>>, transport: T, ours: Ours, metrics: Arc<ShipMetrics>) -> Self {
        Self {
            spool,
            transport,
            ours,
            metrics,
            backoff: BACKOFF,
            limit: MAX_RECORDS,
            trouble: None,
            spoke: Instant::now(),
        }
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
            self.say_alive();
            return Step::Idle;
        }
        self.spoke = Instant::now();
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
                self.complain(format!("not authorised: {told}"));
                Step::Wait(backoff::lengthen(UNAUTHORISED))
            }
            // As long as it is what we would make again, whoever is set up wrongly may be the other side.
            Err(Refusal::Foreign { told }) if is_of(&self.ours, records) => {
                self.metrics.refused(&told.reason);
                self.complain(format!("not of this operator's cluster, or not of this node: {told}"));
                Step::Wait(backoff::lengthen(UNAUTHORISED))
            }
            Err(Refusal::TooLarge { told } | Refusal::Foreign { told }) => self.rejected(&peeked, &told, None),
            Err(Refusal::Early { told, after }) => {
                self.metrics.refused(&told.reason);
                self.complain(format!("the clock of this node runs ahead: {told}"));
                Step::Wait(after.map_or_else(|| self.backoff.next_wait(), backoff::lengthen))
            }
            Err(Refusal::Busy { after }) => {
                self.metrics.busy.inc();
                Step::Wait(after.map_or_else(|| self.backoff.next_wait(), backoff::lengthen))
            }
            Err(Refusal::Failed { kind, error }) => self.failed(kind, &error),
        }
    }

    /// Now and then, when there is nothing else to say. That nobody hears it costs nothing.
    fn say_alive(&mut self) {
        if self.spoke.elapsed() >= QUIET {
            self.spoke = Instant::now();
            if let Err(refusal) = self.transport.alive() {
                tracing::debug!(?refusal, "The operator does not hear that the agent is there");
            }
        }
    }

    fn acknowledged(&mut self, peeked: &Peeked, through: u64) -> Step {
        let Some(last) = peeked.records.iter().rfind(|record| record.seq <= through) else {
            return self.failed(FailureKind::Answer, "an acknowledgement of nothing that was sent");
        };
        let outcome = self.spool().acknowledge(last.position);
        if let Err(error) = outcome {
            return self.spool_failed(&error);
        }
        self.metrics.batches.inc();
        self.metrics.last_acknowledged.set(Timestamp::now().as_second());
        self.limit = self.limit.saturating_mul(2).min(MAX_RECORDS);
        self.recovered();
        Step::Moved
    }

    /// Puts what is refused for good into the quarantine.
    fn rejected(&mut self, peeked: &Peeked, told: &Told, culprit: Option<Culprit>) -> Step {
        let Peeked { epoch, records } = peeked;
        let refused = match culprit {
            None => records.as_slice(),
            Some(culprit) => {
                let index = match culprit {
                    Culprit::Index(index) => Some(index),
                    Culprit::Seq(seq) => records.iter().position(|record| record.seq == seq),
                };
                let Some((index, named)) = index.and_then(|index| Some((index, records.get(index)?))) else {
                    return self.failed(FailureKind::Answer, "a refusal of a record that was not sent");
                };
                // Those before it are good. Where all are bad, it is not worth while to send many.
                self.limit = index.max(1);
                std::slice::from_ref(named)
            }
        };
        self.metrics.refused(&told.reason);
        let outcome = self.spool().set_aside(refused, *epoch, &told.to_string());
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
        self.complain(format!("{}: {error}", kind.as_str()));
        Step::Wait(wait)
    }

    fn spool_failed(&mut self, error: &SpoolError) -> Step {
        let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        self.complain(format!("{error}: {source}"));
        Step::Wait(self.backoff.next_wait())
    }

    /// Says what keeps observations from being delivered, once for each change.
    fn complain(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::error!(%trouble, "Observations are not delivered; they are kept");
            self.trouble = Some(trouble);
        }
    }

    fn recovered(&mut self) {
        self.backoff.reset();
        if self.trouble.take().is_some() {
            tracing::info!("Observations are delivered again");
        }
    }

    fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a batch is of this cluster and agent. All of an epoch is of one.
fn is_of(ours: &Ours, records: &[Spooled]) -> bool {
    let first = records.first().and_then(|record| serde_json::from_str::<Ours>(&record.line).ok());
    first.as_ref() == Some(ours)
}

#[cfg(test)]
mod tests;
