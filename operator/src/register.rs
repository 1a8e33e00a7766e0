//! The register as the cluster holds it: objects → what judges.
//!
//! ```text
//! API server ─watch─► store, one a kind ─► held objects ─compile─► Published ─► whoever judges
//!                                                │                     └─► conditions on the objects (leader only)
//! ```
//!
//! One watch a kind. An object that this version cannot read, or that its schema refuses, is reported and counts in
//! its last good form, over a restart, too; the rest of the register stays live. What is published says
//! whether all of it is up to date ([`Published::stale`]). Nothing is published before every kind was listed once.
//!
//! All tasks are in one: any end of any of them, a panic too, is the end of [`RegisterWatch::task`].

pub(crate) mod agent_configuration;
mod compiler;
mod debounce;
mod desired_status;
mod incidents;
mod kinds;
mod last_good;
mod last_good_file;
mod last_good_forms;
pub(crate) mod metrics;
mod namespaces;
mod networks;
mod published;
mod watch;

use std::{path::PathBuf, sync::Arc};

use kube::{Client, runtime::reflector::Store};
use landfall_api::{IncidentSpec, Kind as _, Stored};
use tokio::{
    sync,
    task::{JoinHandle, JoinSet},
};

pub(crate) use incidents::IncidentStatuses;
pub use incidents::{WrittenIncident, WrittenIncidents};
pub use namespaces::{CONSENT_LABEL, Namespaces, TENANT_LABEL};
pub use published::{Published, Stale};

use compiler::Compiler;
use kinds::Kinds;
use last_good_file::LastGoodFile;
use metrics::Metrics;
use networks::Networks;
pub(crate) use networks::NodeNetworks;
use watch::Watches;

use crate::objects::{Objects, watch::WatchErrors};

/// The register at work.
#[derive(Debug)]
pub struct RegisterWatch {
    /// What judges. `None` until every kind was listed once.
    pub published: sync::watch::Receiver<Option<Arc<Published>>>,
    /// Where errors of watches are counted, those of others too.
    pub watch_errors: WatchErrors,
    /// The cluster's Nodes.
    pub(crate) nodes: Store<NodeNetworks>,
    /// The Incidents, as people wrote them.
    pub written: sync::watch::Receiver<WrittenIncidents>,
    /// What the operator said last about them.
    pub(crate) incident_statuses: IncidentStatuses,
    /// Its tasks. They end only by a fault of their own; abort it to stop.
    pub task: JoinHandle<RegisterError>,
}

/// Why the register ended.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A task returned.
    #[error("the task that {0} has ended")]
    Ended(&'static str),
    /// A task panicked.
    #[error("a task of the register panicked")]
    Panicked(#[source] tokio::task::JoinError),
}

impl RegisterWatch {
    /// Starts all watches. What is to be said about objects goes to `objects`, metrics to `registry`. The last good forms
    /// of objects are kept in the file `last_good`.
    pub fn spawn(
        client: &Client,
        objects: &Objects,
        registry: &prometheus::Registry,
        last_good: PathBuf,
    ) -> Result<Self, prometheus::Error> {
        let metrics = Metrics::register(registry)?;
        let mut tasks = JoinSet::new();
        let watch_errors = WatchErrors::register(registry)?;
        let mut watches = Watches::new(client.clone(), watch_errors.clone());
        let kinds = Kinds::watch(&mut watches, &mut tasks);
        let (publish, published) = sync::watch::channel(None);
        let networks = Networks::watch(&mut watches, &mut tasks);
        let nodes = networks.nodes();
        let incidents = watches.start_silent::<Stored<IncidentSpec>>(IncidentSpec::KIND, &mut tasks).store();
        let (publish_written, written) = sync::watch::channel(None);
        let (store, desired) = (incidents.clone(), objects.incidents.clone());
        tasks.spawn(async move {
            // One waits for all: of several that wait the store wakes the last.
            if store.wait_until_ready().await.is_ok() {
                desired.observe_in(store.clone());
                incidents::publish(store, publish_written).await;
            }
            "publishes what people wrote"
        });
        let compiler = Compiler::new(kinds, networks, LastGoodFile::new(last_good), watches.changes(), metrics.clone());
        let statuses = objects.register_statuses.clone();
        tasks.spawn(async move {
            compiler.run(publish, statuses).await;
            "compiles the register"
        });
        // Dropped with the task, the set aborts what is left.
        let task = tokio::spawn(async move {
            match tasks.join_next().await {
                Some(Err(error)) => RegisterError::Panicked(error),
                Some(Ok(name)) => RegisterError::Ended(name),
                None => RegisterError::Ended("watches"),
            }
        });
        Ok(Self { published, watch_errors, nodes, written, incident_statuses: IncidentStatuses::new(incidents), task })
    }
}
