//! The one that writes to the ledger.
//!
//! ```text
//! delivery ─► append and sync ─► acknowledge ─► judge ─► append the changes with the cursor ─► show them
//! ```
//!
//! Deliveries that wait are appended in one transaction. What was appended and not judged when the process ended is
//! judged at the next start: judgments, the cursor and what is remembered change together.

mod delivery;
mod pending;
mod schedule;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{Batch, Ledger, LedgerError, Record, RecordKind, Settings, Taken};
use landfall_observation::Observation;
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{
    clock,
    judging::{Change, Judge, View},
    metrics::Metrics,
    register::{Published, WrittenIncidents},
    serving::health::Readiness,
    views::Views,
};
pub use delivery::{Answer, Delivery};
use pending::Pending;
pub use schedule::{Command, Schedule};

/// What the operator is not ready without.
pub(crate) const LEDGER: &str = "the ledger";
/// The name of the ledger's cursor.
const CURSOR: &str = "judge";
/// Deliveries that are appended together at most: they wait for the disk once.
const TOGETHER: usize = 64;
/// How often there is other work than to take deliveries.
const TICK: Duration = Duration::from_millis(250);
/// Records that are read at once to catch up.
const CATCH_UP: usize = 1_000;
/// How many times that in one go, before deliveries get a turn.
const PIECES: usize = 20;

/// What is judged, and by what.
#[derive(Debug)]
pub struct Inputs {
    /// The register in force.
    pub published: watch::Receiver<Option<Arc<Published>>>,
    /// What people wrote.
    pub written: watch::Receiver<WrittenIncidents>,
    /// What agents deliver.
    pub deliveries: mpsc::Receiver<Delivery>,
}

/// Where goes what others may act on, once it is in the ledger.
#[derive(Debug)]
pub struct Outputs {
    /// What is known.
    pub views: Views,
    /// Counts.
    pub metrics: Metrics,
    /// Whether the ledger takes anything.
    pub readiness: Readiness,
}

/// Writes to the ledger, and judges.
#[derive(Debug)]
pub struct LedgerWriter {
    ledger: Ledger,
    judge: Judge,
    pending: Pending,
    schedule: Schedule,
    published: watch::Receiver<Option<Arc<Published>>>,
    written: watch::Receiver<WrittenIncidents>,
    deliveries: mpsc::Receiver<Delivery>,
    views: Views,
    metrics: Metrics,
    readiness: Readiness,
    /// Through which record observations were handed over to be judged.
    through: u64,
    /// Whether the ledger holds observations that were not handed over.
    behind: bool,
    judged: Timestamp,
    checkpoint: Timestamp,
    expired: Timestamp,
    forgot: Timestamp,
}

/// Why the writer has stopped.
#[derive(Debug, thiserror::Error)]
pub enum LedgerWriterError {
    /// The ledger cannot be used any more.
    #[error("failed to write to the ledger")]
    Ledger(#[from] LedgerError),
    /// What was remembered cannot be read.
    #[error("failed to read what was remembered of {key}")]
    Memory {
        /// Of what.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl LedgerWriter {
    /// Reads what was remembered.
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
        views.show(judge.incidents().cloned().map(View::Incident).collect());
        // What was there before is news, too.
        written.mark_changed();
        let through = ledger.cursor(CURSOR)?;
        let now = clock::now();
        Ok(Self {
            ledger,
            judge,
            pending: Pending::default(),
            schedule,
            published,
            deliveries,
            written,
            views,
            metrics,
            readiness,
            through,
            behind: true,
            judged: Timestamp::MIN,
            checkpoint: now,
            expired: Timestamp::MIN,
            forgot: now,
        })
    }

    /// Works until it is told otherwise or nobody can deliver any more; blocks.
    pub async fn run(mut self, mut commands: watch::Receiver<Command>) -> Result<(), LedgerWriterError> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting = Vec::new();
        loop {
            tokio::select! {
                biased;
                command = commands.wait_for(|command| *command != Command::Work) => match command.as_deref() {
                    Ok(Command::Close) => break,
                    // Whoever gave commands is gone, and the Lease may be.
                    Ok(Command::Abandon | Command::Work) | Err(_) => return Ok(()),
                },
                _ = tick.tick() => self.work(clock::now())?,
                // Another law is judged by at once.
                Ok(()) = self.published.changed() => self.work(clock::now())?,
                Ok(()) = self.written.changed() => {
                    let written = self.written.borrow_and_update().clone();
                    if let Some(written) = written {
                        self.judge.read(written);
                    }
                }
                count = self.deliveries.recv_many(&mut waiting, TOGETHER) => {
                    if count == 0 {
                        break;
                    }
                    self.take(std::mem::take(&mut waiting), clock::now())?;
                }
            }
        }
        self.close(clock::now())
    }

    /// Appends deliveries and answers them; then hands them over to be judged.
    fn take(&mut self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<(), LedgerWriterError> {
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
        let Some(results) = self.may_go_on(results)? else {
            for delivery in deliveries {
                // Who does not wait for the answer any more sends again.
                let _ = delivery.answer.send(Answer::Unavailable);
            }
            return Ok(());
        };
        for (delivery, result) in std::iter::zip(deliveries, results) {
            let Delivery { source, observations, answer } = delivery;
            match result {
                Ok(taken) => {
                    // Counted first: who knows that it was taken finds it counted.
                    self.metrics.taken(&source, &taken, now);
                    let _ = answer.send(Answer::Acknowledged(taken.acknowledged));
                    self.hand_over(observations, &taken);
                }
                Err(refusal) => {
                    let _ = answer.send(Answer::Refused(refusal));
                }
            }
        }
        Ok(())
    }

    /// Hands over what was appended, unless older observations must go first.
    fn hand_over(&mut self, observations: Vec<(u64, String, Observation)>, taken: &Taken) {
        let Some(published) = self.published.borrow().clone().filter(|_| !self.behind) else {
            self.behind = true;
            return;
        };
        // Duplicates have the lower numbers.
        let duplicates = usize::try_from(taken.duplicates).unwrap_or(usize::MAX);
        for (_, _, observation) in observations.into_iter().skip(duplicates) {
            self.absorb(&published, observation);
        }
        if let Some(ids) = &taken.appended {
            self.through = *ids.end();
        }
    }

    fn absorb(&mut self, published: &Published, observation: Observation) {
        if !self.judge.absorb(published, observation) {
            self.metrics.unselected.inc();
        }
    }

    /// Everything that is not a delivery.
    fn work(&mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        let Some(published) = self.published.borrow().clone() else { return Ok(()) };
        if self.behind {
            self.catch_up(&published)?;
        }
        // What was learnt is judged when there is more of it.
        let is_time = is_due(self.judged, self.schedule.judge, now) || !self.judge.is_judged_under(&published);
        if self.pending.is_empty() && is_time {
            self.judged = now;
            self.judge(&published, now);
        }
        if !self.pending.is_empty() || is_due(self.checkpoint, self.schedule.checkpoint, now) {
            self.append(now)?;
        }
        self.seal(now)
    }

    /// Hands over what the ledger holds and nobody judged, a piece at a time.
    fn catch_up(&mut self, published: &Published) -> Result<(), LedgerWriterError> {
        for _ in 0..PIECES {
            let records = self.ledger.since(self.through, CATCH_UP)?;
            self.behind = records.len() == CATCH_UP;
            for Record { id, kind, body, .. } in records {
                if kind == RecordKind::Observation {
                    match landfall_observation::decode(&body) {
                        Ok(observation) => self.absorb(published, observation),
                        // It was read when it came in; another version of the program may be stricter.
                        Err(error) => tracing::error!(record = id, %error, "Failed to read a kept observation"),
                    }
                }
                self.through = id;
            }
            if !self.behind {
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
        if is_due(self.forgot, SignedDuration::from_hours(1), now) {
            self.forgot = now;
            changes.extend(self.judge.forget_before(now - self.schedule.keep, now));
        }
        for change in &changes {
            if let Change::Edge(edge) = change
                && edge.counts()
            {
                self.metrics.traffic(&edge.edge.id, edge.outcome(), edge.fresh);
            }
        }
        self.pending.add(&changes, self.through, now);
        self.metrics.overflowed(self.judge.overflowed());
        self.metrics.census(&self.judge.census());
        timer.observe_duration();
    }

    /// Appends what was judged, with the cursor and the memory; then others may act on it.
    fn append(&mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        self.checkpoint = now;
        // Only what was judged may be passed by the cursor.
        let Some(through) = self.pending.through() else { return Ok(()) };
        // A stalled ledger is tried all the same: nobody delivers to a replica that is not ready, so that no delivery
        // would ever show that there is room again.
        let is_stalled = self.metrics.ledger_stalled.get() == 1;
        if self.pending.is_idle() && through == self.ledger.cursor(CURSOR)? && !is_stalled {
            return Ok(());
        }
        let appended = self.pending.append_to(&mut self.ledger, CURSOR, through);
        if self.may_go_on(appended)?.is_none() {
            return Ok(());
        }
        if !self.behind {
            self.through = self.ledger.last_record();
        }
        self.views.show(self.pending.appended());
        Ok(())
    }

    fn seal(&mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        let pending = self.ledger.pending();
        self.metrics.pending(&pending);
        let is_old = pending.oldest.is_some_and(|oldest| now.duration_since(oldest).abs() >= self.schedule.seal);
        if pending.records > 0 && (is_old || pending.records >= Settings::default().segment_records) {
            let sealed = self.ledger.seal(now);
            if let Some(Some(manifest)) = self.may_go_on(sealed)? {
                self.metrics.sealed(&manifest, now);
            }
        }
        if is_due(self.expired, SignedDuration::from_hours(1), now) {
            self.expired = now;
            let expired = self.ledger.expire(now);
            if let Some(expired) = self.may_go_on(expired)?.filter(|expired| !expired.segments.is_empty()) {
                tracing::info!(segments = expired.segments.len(), bytes = expired.bytes, "Data expired");
            }
        }
        Ok(())
    }

    /// Judges and seals what is there.
    fn close(mut self, now: Timestamp) -> Result<(), LedgerWriterError> {
        let published = self.published.borrow().clone();
        if let Some(published) = published {
            if self.pending.is_empty() {
                self.judge(&published, now);
            }
            self.append(now)?;
        }
        let sealed = self.ledger.seal(now);
        self.may_go_on(sealed)?;
        Ok(())
    }

    /// Nothing of a failed call was appended. Without room on the disk it is tried again, and until then nothing is
    /// acknowledged; other failures end the process.
    fn may_go_on<T>(&self, result: Result<T, LedgerError>) -> Result<Option<T>, LedgerWriterError> {
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

/// Whether it is time again. A clock that was set back must not stop the work.
fn is_due(last: Timestamp, every: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(last).abs() >= every
}
