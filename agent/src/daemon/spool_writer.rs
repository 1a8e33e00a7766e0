//! Writes observations to the spool, in a thread of its own: a slow disk must not cost a packet.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel},
    },
    time::{Duration, Instant},
};

use landfall_observation::{Identity, Observation, encode};
use landfall_process::readiness::Readiness;
use prometheus::IntGauge;

use super::health::SPOOL_NOT_WRITABLE;
use crate::spool::{AppendError, Entry, Spool};

/// Maximum number of batches that wait to be written; with more, the capture holds its windows.
const QUEUED: usize = 8;
/// How often to check for room, and to retry writes that the disk rejected.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// How often to sync: a crash of the machine loses the observations of at most this time.
const SYNC_INTERVAL: Duration = Duration::from_secs(5);
/// How long to retry writes when the agent stops.
const LAST_ATTEMPTS: Duration = Duration::from_secs(5);
/// Maximum number of observations per append, so that shipping does not wait long for the lock of the spool.
const BATCH: usize = 1000;

/// The sending side of the queue, for the capture.
#[derive(Debug)]
pub(super) struct SpoolQueue {
    sender: Sender<Vec<Observation>>,
    queued: Arc<AtomicUsize>,
    room: Arc<AtomicBool>,
}

/// Writes the queued observations to the spool.
#[derive(Debug)]
pub(super) struct SpoolWriter {
    observations: Receiver<Vec<Observation>>,
    queued: Arc<AtomicUsize>,
    room: Arc<AtomicBool>,
    spool: Arc<Mutex<Spool>>,
    readiness: Readiness,
    writable: IntGauge,
    appended: SyncSender<()>,
    /// Observations that are not written yet.
    waiting: VecDeque<Entry>,
    synced: Instant,
}

/// Observations that could not be written before the agent had to stop.
#[derive(Debug, thiserror::Error)]
#[error("{count} observations are lost: the spool did not take them")]
pub(super) struct Lost {
    count: usize,
    #[source]
    source: AppendError,
}

impl SpoolQueue {
    /// Whether the spool accepts more observations at the moment.
    pub(super) fn has_room(&self) -> bool {
        self.room.load(Ordering::Acquire) && self.queued.load(Ordering::Acquire) < QUEUED
    }

    /// Queues observations without blocking: callers check [`Self::has_room`] before.
    pub(super) fn push(&self, observations: Vec<Observation>) {
        if !observations.is_empty() {
            self.queued.fetch_add(1, Ordering::AcqRel);
            // The writer ends before the capture only if it fails, which ends the process.
            let _ = self.sender.send(observations);
        }
    }
}

impl SpoolWriter {
    pub(super) fn new(
        spool: Arc<Mutex<Spool>>,
        readiness: Readiness,
        writable: IntGauge,
        appended: SyncSender<()>,
    ) -> (SpoolQueue, Self) {
        let (sender, observations) = channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let room = Arc::new(AtomicBool::new(lock(&spool).has_room()));
        let queue = SpoolQueue { sender, queued: Arc::clone(&queued), room: Arc::clone(&room) };
        let waiting = VecDeque::new();
        let synced = Instant::now();
        (queue, Self { observations, queued, room, spool, readiness, writable, appended, waiting, synced })
    }

    /// Runs until the capture has ended and all its observations are written.
    pub(super) fn run(mut self) -> Result<(), Lost> {
        self.update_state(Ok(()));
        loop {
            match self.observations.recv_timeout(CHECK_INTERVAL) {
                Ok(observations) => {
                    self.waiting.extend(observations.iter().map(entry));
                    self.queued.fetch_sub(1, Ordering::AcqRel);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            let outcome = self.write();
            self.update_state(outcome);
            self.sync(SYNC_INTERVAL);
        }
    }

    /// Appends the waiting observations, and wakes the shipping thread.
    fn write(&mut self) -> Result<(), AppendError> {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(BATCH);
            let entries = &self.waiting.make_contiguous()[..count];
            let outcome = lock(&self.spool).append(entries);
            let appended = outcome.as_ref().map_or_else(|error| error.appended, |()| count);
            self.waiting.drain(..appended);
            if appended > 0 {
                // A full channel already holds a notification.
                let _ = self.appended.try_send(());
            }
            outcome?;
        }
        Ok(())
    }

    /// Publishes whether the spool has room and is writable.
    fn update_state(&mut self, outcome: Result<(), AppendError>) {
        let is_writable = outcome.is_ok();
        self.room.store(is_writable && lock(&self.spool).has_room(), Ordering::Release);
        let was_writable = self.readiness.set(SPOOL_NOT_WRITABLE, is_writable);
        self.writable.set(i64::from(is_writable));
        match outcome {
            Err(AppendError { source, .. }) if was_writable => {
                tracing::error!(error = %source, "The spool is not writable; observations are held in memory");
            }
            Ok(()) if !was_writable => tracing::info!("The spool is writable"),
            _ => {}
        }
    }

    fn finish(mut self) -> Result<(), Lost> {
        let deadline = Instant::now() + LAST_ATTEMPTS;
        loop {
            match self.write() {
                Ok(()) => break,
                Err(source) if Instant::now() >= deadline => {
                    return Err(Lost { count: self.waiting.len(), source });
                }
                Err(_) => std::thread::sleep(CHECK_INTERVAL),
            }
        }
        self.sync(Duration::ZERO);
        Ok(())
    }

    fn sync(&mut self, interval: Duration) {
        if self.synced.elapsed() < interval {
            return;
        }
        self.synced = Instant::now();
        let file = lock(&self.spool).to_sync();
        if let Some(file) = file
            && let Err(error) = file.sync_data()
        {
            tracing::error!(%error, "Failed to sync the spool to disk");
        }
    }
}

fn entry(observation: &Observation) -> Entry {
    let Identity { epoch, seq, .. } = observation.identity;
    Entry { epoch, seq, line: encode(observation) }
}

fn lock(spool: &Mutex<Spool>) -> MutexGuard<'_, Spool> {
    spool.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
