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

/// Most hand-overs that may wait to be written; with more, the capture holds its windows.
const QUEUED: usize = 8;
/// How often to check whether there is room again, and to offer a disk what it refused.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// Observations of how long a crash of the machine may cost.
const SYNC_INTERVAL: Duration = Duration::from_secs(5);
/// For how long to retry a disk that refuses when the agent stops.
const LAST_ATTEMPTS: Duration = Duration::from_secs(5);
/// Most observations to append at once, so that shipping need not wait long for the lock of the spool.
const BATCH: usize = 1000;

/// The capture's end: hands observations to the writer.
#[derive(Debug)]
pub(super) struct SpoolQueue {
    sender: Sender<Vec<Observation>>,
    queued: Arc<AtomicUsize>,
    room: Arc<AtomicBool>,
}

/// Writes to the spool what the queue holds.
#[derive(Debug)]
pub(super) struct SpoolWriter {
    observations: Receiver<Vec<Observation>>,
    queued: Arc<AtomicUsize>,
    room: Arc<AtomicBool>,
    spool: Arc<Mutex<Spool>>,
    readiness: Readiness,
    writable: IntGauge,
    appended: SyncSender<()>,
    /// Observations that the disk has not taken yet.
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
    /// Whether the spool takes more now.
    pub(super) fn has_room(&self) -> bool {
        self.room.load(Ordering::Acquire) && self.queued.load(Ordering::Acquire) < QUEUED
    }

    /// Queues observations. Never waits: its caller asks for room before.
    pub(super) fn push(&self, observations: Vec<Observation>) {
        if !observations.is_empty() {
            self.queued.fetch_add(1, Ordering::AcqRel);
            // The writer ends before us only if it fails, which ends the process.
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

    /// Appends what waits, and wakes the shipping.
    fn write(&mut self) -> Result<(), AppendError> {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(BATCH);
            let entries = &self.waiting.make_contiguous()[..count];
            let outcome = lock(&self.spool).append(entries);
            let appended = outcome.as_ref().map_or_else(|error| error.appended, |()| count);
            self.waiting.drain(..appended);
            if appended > 0 {
                // One that is not taken yet is enough.
                let _ = self.appended.try_send(());
            }
            outcome?;
        }
        Ok(())
    }

    /// Publishes whether there is room, and whether the disk takes anything.
    fn update_state(&mut self, outcome: Result<(), AppendError>) {
        let is_writable = outcome.is_ok();
        self.room.store(is_writable && lock(&self.spool).has_room(), Ordering::Release);
        let was_writable = self.readiness.set(SPOOL_NOT_WRITABLE, is_writable);
        self.writable.set(i64::from(is_writable));
        match outcome {
            Err(AppendError { source, .. }) if was_writable => {
                tracing::error!(error = %source, "The spool does not take observations; they are held in memory");
            }
            Ok(()) if !was_writable => tracing::info!("The spool takes observations"),
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
            tracing::error!(%error, "The spool could not be synced to the disk");
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
