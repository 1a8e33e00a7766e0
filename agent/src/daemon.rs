//! The agent on a node of a cluster: one process that captures, attributes, spools and ships.
//!
//! ```text
//! source (thread) ─observations─► spool writer (thread) ─► spool ─► shipping (thread) ─► operator
//!    ▲ pods, configuration (tasks)     └─ full? then windows are held in memory
//! ```
//!
//! The source is the live capture. Nothing else here depends on it, nor on pods, which are watched only if flows are to
//! be attributed to them. An agent that watches buses has no source: see `buses`.
//!
//! The end of any thread or task ends the process, with the reason. On SIGTERM the capture ends first, then its last
//! observations go to the spool, then there are a few seconds to deliver them.

mod args;
#[cfg(feature = "kafka")]
mod buses;
mod capture_report;
mod capture_thread;
mod configuration;
mod health;
mod prepare_spool;
mod shipping;
mod spool_writer;
mod threads;

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
use landfall_process::{
    stop,
    tasks::{Ended, Tasks},
};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};

pub use self::args::{Args, run};
#[cfg(feature = "kafka")]
pub use self::buses::BusSettings;
use self::{
    capture_report::CaptureReport,
    capture_thread::{CaptureThread, Observing},
    configuration::ConfigurationFile,
    shipping::Shipping,
    spool_writer::SpoolWriter,
    threads::{CAPTURE, SHIPPING, SPOOL_WRITER, Stops},
};
#[cfg(feature = "kafka")]
use crate::kafka::sampler::share::InvalidShare;
use crate::{
    afpacket::{Capture, CaptureConfig, CaptureError, Lack, Sightings},
    attribution::{Directory, Workloads},
    locate::{LocateError, Locator, LocatorConfig},
    metrics::Metrics,
    pipeline::{Limits, Observer, ObserverConfig},
    pod_capture::PodCaptureCheck,
    pods::Pods,
    ship::{AgentIdentity, HttpsConfig, HttpsTransport, NodeReport, Shipper},
    source::Source,
    spool::{Recovered, Spool, SpoolError},
    translation::Translation,
};

/// How long the capture may take to end and to write its last observations to the spool.
const FLUSH: Duration = Duration::from_secs(15);
/// How long to deliver after that.
const LAST_DELIVERIES: Duration = Duration::from_secs(5);

/// Settings of a daemon.
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
    /// Where to deliver observations.
    pub operator: HttpsConfig,
    /// Folder where observations wait to be acknowledged.
    pub spool: PathBuf,
    /// Size of the spool in bytes at which windows are held in memory instead.
    pub spool_cap: u64,
    /// File of the agent configuration.
    pub configuration: Option<PathBuf>,
    /// Folder of location datasets.
    pub locations: Option<PathBuf>,
    /// Networks of pods and nodes; without any, every private address counts as local.
    pub local_networks: Vec<IpNet>,
    /// Which IPv6 addresses represent IPv4 addresses.
    pub translation: Translation,
    /// Where to serve metrics and health.
    pub listen: SocketAddr,
}

/// Why the daemon failed to start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// No source is configured.
    #[error("nothing would be observed: expected --interface (LANDFALL_INTERFACE), the interfaces to capture")]
    NoSource,
    /// It is not configured which buses there are.
    #[error("no bus would be watched: expected --config (LANDFALL_CONFIG), the configuration that names the buses")]
    NoConfiguration,
    /// The name of the agent does not say which of several it is.
    #[cfg(feature = "kafka")]
    #[error(
        "expected a name that ends with the number of the agent, from 0, such as buses-2 of 3 (LANDFALL_BUS_AGENTS)"
    )]
    Share(#[source] InvalidShare),
    /// The container may not capture.
    #[error(
        "failed to capture: the container lacks the capability NET_RAW; add it to the container's securityContext: \
             `capabilities: {{drop: [ALL], add: [NET_RAW]}}`"
    )]
    NotGranted,
    /// The container may capture, the program may not: its file has lost the capability.
    #[error(
        "failed to capture: the container has NET_RAW, but user {user} did not get it from the program's file. \
         Its attribute cap_net_raw=p is lost (a copy, a mount with nosuid, a registry or builder that drops it) or \
         void (`allowPrivilegeEscalation: false` on a container runtime that does not pass the capability on). Use the \
         image as published, set `allowPrivilegeEscalation: true`, or, as a last resort, `runAsUser: 0`"
    )]
    NotInherited {
        /// The process's user.
        user: u32,
    },
    /// The capture cannot start.
    #[error("failed to capture")]
    Capture(#[source] CaptureError),
    /// The spool cannot be opened.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A location dataset cannot be read.
    #[error("failed to load the location datasets")]
    Locate(#[from] LocateError),
    /// The address for metrics is in use, or the runtime cannot be started.
    #[error("failed to {action}")]
    Start {
        /// What was tried.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// No client of the API server can be created.
    #[error("failed to create a client of the API server")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Two metrics have the same name.
    #[error("failed to register the metrics")]
    Metrics(#[from] prometheus::Error),
    /// An essential thread or task ended.
    #[error(transparent)]
    Ended(#[from] Ended),
}

impl From<CaptureError> for DaemonError {
    fn from(error: CaptureError) -> Self {
        match error {
            CaptureError::NotPermitted(Lack::NotBounding) => Self::NotGranted,
            CaptureError::NotPermitted(Lack::NotPermitted { user }) => Self::NotInherited { user },
            error => Self::Capture(error),
        }
    }
}

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    runtime: Runtime,
    tasks: Tasks,
    stops: Stops,
    /// The threads that observe, which are stopped first.
    sources: &'static [&'static str],
    address: SocketAddr,
}

impl Daemon {
    /// Starts with the configured source. `client` creates the client of the API server in the daemon's runtime; it is
    /// called only if pods are watched.
    pub fn start<C>(mut settings: Settings, client: C) -> Result<Self, DaemonError>
    where
        C: AsyncFnOnce() -> Result<Client, Box<dyn std::error::Error + Send + Sync>>,
    {
        let capture = settings.capture.take().ok_or(DaemonError::NoSource)?;
        let sightings = Sightings::default();
        let check = PodCaptureCheck::open(&capture, sightings.clone())?;
        Self::run_source(settings, || Ok(Capture::open(capture)?.with_sightings(sightings)), Some(check), client)
    }

    /// Starts with the source that `open` opens instead of the configured one.
    pub fn observe<S, C>(
        settings: Settings,
        open: impl FnOnce() -> Result<S, DaemonError>,
        client: C,
    ) -> Result<Self, DaemonError>
    where
        S: Source + Send + 'static,
        C: AsyncFnOnce() -> Result<Client, Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::run_source(settings, open, None, client)
    }

    fn run_source<S, C>(
        settings: Settings,
        open: impl FnOnce() -> Result<S, DaemonError>,
        check: Option<PodCaptureCheck>,
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
        let ours = AgentIdentity { cluster: cluster.clone(), agent: node.clone() };
        let observer = Observer::new(ObserverConfig {
            cluster,
            agent: node.clone(),
            epoch,
            configuration: AgentConfiguration::default(),
            workloads: Workloads::from_directory(Arc::clone(&directory)),
            locator,
            limits,
        });

        let fail = |action| move |source| DaemonError::Start { action, source };
        let (runtime, listener, address) = begin_listening(listen)?;
        let client = pods.then(|| runtime.block_on(client())).transpose().map_err(DaemonError::Client)?;

        let readiness = health::readiness(pods);
        let (mut tasks, stops) = (Tasks::new(), Stops::default());
        let (configure, configurations) = mpsc::channel();
        let (appended, wake) = mpsc::sync_channel(1);
        let (queue, writer) =
            SpoolWriter::new(Arc::clone(&spool), readiness.clone(), metrics.spool.writable.clone(), appended);
        let shipping = Shipping { appended: wake, stop: Arc::clone(&stops.shipping) };
        let report = NodeReport::default();
        let shipper = Shipper::new(Arc::clone(&spool), HttpsTransport::new(operator), ours, Arc::clone(&metrics.ship))
            .with_report(report.clone());
        let observing = Observing {
            observer,
            queue,
            configurations,
            directory: Arc::clone(&directory),
            readiness: readiness.clone(),
            metrics: metrics.capture.clone(),
            unattributed: metrics.pods.unattributed.clone(),
            held: false,
        };
        let capture = CaptureThread { source, observing, stop: Arc::clone(&stops.capture) };
        tasks.essential_thread(SHIPPING, move || shipping.run(shipper)).map_err(fail("start a thread"))?;
        tasks.essential_thread(SPOOL_WRITER, move || writer.run()).map_err(fail("start a thread"))?;
        tasks.essential_thread(CAPTURE, move || capture.run()).map_err(fail("start a thread"))?;

        let inside = runtime.enter();
        let mut running = None;
        if let Some(client) = client {
            let pods = Pods::new(node, directory, metrics.pods.clone(), readiness.clone());
            running = Some(pods.running());
            tasks.essential("the watch of the pods", pods.follow(client));
        }
        if let Some(check) = check {
            let report = CaptureReport { check, pods: running, metrics: metrics.pod_capture.clone(), report };
            tasks.essential("the check of what is captured", report.follow());
        }
        if let Some(path) = configuration {
            let file = ConfigurationFile::new(path, metrics.config_stale.clone());
            tasks.essential("reading the agent configuration", file.follow(configure));
        }
        let server = health::server(metrics, readiness, spool, spool_cap);
        tasks.essential("the server of health and metrics", server.serve(listener));
        drop(inside);
        Ok(Self { runtime, tasks, stops, sources: &[CAPTURE, SPOOL_WRITER], address })
    }

    /// Where metrics and health are served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends `stop` when the process gets SIGTERM or SIGINT.
    pub fn on_signal(&self, stop: oneshot::Sender<()>) -> Result<(), DaemonError> {
        let _inside = self.runtime.enter();
        let signalled = stop::signalled();
        let signalled = signalled.map_err(|source| DaemonError::Start { action: "listen for signals", source })?;
        self.runtime.spawn(async move {
            let signal = signalled.await;
            tracing::info!(signal, "Stopping");
            // Fails if the agent is ending already.
            let _ = stop.send(());
        });
        Ok(())
    }

    /// Runs until `stop` is sent, which is success, or until a task or thread ends, which is a failure.
    pub fn run(self, stop: oneshot::Receiver<()>) -> Result<(), DaemonError> {
        let Self { runtime, mut tasks, stops, sources, .. } = self;
        let outcome = runtime.block_on(async {
            let outcome = tokio::select! {
                _ = stop => Ok(()),
                ended = tasks.ended() => Err(ended),
            };
            stops.stop(&mut tasks, sources, FLUSH, LAST_DELIVERIES).await;
            outcome
        });
        // A delivery in flight may block its thread for longer; the process does not wait for it.
        runtime.shutdown_background();
        Ok(outcome?)
    }
}

fn report(recovered: &Recovered) {
    let Recovered { records, torn_bytes, damaged, foreign } = recovered;
    tracing::info!(records, torn_bytes, "The spool is open");
    if *damaged > 0 || !foreign.is_empty() {
        tracing::error!(damaged, foreign = foreign.len(), "Parts of the spool cannot be read; they were set aside");
    }
}

/// The runtime, and the listener for health and metrics in it with its address.
fn begin_listening(listen: SocketAddr) -> Result<(Runtime, TcpListener, SocketAddr), DaemonError> {
    let fail = |action| move |source| DaemonError::Start { action, source };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(fail("start the runtime"))?;
    let listener = runtime.block_on(TcpListener::bind(listen)).map_err(fail("listen for metrics"))?;
    let address = listener.local_addr().map_err(fail("listen for metrics"))?;
    Ok((runtime, listener, address))
}
