//! Observations from the capture into the spool, in a thread of their own: a slow disk must not cost a packet.

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
use prometheus::IntGauge;

use super::health::Status;
use crate::spool::{AppendError, Entry, Spool};

/// Hand-overs that may be under way; with more, the capture holds its windows.
const UNDER_WAY: usize = 8;
/// How often is looked whether there is room again, and whether a disk takes what it refused.
const LOOK: Duration = Duration::from_millis(500);
/// How much a crash of the machine may cost.
const SYNC: Duration = Duration::from_secs(5);
/// How long a disk that refuses is asked again when the agent stops.
const LAST_TRIES: Duration = Duration::from_secs(5);
/// Most observations that are appended at once, so that sending need not wait long for the spool.
const AT_ONCE: usize = 1000;

/// The capture's end of the way.
#[derive(Debug)]
pub(super) struct Intake {
    sender: Sender<Vec<Observation>>,
    under_way: Arc<AtomicUsize>,
    room: Arc<AtomicBool>,
}

/// Writes to the spool.
#[derive(Debug)]
pub(super) struct Keeper {
    observations: Receiver<Vec<Observation>>,
    under_way: Arc<AtomicUsize>,
    room: Arc<AtomicBool>,
    spool: Arc<Mutex<Spool>>,
    status: Arc<Status>,
    writable: IntGauge,
    news: SyncSender<()>,
    /// What the disk has not taken yet.
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

impl Intake {
    /// Whether the spool takes more, or would have to be waited for.
    pub(super) fn has_room(&self) -> bool {
        self.room.load(Ordering::Acquire) && self.under_way.load(Ordering::Acquire) < UNDER_WAY
    }

    /// Hands observations over. Never waits; whoever hands over asks for room before.
    pub(super) fn hand_over(&self, observations: Vec<Observation>) {
        if !observations.is_empty() {
            self.under_way.fetch_add(1, Ordering::AcqRel);
            // The keeper ends before us only by a fault of its own, which ends the process.
            let _ = self.sender.send(observations);
        }
    }
}

impl Keeper {
    pub(super) fn new(
        spool: Arc<Mutex<Spool>>,
        status: Arc<Status>,
        writable: IntGauge,
        news: SyncSender<()>,
    ) -> (Intake, Self) {
        let (sender, observations) = channel();
        let under_way = Arc::new(AtomicUsize::new(0));
        let room = Arc::new(AtomicBool::new(lock(&spool).has_room()));
        let intake = Intake { sender, under_way: Arc::clone(&under_way), room: Arc::clone(&room) };
        let waiting = VecDeque::new();
        let synced = Instant::now();
        (intake, Self { observations, under_way, room, spool, status, writable, news, waiting, synced })
    }

    /// Runs until the capture is through and all it made is written.
    pub(super) fn run(mut self) -> Result<(), Lost> {
        self.look(Ok(()));
        loop {
            match self.observations.recv_timeout(LOOK) {
                Ok(observations) => {
                    self.waiting.extend(observations.iter().map(entry));
                    self.under_way.fetch_sub(1, Ordering::AcqRel);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            let outcome = self.write();
            self.look(outcome);
            self.sync(SYNC);
        }
    }

    /// Writes what waits, and tells the shipping of it.
    fn write(&mut self) -> Result<(), AppendError> {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(AT_ONCE);
            let entries = &self.waiting.make_contiguous()[..count];
            let outcome = lock(&self.spool).append(entries);
            let appended = outcome.as_ref().map_or_else(|error| error.appended, |()| count);
            self.waiting.drain(..appended);
            if appended > 0 {
                // One piece of news is enough.
                let _ = self.news.try_send(());
            }
            outcome?;
        }
        Ok(())
    }

    /// Says whether there is room, and whether the disk takes anything.
    fn look(&mut self, outcome: Result<(), AppendError>) {
        let is_writable = outcome.is_ok();
        self.room.store(is_writable && lock(&self.spool).has_room(), Ordering::Release);
        let was_writable = self.status.set_writable(is_writable);
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
        let deadline = Instant::now() + LAST_TRIES;
        loop {
            match self.write() {
                Ok(()) => break,
                Err(source) if Instant::now() >= deadline => {
                    return Err(Lost { count: self.waiting.len(), source });
                }
                Err(_) => std::thread::sleep(LOOK),
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
