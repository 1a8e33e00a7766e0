//! The clerk: the one that writes to the ledger.
//!
//! ```text
//! delivery ─► append and sync ─► acknowledge ─► judge ─► append judgments with the cursor ─► act
//! ```
//!
//! Deliveries that wait are appended in one transaction. What was appended and not judged when the process ended is
//! judged at the next start: judgments, the cursor and what the desk remembers change together.

mod outbox;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{Batch, Ledger, LedgerError, Record, RecordKind, Refusal, Settings, Source, Taken};
use landfall_observation::Observation;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{
    board::Board,
    clock,
    desk::{Desk, Entry, Memory, Transition},
    endpoints::Readiness,
    index::Published,
    metrics::Metrics,
    upkeep::Precedence,
};
use outbox::{Outbox, Posted};

/// What the operator is not ready without.
pub(crate) const LEDGER: &str = "the ledger";
/// The clerk's name at the ledger's cursors.
const CURSOR: &str = "judge";
/// Deliveries that are appended together at most: they wait for the disk once.
const TOGETHER: usize = 64;
/// How often there is other work than to take deliveries.
const TICK: Duration = Duration::from_millis(250);
/// Records that are read at once to catch up.
const CATCH_UP: usize = 1_000;
/// How many times that in one go, before deliveries get a turn.
const PIECES: usize = 20;

/// Observations of one run of one agent.
#[derive(Debug)]
pub struct Delivery {
    /// From whom.
    pub source: Source,
    /// Each with its number and its line, in ascending order.
    pub observations: Vec<(u64, String, Observation)>,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// What becomes of a delivery.
#[derive(Debug)]
pub enum Answer {
    /// Everything through this number is on the disk.
    Acknowledged(Option<u64>),
    /// The ledger cannot take it.
    Refused(Refusal),
    /// Not now.
    Unavailable,
}

/// Where goes what others may act on, once it is in the ledger.
#[derive(Debug)]
pub struct Out {
    /// How every edge stands.
    pub board: Board,
    /// Where it is announced: Transfers say it before anything else does.
    pub(crate) precedence: Precedence,
    /// What changed.
    pub transitions: mpsc::Sender<Transition>,
    /// What those who act want to have in the ledger.
    pub entries: mpsc::Receiver<Entry>,
}

/// What the clerk is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Go on.
    Work,
    /// Judge and seal what is there, then end.
    Close,
    /// End at once: another one may write by now.
    Abandon,
}

/// How the clerk works.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often edges about which something was learnt are judged.
    pub judge: SignedDuration,
    /// How often the cursor moves though nothing was judged.
    pub checkpoint: SignedDuration,
    /// After which time records are sealed, though they are few.
    pub seal: SignedDuration,
    /// How often the traffic of verdicts that stay is written down.
    pub roll_up: SignedDuration,
    /// How long an edge without traffic is kept.
    pub keep: SignedDuration,
}

/// The clerk.
#[derive(Debug)]
pub struct Clerk {
    ledger: Ledger,
    desk: Desk,
    outbox: Outbox,
    pace: Pace,
    published: watch::Receiver<Option<Arc<Published>>>,
    deliveries: mpsc::Receiver<Delivery>,
    out: Out,
    metrics: Metrics,
    readiness: Readiness,
    /// Through which record observations are on the desk.
    through: u64,
    /// Whether the ledger holds observations that are not on the desk.
    behind: bool,
    judged: Timestamp,
    checkpoint: Timestamp,
    expired: Timestamp,
    forgot: Timestamp,
}

/// Why the clerk stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClerkError {
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

impl Default for Pace {
    fn default() -> Self {
        Self {
            judge: SignedDuration::from_secs(1),
            checkpoint: SignedDuration::from_secs(10),
            seal: SignedDuration::from_mins(5),
            roll_up: SignedDuration::from_hours(24),
            keep: SignedDuration::from_hours(30 * 24),
        }
    }
}

impl Clerk {
    /// Takes its seat: reads what was remembered.
    pub fn new(
        mut ledger: Ledger,
        pace: Pace,
        published: watch::Receiver<Option<Arc<Published>>>,
        deliveries: mpsc::Receiver<Delivery>,
        out: Out,
        metrics: Metrics,
        readiness: Readiness,
    ) -> Result<Self, ClerkError> {
        let mut desk = Desk::new(pace.roll_up);
        for (key, value) in ledger.memory(CURSOR)? {
            let memory: Memory = serde_json::from_str(&value).map_err(|source| ClerkError::Memory { key, source })?;
            desk.restore(memory);
        }
        out.board.post_cases(desk.cases().cloned());
        out.board.post_entered(desk.entered().cloned());
        let through = ledger.cursor(CURSOR)?;
        let now = clock::now();
        Ok(Self {
            ledger,
            desk,
            outbox: Outbox::default(),
            pace,
            published,
            deliveries,
            out,
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
    pub async fn run(mut self, mut orders: watch::Receiver<Order>) -> Result<(), ClerkError> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting = Vec::new();
        loop {
            tokio::select! {
                biased;
                order = orders.wait_for(|order| *order != Order::Work) => match order.as_deref() {
                    Ok(Order::Close) => break,
                    // Who gave the orders is gone, and the Lease may be.
                    Ok(Order::Abandon | Order::Work) | Err(_) => return Ok(()),
                },
                _ = tick.tick() => self.work(clock::now())?,
                // Another law is judged by at once.
                Ok(()) = self.published.changed() => self.work(clock::now())?,
                // Few, and each is written by a person or about something that a person must do.
                Some(entry) = self.out.entries.recv() => self.desk.enter(entry),
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

    /// Appends deliveries and answers them; then puts them on the desk.
    fn take(&mut self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<(), ClerkError> {
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
                    self.put_on_desk(observations, &taken);
                }
                Err(refusal) => {
                    let _ = answer.send(Answer::Refused(refusal));
                }
            }
        }
        Ok(())
    }

    /// Puts what was appended on the desk, unless older observations must go first.
    fn put_on_desk(&mut self, observations: Vec<(u64, String, Observation)>, taken: &Taken) {
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
        if !self.desk.absorb(published, observation) {
            self.metrics.unselected.inc();
        }
    }

    /// Everything that is not a delivery.
    fn work(&mut self, now: Timestamp) -> Result<(), ClerkError> {
        let Some(published) = self.published.borrow().clone() else { return Ok(()) };
        if self.behind {
            self.catch_up(&published)?;
        }
        // What was learnt is judged when there is more of it.
        let is_time = is_due(self.judged, self.pace.judge, now) || !self.desk.is_judged_under(&published);
        if self.outbox.is_empty() && is_time {
            self.judged = now;
            self.judge(&published, now);
        }
        if !self.outbox.is_empty() || is_due(self.checkpoint, self.pace.checkpoint, now) {
            self.post(now)?;
        }
        self.seal(now)
    }

    /// Puts on the desk what the ledger holds and nobody judged, a piece at a time.
    fn catch_up(&mut self, published: &Published) -> Result<(), ClerkError> {
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
        let again = (!self.desk.is_judged_under(published)).then(|| self.metrics.rejudge_seconds.start_timer());
        let judged = self.desk.judge(published, now);
        if let Some(timer) = again {
            timer.observe_duration();
        }
        for round in [judged, self.desk.roll_up(now)] {
            for (edge, outcome, traffic) in &round.traffic {
                self.metrics.traffic(edge, *outcome, *traffic);
            }
            self.outbox.put(round, self.through, now);
        }
        if is_due(self.forgot, SignedDuration::from_hours(1), now) {
            self.forgot = now;
            self.outbox.put(self.desk.forget_before(now - self.pace.keep, now), self.through, now);
        }
        self.metrics.overflowed(self.desk.overflowed());
        self.metrics.census(&self.desk.census());
        timer.observe_duration();
    }

    /// Appends what was judged, with the cursor and the memory; then others may act on it.
    fn post(&mut self, now: Timestamp) -> Result<(), ClerkError> {
        self.checkpoint = now;
        // Only what was judged may be passed by the cursor.
        let Some(through) = self.outbox.through() else { return Ok(()) };
        if self.outbox.is_idle() && through == self.ledger.cursor(CURSOR)? {
            return Ok(());
        }
        let posted = self.outbox.append_to(&mut self.ledger, CURSOR, through);
        if self.may_go_on(posted)?.is_none() {
            return Ok(());
        }
        if !self.behind {
            self.through = self.ledger.last_record();
        }
        let Posted { views, forgotten, cases, entered, transitions } = self.outbox.posted();
        self.out.board.post(views.into_values());
        self.out.board.remove(forgotten);
        // Before the cases of the same judgment are there to be written.
        self.out.precedence.announce(transitions.len());
        self.out.board.post_cases(cases.into_values());
        self.out.board.post_entered(entered);
        for transition in transitions {
            // Events tell people sooner; the ledger holds every transition.
            if self.out.transitions.try_send(transition).is_err() {
                self.metrics.events_dropped.inc();
            }
        }
        Ok(())
    }

    fn seal(&mut self, now: Timestamp) -> Result<(), ClerkError> {
        let pending = self.ledger.pending();
        self.metrics.pending(&pending);
        let is_old = pending.oldest.is_some_and(|oldest| now.duration_since(oldest).abs() >= self.pace.seal);
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
    fn close(mut self, now: Timestamp) -> Result<(), ClerkError> {
        let published = self.published.borrow().clone();
        if let Some(published) = published {
            if self.outbox.is_empty() {
                self.judge(&published, now);
            }
            self.post(now)?;
        }
        let sealed = self.ledger.seal(now);
        self.may_go_on(sealed)?;
        Ok(())
    }

    /// Nothing of a failed call was appended. Without room on the disk it is tried again, and until then nothing is
    /// acknowledged; other failures end the process.
    fn may_go_on<T>(&self, result: Result<T, LedgerError>) -> Result<Option<T>, ClerkError> {
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
