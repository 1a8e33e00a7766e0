//! The one task that writes.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use kube::{Api, Client, runtime::reflector};
use landfall_api::{Kind as _, Stored, TransferSpec};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    ObjectKey, Objects,
    queue::{Due, Queue, Room},
    watch::{WatchErrors, follow},
};

/// How often desired and observed objects are compared, if nobody says that something has changed.
const COMPARE: Duration = Duration::from_millis(200);
/// At the soonest after the comparison before: what rooms change comes in bursts of thousands.
const AT_SOONEST: Duration = Duration::from_millis(20);
/// Writes under way at once.
const AT_ONCE: usize = 16;
/// Further ones, of those that have a reserve.
const RESERVE: usize = 2;

/// What holds objects that are to be written.
pub(super) trait Lane: Send + Sync {
    /// What is due now; `lane` is its place among the lanes.
    fn due(&self, lane: usize, now: Instant) -> Vec<Due>;

    /// Begins to write one of them. The future takes down what came of it.
    fn start(&self, key: &ObjectKey, client: &Client) -> Option<BoxFuture<'static, ()>>;
}

/// Writes what is desired, while this replica leads.
pub struct Writer {
    client: Client,
    lanes: Vec<Box<dyn Lane>>,
    objects: Objects,
    changed: Arc<Notify>,
    leading: watch::Receiver<bool>,
    errors: WatchErrors,
}

/// The writer has ended: the watch of the objects that it writes has.
#[derive(Debug, thiserror::Error)]
#[error("the watch of Transfers has ended")]
pub struct WriterEnded;

impl Writer {
    /// A writer of what is desired in `objects`.
    pub fn new(client: Client, objects: Objects, leading: watch::Receiver<bool>, errors: WatchErrors) -> Self {
        let changed = objects.changed.clone();
        let all = objects.clone();
        let lanes: Vec<Box<dyn Lane>> = vec![
            Box::new(all.requests),
            Box::new(all.config_maps),
            Box::new(all.transfers),
            Box::new(all.incidents),
            Box::new(all.register_statuses),
            Box::new(all.events),
        ];
        Self { client, lanes, objects, changed, leading, errors }
    }

    /// Writes until the watch of Transfers ends, which is a fault.
    pub async fn run(mut self) -> WriterEnded {
        let mut watches = self.watch_transfers();
        let (mut general, mut reserved) = (JoinSet::new(), JoinSet::new());
        let mut queue = Queue::default();
        let mut due = interval(COMPARE);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut compared = Instant::now();
        loop {
            tokio::select! {
                () = self.changed.notified() => {
                    due.reset_at(compared + AT_SOONEST);
                    continue;
                }
                _ = due.tick() => {
                    self.compare(&mut queue);
                    compared = Instant::now();
                }
                // A write that panicked is a fault of ours: until the next start that object stays as it is, and all
                // others go on.
                Some(_) = general.join_next() => {}
                Some(_) = reserved.join_next() => {}
                Some(ended) = watches.join_next() => {
                    // Whoever stops the program cancels its tasks.
                    if !matches!(&ended, Err(error) if error.is_cancelled()) {
                        tracing::error!(?ended, "The watch of Transfers has ended");
                    }
                    return WriterEnded;
                }
            }
            // Whoever has taken the Lease may write from now on.
            while *self.leading.borrow_and_update() {
                let room = Room { general: AT_ONCE - general.len(), reserved: RESERVE - reserved.len() };
                let Some(Due { priority, lane, key, .. }) = queue.pop(room, Instant::now()) else { break };
                let Some(write) = self.lanes[lane].start(&key, &self.client) else { continue };
                let writes =
                    if priority.has_reserve() && reserved.len() < RESERVE { &mut reserved } else { &mut general };
                writes.spawn(write);
            }
        }
    }

    fn compare(&self, queue: &mut Queue) {
        let now = Instant::now();
        queue.line_up(self.lanes.iter().enumerate().flat_map(|(at, lane)| lane.due(at, now)).collect());
    }

    /// Nobody else reads them.
    fn watch_transfers(&self) -> JoinSet<()> {
        let (store, filled) = reflector::store();
        let mut watches = JoinSet::new();
        let api = Api::<Stored<TransferSpec>>::all(self.client.clone());
        let transfers = self.objects.transfers.clone();
        let errors = self.errors.clone();
        watches.spawn(async move {
            let listed = store.clone();
            let following = follow(api, TransferSpec::KIND, filled, errors, |_| ());
            let listing = async {
                if listed.wait_until_ready().await.is_ok() {
                    transfers.observe_in(store);
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = following => {}
                () = listing => {}
            }
        });
        watches
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("objects", &self.objects).finish_non_exhaustive()
    }
}
