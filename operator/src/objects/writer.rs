//! The single task that writes objects.

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
    queue::{DueWrite, FreeSlots, Queue},
    watch::{WatchErrors, run_watch},
};

/// How often desired and observed state are compared without a notification.
const COMPARE_INTERVAL: Duration = Duration::from_millis(200);
/// Minimum interval between comparisons, because changes come in bursts of thousands.
const MIN_INTERVAL: Duration = Duration::from_millis(20);
/// Maximum number of writes in flight.
const MAX_IN_FLIGHT: usize = 16;
/// Additional writes in flight for priorities with reserved slots.
const RESERVED_SLOTS: usize = 2;

/// A source of writes.
pub(super) trait WriteSource: Send + Sync {
    /// The writes that are due; `source` is its own index among the sources.
    fn due(&self, source: usize, now: Instant) -> Vec<DueWrite>;

    /// Starts one of them. The future stores the outcome.
    fn start(&self, key: &ObjectKey, client: &Client) -> Option<BoxFuture<'static, ()>>;
}

/// Writes the desired state while this replica leads.
pub struct Writer {
    client: Client,
    sources: Vec<Box<dyn WriteSource>>,
    objects: Objects,
    changed: Arc<Notify>,
    leading: watch::Receiver<bool>,
    errors: WatchErrors,
}

/// The writer has ended because the watch of Transfers ended.
#[derive(Debug, thiserror::Error)]
#[error("the watch of Transfers has ended")]
pub struct WriterEnded;

impl Writer {
    /// A writer of the desired state in `objects`.
    pub fn new(client: Client, objects: Objects, leading: watch::Receiver<bool>, errors: WatchErrors) -> Self {
        let changed = objects.changed.clone();
        let all = objects.clone();
        let sources: Vec<Box<dyn WriteSource>> = vec![
            Box::new(all.requests),
            Box::new(all.config_maps),
            Box::new(all.transfers),
            Box::new(all.incidents),
            Box::new(all.register_statuses),
            Box::new(all.events),
        ];
        Self { client, sources, objects, changed, leading, errors }
    }

    /// Runs until the watch of Transfers ends, which is a fault.
    pub async fn run(mut self) -> WriterEnded {
        let mut watches = self.watch_transfers();
        let (mut general, mut reserved) = (JoinSet::new(), JoinSet::new());
        let mut queue = Queue::default();
        let mut due = interval(COMPARE_INTERVAL);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut compared = Instant::now();
        loop {
            tokio::select! {
                () = self.changed.notified() => {
                    due.reset_at(compared + MIN_INTERVAL);
                    continue;
                }
                _ = due.tick() => {
                    self.compare(&mut queue);
                    compared = Instant::now();
                }
                // A panic in a write is a bug: that object stays as it is until the next start, all others go on.
                Some(_) = general.join_next() => {}
                Some(_) = reserved.join_next() => {}
                Some(ended) = watches.join_next() => {
                    // Stopping the program cancels its tasks.
                    if !matches!(&ended, Err(error) if error.is_cancelled()) {
                        tracing::error!(?ended, "The watch of Transfers has ended");
                    }
                    return WriterEnded;
                }
            }
            // Only the holder of the Lease may write.
            while *self.leading.borrow_and_update() {
                let slots =
                    FreeSlots { general: MAX_IN_FLIGHT - general.len(), reserved: RESERVED_SLOTS - reserved.len() };
                let Some(DueWrite { priority, source, key, .. }) = queue.pop(slots, Instant::now()) else { break };
                let Some(write) = self.sources[source].start(&key, &self.client) else { continue };
                let writes = if priority.has_reserve() && reserved.len() < RESERVED_SLOTS {
                    &mut reserved
                } else {
                    &mut general
                };
                writes.spawn(write);
            }
        }
    }

    fn compare(&self, queue: &mut Queue) {
        let now = Instant::now();
        queue.replace(self.sources.iter().enumerate().flat_map(|(at, source)| source.due(at, now)).collect());
    }

    /// Watches Transfers, which only the writer reads.
    fn watch_transfers(&self) -> JoinSet<()> {
        let (store, filled) = reflector::store();
        let mut watches = JoinSet::new();
        let api = Api::<Stored<TransferSpec>>::all(self.client.clone());
        let transfers = self.objects.transfers.clone();
        let errors = self.errors.clone();
        watches.spawn(async move {
            let listed = store.clone();
            let following = run_watch(api, TransferSpec::KIND, filled, errors, |_| ());
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
