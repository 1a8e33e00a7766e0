//! Takes inventories beside the reading, in a thread of their own: each waits for answers of every broker.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    thread,
    time::Duration,
};

use jiff::Timestamp;

use super::{
    super::{plan::Plan, report::DeclaredByTopic},
    consumer::ANSWER_LIMIT,
};
use crate::kafka::{
    changes::ClusterState,
    connect::ConnectClient,
    declared::Declared,
    inventory::{self, Inventory, InventoryError, InventoryOptions},
    landing::LandingGraph,
    schema_registry::SchemaRegistry,
};

/// How soon after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// Most categories that are declared of a topic, as many as an observation has.
const MAX_DECLARED: usize = 128;

/// Inventories as they are taken.
pub(super) struct Inventories(Receiver<Result<Taken, InventoryError>>);

/// Where messages land, what the registry declares of the topics that are read, and what is compared with before.
pub(super) struct Taken {
    pub(super) graph: LandingGraph,
    pub(super) declared: DeclaredByTopic,
    pub(super) cluster: ClusterState,
}

impl Inventories {
    /// Takes them as often as the plan says, the first at once.
    pub(super) fn start(
        plan: &Plan,
        connect: Vec<ConnectClient>,
        registry: Option<Arc<SchemaRegistry>>,
    ) -> Option<Self> {
        let interval = Duration::from_secs(u64::from(plan.inventory_seconds?.max(1)));
        let plan = plan.clone();
        // One waits at most, so that old ones do not pile up.
        let (sender, inventories) = sync_channel(1);
        thread::spawn(move || {
            loop {
                // What was read before the observation is none of it.
                let options = InventoryOptions { timeout: ANSWER_LIMIT, with_committed: false };
                let inventory = inventory::collect(&plan.connection, options);
                let wait = if inventory.is_ok() { interval } else { RETRY_INTERVAL };
                let taken = inventory.map(|inventory| {
                    let declared =
                        registry.as_ref().map(|registry| declared(&plan, &inventory, registry)).unwrap_or_default();
                    let connect: Vec<_> = connect.iter().map(ConnectClient::ask).collect();
                    let graph = LandingGraph::new(&inventory, &plan.connection.bootstrap, &connect, Timestamp::now());
                    let cluster = ClusterState::new(&inventory, &graph, |topic| plan.reads(topic));
                    Taken { graph, declared, cluster }
                });
                if sender.send(taken).is_err() {
                    return;
                }
                thread::sleep(wait);
            }
        });
        Some(Self(inventories))
    }

    /// One that was taken since the last call, or why it was not.
    pub(super) fn taken(&self) -> Option<Result<Taken, InventoryError>> {
        self.0.try_recv().ok()
    }
}

/// What the latest schemas of the topics declare; only topics of which they declare a category.
fn declared(plan: &Plan, inventory: &Inventory, registry: &SchemaRegistry) -> DeclaredByTopic {
    let read = inventory.topics.iter().filter(|topic| plan.reads(&topic.name));
    let of_topic = read.map(|topic| {
        let categories = Declared::default().with_registry(registry, &topic.name, []).categories();
        (topic.name.clone(), categories.into_iter().take(MAX_DECLARED).collect())
    });
    of_topic.filter(|(_, categories): &(String, BTreeSet<_>)| !categories.is_empty()).collect()
}
