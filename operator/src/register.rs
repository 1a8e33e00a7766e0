//! The register in the cluster: watches → objects → ruleset.
//!
//! ```text
//! API server ─watch─► a store per kind ─► last good objects ─compile─► Published ─► judging
//!                                                │                     └─► conditions on the objects (leader only)
//! ```
//!
//! There is one watch per kind. An object that cannot be decoded, or that its schema rejects, is reported, and its last
//! good version stays in force, even over a restart; the rest of the register stays live. [`Published::stale`] says whether
//! everything is up to date. Nothing is published before every kind was listed once.
//!
//! If any task ends or panics, so does [`RegisterWatch::task`].

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

use crate::objects::{Objects, condition::ConditionUpdate, watch::WatchErrors};

/// The running watches of the register.
#[derive(Debug)]
pub struct RegisterWatch {
    /// The register in force. `None` until every kind was listed once.
    pub published: sync::watch::Receiver<Option<Arc<Published>>>,
    /// Counter of watch errors, also for other watches.
    pub watch_errors: WatchErrors,
    /// The cluster's Nodes.
    pub(crate) nodes: Store<NodeNetworks>,
    /// The Incidents, as people wrote them.
    pub written: sync::watch::Receiver<WrittenIncidents>,
    /// Their statuses, as last read.
    pub(crate) incident_statuses: IncidentStatuses,
    /// For the condition of every agreement about the pods of the nodes; `None`: what the objects say stays.
    pub(crate) pods_captured: sync::watch::Sender<Option<ConditionUpdate>>,
    /// The tasks. They end only because of a fault; abort the handle to stop them.
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
    /// Starts all watches. Statuses go to `objects`, metrics to `registry`. The last good versions of objects are saved in
    /// the file `last_good`.
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
            // Only one task may wait: the store wakes only the last waiter.
            if store.wait_until_ready().await.is_ok() {
                desired.observe_in(store.clone());
                incidents::publish(store, publish_written).await;
            }
            "publishes what people wrote"
        });
        let (pods_captured, captured) = sync::watch::channel(None);
        let file = LastGoodFile::new(last_good);
        let compiler = Compiler::new(kinds, networks, captured, file, watches.changes(), metrics.clone());
        let statuses = objects.register_statuses.clone();
        tasks.spawn(async move {
            compiler.run(publish, statuses).await;
            "compiles the register"
        });
        // The set is dropped with this task and aborts the remaining ones.
        let task = tokio::spawn(async move {
            match tasks.join_next().await {
                Some(Err(error)) => RegisterError::Panicked(error),
                Some(Ok(name)) => RegisterError::Ended(name),
                None => RegisterError::Ended("watches"),
            }
        });
        let incident_statuses = IncidentStatuses::new(incidents);
        Ok(Self { published, watch_errors, nodes, written, incident_statuses, pods_captured, task })
    }
}
