//! The agent that watches buses: instead of capturing, it reads the Kafka clusters that the agent configuration names.
//!
//! ```text
//! configuration ─► bus watch ─► watched bus (thread each) ─observations, positions─► accounts ─► spool ─► shipping
//!                                  ▲ Secrets     └─► inspecting process
//! ```
//!
//! Observations and the positions up to which they account become durable together. Whenever anything fails, a bus goes on at
//! its last durable position: nothing else keeps account.

mod accounts;
mod credentials;
mod secrets;
mod watched_bus;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, BufReader},
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use jiff::Timestamp;
use kube::Client;
use landfall_observation::{AgentConfiguration, BusConfiguration, BusName, Identity};
use landfall_process::{error_chain::error_chain, readiness::Readiness, tasks::Tasks};

use self::{
    accounts::Accounts,
    secrets::ClusterSecrets,
    watched_bus::{BusReader, WatchedBus},
};
use super::{
    Daemon, DaemonError, SHIPPING, Settings, begin_listening, configuration::ConfigurationFile, health, report,
    shipping::Shipping, threads::Stops,
};
use crate::{
    kafka::sampler::{self, Share},
    locate::{Locator, LocatorConfig},
    metrics::{BusMetrics, Metrics},
    ship::{AgentIdentity, HttpsTransport, Shipper},
    spool::Spool,
};

/// The hidden subcommand of the process that reads messages.
pub(super) const INSPECT: &str = "inspect-messages";
pub(super) const BUSES: &str = "the watch of the buses";
/// No configuration was read so far, so that it is not known which buses there are.
const NOT_CONFIGURED: &str = "waiting for the agent configuration";
/// How often to check for a request to stop, and for threads that ended.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// How an agent watches buses.
#[derive(Debug)]
pub struct BusSettings {
    /// Which partitions it reads, if several agents share them.
    pub share: Option<Share>,
    /// What topics hold is in the metrics of those that one of these, which may contain `*` and `?`, fits.
    pub metric_topics: Vec<String>,
    /// The agent's own zone.
    pub rack: Option<String>,
}

/// Watches the buses of the configuration that is in force, each in a thread.
struct BusWatch {
    configurations: Receiver<AgentConfiguration>,
    reader: Arc<BusReader>,
    readiness: Readiness,
    stop: Arc<AtomicBool>,
    running: BTreeMap<BusName, Running>,
}

/// A bus that is watched.
struct Running {
    configuration: BusConfiguration,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Why the watch ended.
#[derive(Debug, thiserror::Error)]
enum BusWatchError {
    #[error("failed to start a thread")]
    Start(#[from] io::Error),
    #[error("the thread of bus {bus} ended unexpectedly")]
    Ended { bus: BusName },
    #[error("the agent configuration is no longer read")]
    NoConfiguration,
}

impl Daemon {
    /// Starts an agent that watches buses and captures nothing. `client` creates the client of the API server, which is asked
    /// for Secrets alone: it is called when a bus needs one.
    pub fn watch_buses<C, F>(settings: Settings, buses: BusSettings, client: C) -> Result<Self, DaemonError>
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Client, Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let Settings { cluster, node, operator, spool: folder, spool_cap, configuration, .. } = settings;
        let Settings { locations, translation, listen, .. } = settings;
        let BusSettings { share, metric_topics, rack } = buses;
        let configuration = configuration.ok_or(DaemonError::NoConfiguration)?;
        let fail = |action| move |source| DaemonError::Start { action, source };
        let metrics = Arc::new(Metrics::new()?);
        let datasets = locations.as_deref().map(LocatorConfig::from_dir).transpose()?.unwrap_or_default();
        let datasets = LocatorConfig { translation, ..datasets };
        // Each bus opens them for itself; that they are wrong is said at the start.
        Locator::open(&datasets)?;
        let (mut spool, recovered) = Spool::open(&folder, spool_cap)?;
        report(&recovered);
        let epoch = spool.begin_epoch(Timestamp::now())?;
        let spool = Arc::new(Mutex::new(spool));
        let ours = AgentIdentity { cluster: cluster.clone(), agent: node.clone() };

        let (runtime, listener, address) = begin_listening(listen)?;

        let readiness = Readiness::waiting_for(&[NOT_CONFIGURED, health::SPOOL_NOT_WRITABLE]);
        let (mut tasks, stops) = (Tasks::new(), Stops::default());
        let (configure, configurations) = mpsc::channel();
        let (appended, wake) = mpsc::sync_channel(1);
        let first = Identity { cluster, agent: node, epoch, seq: 0 };
        let accounts =
            Accounts::new(Arc::clone(&spool), first, appended, readiness.clone(), metrics.spool.writable.clone());
        let reader = BusReader {
            accounts,
            secrets: Box::new(ClusterSecrets::new(runtime.handle().clone(), client)),
            command: inspecting_command(),
            datasets,
            share,
            rack,
            metrics: BusMetrics::register(metrics.registry(), metric_topics)?,
        };
        let watch = BusWatch {
            configurations,
            reader: Arc::new(reader),
            readiness: readiness.clone(),
            stop: Arc::clone(&stops.capture),
            running: BTreeMap::new(),
        };
        let shipping = Shipping { appended: wake, stop: Arc::clone(&stops.shipping) };
        let shipper = Shipper::new(Arc::clone(&spool), HttpsTransport::new(operator), ours, Arc::clone(&metrics.ship));
        tasks.essential_thread(SHIPPING, move || shipping.run(shipper)).map_err(fail("start a thread"))?;
        tasks.essential_thread(BUSES, move || watch.run()).map_err(fail("start a thread"))?;

        let inside = runtime.enter();
        let file = ConfigurationFile::new(configuration, metrics.config_stale.clone());
        tasks.essential("reading the agent configuration", file.follow(configure));
        let server = health::server(metrics, readiness, spool, spool_cap);
        tasks.essential("the server of health and metrics", server.serve(listener));
        drop(inside);
        Ok(Self { runtime, tasks, stops, sources: &[BUSES], address })
    }
}

/// The process that reads messages: takes a plan on its standard input and reports on its standard output.
pub(super) fn inspect() -> ExitCode {
    match sampler::inspect(BufReader::new(io::stdin()), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("error: {}\n", error_chain(&error)));
            ExitCode::FAILURE
        }
    }
}

/// This program, also after its file was replaced.
fn inspecting_command() -> Vec<OsString> {
    ["/proc/self/exe", INSPECT].map(OsString::from).to_vec()
}

// === impl BusWatch ===

impl BusWatch {
    fn run(mut self) -> Result<(), BusWatchError> {
        loop {
            if self.stop.load(Ordering::Acquire) {
                let buses: Vec<_> = self.running.keys().cloned().collect();
                return self.end(&buses);
            }
            match self.configurations.recv_timeout(CHECK_INTERVAL) {
                Ok(configuration) => {
                    self.configure(configuration)?;
                    self.readiness.done(NOT_CONFIGURED);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(BusWatchError::NoConfiguration),
            }
            if let Some((bus, _)) = self.running.iter().find(|(_, running)| running.thread.is_finished()) {
                return Err(BusWatchError::Ended { bus: bus.clone() });
            }
        }
    }

    /// Ends the watch of buses that are gone or changed, then starts those that are new or changed.
    fn configure(&mut self, configuration: AgentConfiguration) -> Result<(), BusWatchError> {
        let wanted: BTreeMap<_, _> = configuration.buses.into_iter().map(|bus| (bus.bus.clone(), bus)).collect();
        let stays = |bus: &BusName, running: &Running| wanted.get(bus) == Some(&running.configuration);
        let ending: Vec<_> =
            self.running.iter().filter(|(bus, running)| !stays(bus, running)).map(|(bus, _)| bus.clone()).collect();
        self.end(&ending)?;
        for bus in ending.iter().filter(|bus| !wanted.contains_key(*bus)) {
            self.reader.metrics.forget(bus);
        }
        for (bus, configuration) in wanted {
            if self.running.contains_key(&bus) {
                continue;
            }
            let stop = Arc::new(AtomicBool::new(false));
            let watched = WatchedBus::new(configuration.clone(), Arc::clone(&self.reader), Arc::clone(&stop));
            let thread = thread::Builder::new().name("bus".to_owned()).spawn(move || watched.run())?;
            self.running.insert(bus, Running { configuration, stop, thread });
        }
        Ok(())
    }

    /// Stops all of these at once, then waits for them: nobody else may keep account of the same bus.
    fn end(&mut self, buses: &[BusName]) -> Result<(), BusWatchError> {
        for bus in buses {
            if let Some(running) = self.running.get(bus) {
                running.stop.store(true, Ordering::Release);
            }
        }
        for bus in buses {
            if let Some(running) = self.running.remove(bus) {
                running.thread.join().map_err(|_| BusWatchError::Ended { bus: bus.clone() })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
