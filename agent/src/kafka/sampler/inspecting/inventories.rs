//! Takes inventories beside the reading, in a thread of their own: each waits for answers of every broker.

use std::{
    sync::mpsc::{Receiver, sync_channel},
    thread,
    time::Duration,
};

use super::{super::plan::Plan, consumer::ANSWER_LIMIT};
use crate::kafka::inventory::{self, Inventory, InventoryError, InventoryOptions};

/// How soon after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Inventories as they are taken.
pub(super) struct Inventories(Receiver<Result<Box<Inventory>, InventoryError>>);

impl Inventories {
    /// Takes them as often as the plan says, the first at once.
    pub(super) fn start(plan: &Plan) -> Option<Self> {
        let interval = Duration::from_secs(u64::from(plan.inventory_seconds?.max(1)));
        let connection = plan.connection.clone();
        // One waits at most, so that old ones do not pile up.
        let (sender, inventories) = sync_channel(1);
        thread::spawn(move || {
            loop {
                let taken = inventory::collect(&connection, InventoryOptions { timeout: ANSWER_LIMIT });
                let wait = if taken.is_ok() { interval } else { RETRY_INTERVAL };
                if sender.send(taken.map(Box::new)).is_err() {
                    return;
                }
                thread::sleep(wait);
            }
        });
        Some(Self(inventories))
    }

    /// One that was taken since the last call, or why it was not.
    pub(super) fn taken(&self) -> Option<Result<Box<Inventory>, InventoryError>> {
        self.0.try_recv().ok()
    }
}
