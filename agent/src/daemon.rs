//! The agent on a node of a cluster: one process that captures, attributes, keeps and sends.
//!
//! ```text
//! source (thread) ─observations─► keeper (thread) ─► spool ─► shipping (thread) ─► operator
//!    ▲ pods, configuration (tasks)     └─ has the spool room? ─► the windows are held
//! ```
//!
//! The source is the live capture today. Nothing else here depends on it, nor on pods: they are watched where flows are
//! to be attributed to them.
//!
//! The end of any thread or task is the end of the process, and says so. On SIGTERM the capture ends first, then what
//! it made goes to the spool, then there are a few seconds left to send.

mod args;
mod capturing;
mod configuration;
mod health;
mod keeper;
mod parts;
mod sending;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use ipnet::IpNet;
use jiff::Timestamp;
use kube::Client;
use landfall_observation::AgentConfiguration;
use tokio::{
    net::TcpListener,
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

pub use self::args::Args;
use self::{
    capturing::{Capturing, Observing},
    configuration::ConfigurationFile,
    health::{Health, Status},
    keeper::Keeper,
    parts::{Ended, Parts},
    sending::Sending,
};
use crate::{
    afpacket::{Capture, CaptureConfig, CaptureError},
    attribution::{Directory, Workloads},
    locate::{LocateError, Locator, LocatorConfig},
    metrics::Metrics,
    pipeline::{Limits, Observer, Setting},
    pods::Pods,
    ship::{Direct, DirectConfig, Ours, Shipper},
    source::Source,
    spool::{Recovered, Spool, SpoolError},
    translation::Translation,
};

/// How long it may take until the capture has ended and the spool has what it made.
const SETTLING: Duration = Duration::from_secs(15);
/// How long is tried to send after that.
const PARTING: Duration = Duration::from_secs(5);

/// What a daemon is to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the node, and of the agent.
    pub node: String,
    /// What to capture, if anything.
    pub capture: Option<CaptureConfig>,
    /// Whether the pods of the node are watched.
    pub pods: bool,
    /// Bounds of the flow table.
    pub limits: Limits,
    /// Where to send it.
    pub operator: DirectConfig,
    /// Where to keep it until then.
    pub spool: PathBuf,
    /// Bytes at which no more is kept.
    pub spool_cap: u64,
    /// The agent configuration.
    pub configuration: Option<PathBuf>,
    /// Folder of location datasets.
    pub locations: Option<PathBuf>,
    /// Networks of pods and nodes.
    pub local_networks: Vec<IpNet>,
    /// Which addresses stand for others.
    pub translation: Translation,
    /// Where to serve metrics and health.
    pub listen: SocketAddr,
}

/// Why the daemon does not start, or has ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// No source is asked for.
    #[error("nothing would be observed: expected --interface (LANDFALL_INTERFACE), the interfaces to capture")]
    NoSource,
    /// Nothing can be captured.
    #[error("failed to capture")]
    Capture(#[from] CaptureError),
    /// The spool is of no use.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A location dataset does not read.
    #[error("failed to load the location datasets")]
    Locate(#[from] LocateError),
    /// The address for metrics is taken, or there is no runtime.
    #[error("failed to {action}")]
    Start {
        /// What was tried.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The API server cannot be addressed.
    #[error("failed to address the API server")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The metrics contradict each other.
    #[error("failed to register the metrics")]
    Metrics(#[from] prometheus::Error),
    /// A thread or task that must not end has.
    #[error(transparent)]
    Ended(#[from] Ended),
}

/// A daemon at work.
#[derive(Debug)]
pub struct Daemon {
    runtime: Runtime,
    parts: Parts,
    address: SocketAddr,
}

impl Daemon {
    /// Starts all parts with the source that is asked for. `client` makes the client of the API server, inside of the
    /// daemon's runtime, if pods are watched.
    pub fn start<C>(mut settings: Settings, client: C) -> Result<Self, DaemonError>
    where
        C: AsyncFnOnce() -> Result<Client, Box<dyn std::error::Error + Send + Sync>>,
    {
        let capture = settings.capture.take().ok_or(DaemonError::NoSource)?;
        Self::observe(settings, || Ok(Capture::open(capture)?), client)
    }

    /// Starts all parts with the live source that `open` opens, whatever is to be captured.
    pub fn observe<S, C>(
        settings: Settings,
        open: impl FnOnce() -> Result<S, DaemonError>,
        client: C,
    ) -> Result<Self, DaemonError>
    where
        S: Source + Send + 'static,
        C: AsyncFnOnce() -> Result<Client, Box<dyn std::error::Error + Send + Sync>>,
    {
        let Settings { cluster, node, capture: _, pods, limits, operator, spool: folder, spool_cap, .. } = settings;
        let Settings { configuration, locations, local_networks, translation, listen, .. } = settings;
        let metrics = Arc::new(Metrics::new()?);
        let datasets = locations.as_deref().map(LocatorConfig::from_dir).transpose()?.unwrap_or_default();
        let locator = Locator::open(&LocatorConfig { translation, ..datasets })?;
        let (mut spool, recovered) = Spool::open(&folder, spool_cap)?;
        report(&recovered);
        let epoch = spool.begin_epoch(Timestamp::now())?;
        let spool = Arc::new(Mutex::new(spool));
        let source = open()?;
        let directory = if pods { Directory::new(local_networks) } else { Directory::without_pods(local_networks) };
        let directory = Arc::new(directory);
        let ours = Ours { cluster: cluster.clone(), agent: node.clone() };
        let observer = Observer::new(Setting {
            cluster,
            agent: node.clone(),
            epoch,
            configuration: AgentConfiguration::default(),
            workloads: Workloads::of_node(Arc::clone(&directory)),
            locator,
            limits,
        });

        let fail = |action| move |source| DaemonError::Start { action, source };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(fail("start the runtime"))?;
        let listener = runtime.block_on(TcpListener::bind(listen)).map_err(fail("listen for metrics"))?;
        let address = listener.local_addr().map_err(fail("listen for metrics"))?;
        let client = pods.then(|| runtime.block_on(client())).transpose().map_err(DaemonError::Client)?;

        let status = Arc::new(Status::new(pods));
        let (parts, starter) = Parts::new();
        let (configure, configurations) = mpsc::channel();
        let (news, newcomers) = mpsc::sync_channel(1);
        let (intake, keeper) =
            Keeper::new(Arc::clone(&spool), Arc::clone(&status), metrics.spool.writable.clone(), news);
        let sending = Sending { newcomers, stop: parts.sending_stop() };
        let shipper = Shipper::new(Arc::clone(&spool), Direct::new(operator), ours, Arc::clone(&metrics.ship));
        let observing = Observing {
            observer,
            intake,
            configurations,
            directory: Arc::clone(&directory),
            status: Arc::clone(&status),
            metrics: metrics.capture.clone(),
            unattributed: metrics.pods.unattributed.clone(),
            held: false,
        };
        let capturing = Capturing { source, observing, stop: parts.capture_stop() };
        starter.thread("sending", move || sending.run(shipper)).map_err(fail("start a thread"))?;
        starter.thread("keeping", move || keeper.run()).map_err(fail("start a thread"))?;
        starter.thread("capture", move || capturing.run()).map_err(fail("start a thread"))?;

        if let Some(client) = client {
            let pods = Pods::new(node, directory, metrics.pods.clone(), status.pods_listed());
            starter.task("pods", runtime.handle(), pods.follow(client));
        }
        if let Some(path) = configuration {
            let file = ConfigurationFile::new(path, metrics.config_stale.clone());
            starter.task("configuration", runtime.handle(), file.follow(configure));
        }
        let health = Health { status, metrics, spool, cap: spool_cap };
        starter.task("health", runtime.handle(), health.serve(listener));
        Ok(Self { runtime, parts, address })
    }

    /// Where metrics and health are served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops when the process is asked to, by SIGTERM or SIGINT.
    pub fn on_signal(&self, stop: oneshot::Sender<()>) -> Result<(), DaemonError> {
        let _inside = self.runtime.enter();
        let fail = |source| DaemonError::Start { action: "listen for signals", source };
        let mut terminated = signal(SignalKind::terminate()).map_err(fail)?;
        let mut interrupted = signal(SignalKind::interrupt()).map_err(fail)?;
        self.runtime.spawn(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            tracing::info!("The agent is asked to stop");
            // Nobody waits for it any more if the agent is ending already.
            let _ = stop.send(());
        });
        Ok(())
    }

    /// Runs until `stop` comes, which is well, or a part ends, which is not.
    pub fn run(self, stop: oneshot::Receiver<()>) -> Result<(), DaemonError> {
        let Self { runtime, mut parts, .. } = self;
        let outcome = runtime.block_on(async {
            tokio::select! {
                _ = stop => Ok(()),
                ended = parts.ended() => Err(ended),
            }
        });
        runtime.block_on(parts.stop(SETTLING, PARTING, outcome.as_ref().err()));
        // A delivery under way may hold its thread for longer; the process ends all the same.
        runtime.shutdown_background();
        Ok(outcome?)
    }
}

fn report(recovered: &Recovered) {
    let Recovered { records, torn_bytes, damaged, foreign } = recovered;
    tracing::info!(records, torn_bytes, "The spool is open");
    if *damaged > 0 || !foreign.is_empty() {
        tracing::error!(damaged, foreign = foreign.len(), "Parts of the spool did not read; they are kept apart");
    }
}
