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
//! All tasks are in one: any end of any of them, a panic too, is the end of [`Index::task`].

pub(crate) mod agent_configuration;
mod compiler;
mod debounce;
mod desired_status;
mod kinds;
mod last_good;
mod last_good_file;
mod last_good_forms;
pub(crate) mod metrics;
mod namespaces;
mod networks;
mod published;
mod statuses;
mod watch;

use std::{path::PathBuf, sync::Arc};

use kube::{Client, runtime::reflector::Store};
use tokio::{
    sync,
    task::{JoinHandle, JoinSet},
};

pub use namespaces::{CONSENT_LABEL, Namespaces, TENANT_LABEL};
pub use published::{Published, Stale};

use compiler::Compiler;
use kinds::Kinds;
use last_good_file::Keeper;
use metrics::Metrics;
use networks::Networks;
pub(crate) use networks::NodeNetworks;
use watch::Watches;

use crate::objects::watch::WatchErrors;

/// The index at work.
#[derive(Debug)]
pub struct Index {
    /// What judges. `None` until every kind was listed once.
    pub published: sync::watch::Receiver<Option<Arc<Published>>>,
    /// Where errors of watches are counted, those of others too.
    pub watch_errors: WatchErrors,
    /// The cluster's Nodes.
    pub(crate) nodes: Store<NodeNetworks>,
    /// Its tasks. They end only by a fault of their own; abort it to stop.
    pub task: JoinHandle<IndexError>,
}

/// Why the index ended.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A task returned.
    #[error("the task that {0} has ended")]
    Ended(&'static str),
    /// A task panicked.
    #[error("a task of the index panicked")]
    Panicked(#[source] tokio::task::JoinError),
}

impl Index {
    /// Starts all watches. Conditions are written while `leading` holds; metrics go to `registry`. The last good forms
    /// of objects are kept in the file `kept`.
    pub fn spawn(
        client: Client,
        leading: sync::watch::Receiver<bool>,
        registry: &prometheus::Registry,
        kept: PathBuf,
    ) -> Result<Self, prometheus::Error> {
        let metrics = Metrics::register(registry)?;
        let mut tasks = JoinSet::new();
        let watch_errors = WatchErrors::register(registry)?;
        let mut watches = Watches::new(client.clone(), watch_errors.clone());
        let kinds = Kinds::watch(&mut watches, &mut tasks);
        let (publish, published) = sync::watch::channel(None);
        let (want, wanted) = sync::watch::channel(Arc::default());
        let networks = Networks::watch(&mut watches, &mut tasks);
        let nodes = networks.nodes();
        let compiler = Compiler::new(kinds, networks, Keeper::new(kept), watches.changes(), metrics.clone());
        tasks.spawn(async move {
            compiler.run(publish, want).await;
            "compiles the register"
        });
        tasks.spawn(async move {
            statuses::write(client, wanted, leading, metrics).await;
            "writes conditions"
        });
        // Dropped with the task, the set aborts what is left.
        let task = tokio::spawn(async move {
            match tasks.join_next().await {
                Some(Err(error)) => IndexError::Panicked(error),
                Some(Ok(name)) => IndexError::Ended(name),
                None => IndexError::Ended("watches"),
            }
        });
        Ok(Self { published, watch_errors, nodes, task })
    }
}
