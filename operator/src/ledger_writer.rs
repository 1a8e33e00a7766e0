//! The single writer of the ledger.
//!
//! ```text
//! delivery ─► append and sync ─► acknowledge ─► judge ─► append the changes with the cursor ─► publish them
//! ```
//!
//! Waiting deliveries are appended in one transaction. Judgments, the cursor and the remembered state are written in
//! one transaction too, so observations that were appended but not judged when the process ended are judged at the next
//! start.

mod delivery;
mod pending;
mod schedule;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{Batch, BatchOutcome, Ledger, LedgerError, Record, RecordKind, Settings};
use landfall_observation::Observation;
use landfall_process::readiness::Readiness;
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{
    clock,
    judging::{Change, Judge, View},
    metrics::Metrics,
    register::{Published, WrittenIncidents},
    views::Views,
};
pub use delivery::{Answer, Delivery};
use pending::PendingChanges;
pub use schedule::{Command, Schedule};

/// Reason for not being ready, as `/readyz` shows it.
pub(crate) const LEDGER: &str = "waiting for the ledger";
/// The name of the ledger's cursor.
const CURSOR: &str = "judge";
/// Maximum number of deliveries in one transaction, which wait for the disk once.
const MAX_DELIVERIES: usize = 64;
/// How often to do the work other than appending deliveries.
const TICK: Duration = Duration::from_millis(250);
/// Records per read while catching up.
const CATCH_UP_RECORDS: usize = 1_000;
/// Reads while catching up before deliveries are appended again.
const CATCH_UP_CHUNKS: usize = 20;

/// What the writer reads.
#[derive(Debug)]
pub struct Inputs {
    /// The register in force.
    pub published: watch::Receiver<Option<Arc<Published>>>,
    /// The Incidents as people wrote them.
    pub written: watch::Receiver<WrittenIncidents>,
    /// Deliveries of the agents.
    pub deliveries: mpsc::Receiver<Delivery>,
}

/// Where the results go, once they are in the ledger.
#[derive(Debug)]
pub struct Outputs {
    /// The current state, for readers.
    pub views: Views,
    /// Metrics.
    pub metrics: Metrics,
    /// Readiness, which depends on a writable ledger.
    pub readiness: Readiness,
}

/// Writes to the ledger and judges.
#[derive(Debug)]
pub struct LedgerWriter {
    ledger: Ledger,
    judge: Judge,
    pending: PendingChanges,
    schedule: Schedule,
    published: watch::Receiver<Option<Arc<Published>>>,
    written: watch::Receiver<WrittenIncidents>,
    deliveries: mpsc::Receiver<Delivery>,
    views: Views,
    metrics: Metrics,
    readiness: Readiness,
    /// Id of the last record whose observation was passed to the judge.
    observed_through: u64,
    /// Whether the ledger holds later observations, which must be read from it.
    is_behind: bool,
    last_judged: Timestamp,
    last_checkpoint: Timestamp,
    last_expired: Timestamp,
    last_forgot: Timestamp,
}

/// Why the writer has stopped.
#[derive(Debug, thiserror::Error)]
pub enum LedgerWriterError {
    /// The ledger cannot be used any more.
    #[error("failed to write to the ledger")]
    Ledger(#[from] LedgerError),
    /// Remembered state cannot be read.
    #[error("failed to read the state remembered under {key}")]
    Memory {
        /// The key.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl LedgerWriter {
    /// Restores the state that was remembered before the start.
    pub fn new(
        mut ledger: Ledger,
        schedule: Schedule,
        inputs: Inputs,
        outputs: Outputs,
    ) -> Result<Self, LedgerWriterError> {
        let Inputs { published, mut written, deliveries } = inputs;
        let Outputs { views, metrics, readiness } = outputs;
        let mut judge = Judge::new(schedule.roll_up);
        for (key, value) in ledger.memory(CURSOR)? {
            let remembered =
                serde_json::from_str(&value).map_err(|source| LedgerWriterError::Memory { key, source })?;
            judge.restore(remembered);
        }
        views.publish(judge.incidents().cloned().map(View::Incident).collect());
        // The first value counts as a change too.
        written.mark_changed();
        let observed_through = ledger.cursor(CURSOR)?;
        let now = clock::now();
        Ok(Self {
            ledger,
            judge,
            pending: PendingChanges::default(),
            schedule,
            published,
            deliveries,
            written,
            views,
            metrics,
            readiness,
            observed_through,
            is_behind: true,
            last_judged: Timestamp::MIN,
            last_checkpoint: now,
            last_expired: Timestamp::MIN,
            last_forgot: now,
        })
    }

    /// Runs until a command ends it or the deliveries' channel is closed. Blocks while it writes.
    pub async fn run(mut self, mut commands: watch::Receiver<Command>) -> Result<(), LedgerWriterError> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting = Vec::new();
        loop {
            tokio::select! {
                biased;
                command = commands.wait_for(|command| *command != Command::Work) => match command.as_deref() {
                    Ok(Command::Close) => break,
                    // Without a commander the Lease may be lost.
                    Ok(Command::Abandon | Command::Work) | Err(_) => return Ok(()),
                },
                _ = tick.tick() => self.work(clock::now())?,
                // A new ruleset is applied at once.
                Ok(()) = self.published.changed() => self.work(clock::now())?,
                Ok(()) = self.written.changed() => {
                    let written = self.written.borrow_and_update().clone();
                    if let Some(written) = written {
                        self.judge.set_written(written);
                    }
                }
                count = self.deliveries.recv_many(&mut waiting, MAX_DELIVERIES) => {
                    if count == 0 {
                        break;
                    }
                    self.append_deliveries(std::mem::take(&mut waiting), clock::now())?;
                }
            }
        }
        self.close(clock::now())
    }

    /// Appends deliveries, answers them, and passes their observations to the judge.
    fn append_deliveries(&mut self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<(), LedgerWriterError> {
        let lines: Vec<Vec<(u64, &[u8])>> = deliveries
            .iter()
            .map(|delivery| delivery.observations.iter().map(|(seq, line, _)| (*seq, line.as_bytes())).collect())
            .collect();
        let batches: Vec<_> = std::iter::zip(&deliveries, &lines)
            .map(|(delivery, observations)| Batch { source: &delivery.source, observations })
            .collect();
        let timer = self.metrics.append_seconds.start_timer();
        let results = self.ledger.take_all(&batches, now);
        timer.observe_duration();
        drop(batches);
        drop(lines);
        let Some(results) = self.unless_stalled(results)? else {
            for delivery in deliveries {
                // An agent that no longer waits for the answer will retry.
                let _ = delivery.answer.send(Answer::Unavailable);
            }
            return Ok(());
        };
        for (delivery, result) in std::iter::zip(deliveries, results) {
            let Delivery { source, observations, answer } = delivery;
            match result {
                Ok(taken) => {
                    // Before the answer, so that whoever has the answer finds it counted.
                    self.metrics.taken(&source, &taken, now);
                    let _ = answer.send(Answer::Acknowledged(taken.acknowledged));
                    self.pass_to_judge(observations, &taken);
                }
                Err(refusal) => {
                    let _ = answer.send(Answer::Refused(refusal));
                }
            }
        }
        Ok(())
    }

    /// Passes appended observations to the judge, unless older ones must be read from the ledger first.
    fn pass_to_judge(&mut self, observations: Vec<(u64, String, Observation)>, taken: &BatchOutcome) {
        let Some(published) = self.published.borrow().clone().filter(|_| !self.is_behind) else {
            self.is_behind = true;
            return;
        };
        // Sequence numbers ascend, so duplicates come first.
        let duplicates = usize::try_from(taken.duplicates).unwrap_or(usize::MAX);
        for (_, _, observation) in observations.into_iter().skip(duplicates) {
            self.observe(&published, observation);
        }
        if let Some(ids) = &taken.appended {
            self.observed_through = *ids.end();
        }
    }

    fn observe(&mut self, published: &Published, observation: Observation) {
        if !self.judge.observe(published, observation) {
            self.metrics.unselected.inc();
        }
    }

    /// Everything except appending deliveries.
    fn work(&mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        let Some(published) = self.published.borrow().clone() else { return Ok(()) };
        if self.is_behind {
            self.catch_up(&published)?;
        }
        // New facts are judged in batches.
        let is_time = is_due(self.last_judged, self.schedule.judge, now) || !self.judge.is_judged_under(&published);
        if self.pending.has_no_records() && is_time {
            self.last_judged = now;
            self.judge(&published, now);
        }
        if !self.pending.has_no_records() || is_due(self.last_checkpoint, self.schedule.checkpoint, now) {
            self.append_changes(now)?;
        }
        self.seal(now)
    }

    /// Passes observations from the ledger to the judge, a limited number at a time.
    fn catch_up(&mut self, published: &Published) -> Result<(), LedgerWriterError> {
        for _ in 0..CATCH_UP_CHUNKS {
            let records = self.ledger.since(self.observed_through, CATCH_UP_RECORDS)?;
            self.is_behind = records.len() == CATCH_UP_RECORDS;
            for Record { id, kind, body, .. } in records {
                if kind == RecordKind::Observation {
                    match landfall_observation::decode(&body) {
                        Ok(observation) => self.observe(published, observation),
                        // It was valid when it was appended; another version of the program may be stricter.
                        Err(error) => {
                            tracing::error!(record = id, %error, "Failed to decode a stored observation");
                        }
                    }
                }
                self.observed_through = id;
            }
            if !self.is_behind {
                break;
            }
        }
        Ok(())
    }

    fn judge(&mut self, published: &Published, now: Timestamp) {
        let timer = self.metrics.judge_seconds.start_timer();
        let again = (!self.judge.is_judged_under(published)).then(|| self.metrics.rejudge_seconds.start_timer());
        let mut changes = self.judge.judge(published, now);
        if let Some(timer) = again {
            timer.observe_duration();
        }
        changes.extend(self.judge.roll_up(now));
        if is_due(self.last_forgot, SignedDuration::from_hours(1), now) {
            self.last_forgot = now;
            changes.extend(self.judge.forget_before(now - self.schedule.keep, now));
        }
        for change in &changes {
            if let Change::Edge(edge) = change
                && edge.is_counted()
            {
                self.metrics.traffic(&edge.edge.id, edge.outcome(), edge.new_traffic);
            }
        }
        self.pending.add(&changes, self.observed_through, now);
        self.metrics.overflowed(self.judge.overflowed());
        self.metrics.census(&self.judge.count_outcomes());
        timer.observe_duration();
    }

    /// Appends what was judged, with the cursor and the remembered state, then publishes it.
    fn append_changes(&mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        self.last_checkpoint = now;
        // The cursor may only pass records that were judged.
        let Some(through) = self.pending.through() else { return Ok(()) };
        // A stalled ledger is retried even without changes: a replica that is not ready gets no deliveries that would
        // show that there is room again.
        let is_stalled = self.metrics.ledger_stalled.get() == 1;
        if self.pending.has_nothing() && through == self.ledger.cursor(CURSOR)? && !is_stalled {
            return Ok(());
        }
        let appended = self.pending.append_to(&mut self.ledger, CURSOR, through);
        if self.unless_stalled(appended)?.is_none() {
            return Ok(());
        }
        if !self.is_behind {
            self.observed_through = self.ledger.last_record();
        }
        self.views.publish(self.pending.take_views());
        Ok(())
    }

    fn seal(&mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        let pending = self.ledger.pending();
        self.metrics.pending(&pending);
        let is_old = pending.oldest.is_some_and(|oldest| now.duration_since(oldest).abs() >= self.schedule.seal);
        if pending.records > 0 && (is_old || pending.records >= Settings::default().segment_records) {
            let sealed = self.ledger.seal(now);
            if let Some(Some(manifest)) = self.unless_stalled(sealed)? {
                self.metrics.sealed(&manifest, now);
            }
        }
        if is_due(self.last_expired, SignedDuration::from_hours(1), now) {
            self.last_expired = now;
            let expired = self.ledger.expire(now);
            if let Some(expired) = self.unless_stalled(expired)?.filter(|expired| !expired.segments.is_empty()) {
                tracing::info!(segments = expired.segments.len(), bytes = expired.bytes, "Data expired");
            }
        }
        Ok(())
    }

    /// Judges and seals everything that is left.
    fn close(mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        let published = self.published.borrow().clone();
        if let Some(published) = published {
            if self.pending.has_no_records() {
                self.judge(&published, now);
            }
            self.append_changes(now)?;
        }
        let sealed = self.ledger.seal(now);
        self.unless_stalled(sealed)?;
        Ok(())
    }

    /// Turns a retryable error, such as a full disk, into `None` and reports the ledger as stalled; any other error
    /// ends the process. A failed call appends nothing, and nothing is acknowledged until a retry succeeds.
    fn unless_stalled<T>(&self, result: Result<T, LedgerError>) -> Result<Option<T>, LedgerWriterError> {
        match result {
            Ok(done) => {
                self.metrics.ledger_stalled.set(0);
                self.readiness.done(LEDGER);
                Ok(Some(done))
            }
            Err(error) if error.is_retryable() => {
                if self.metrics.ledger_stalled.get() == 0 {
                    tracing::error!(%error, "The ledger is stalled; observations wait at the agents");
                }
                self.metrics.ledger_stalled.set(1);
                self.readiness.lacks(LEDGER);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether the interval has passed. `abs`: a clock that was set back must not stop the work.
fn is_due(last: Timestamp, every: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(last).abs() >= every
}
