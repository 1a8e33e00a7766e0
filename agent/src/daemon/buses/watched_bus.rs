//! One bus that is watched: read from where it is accounted for, again and again until it is to end.

mod session;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    ffi::OsString,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_observation::{BusConfiguration, Identity};
use landfall_process::{backoff::Backoff, error_chain::error_chain};

use self::session::Session;
use super::{
    accounts::{Accounts, BusAccount},
    credentials::{Access, CredentialsError, access},
    secrets::SecretSource,
};
use crate::{
    kafka::{
        changes::ChangeTracker,
        connection::Connection,
        observer::{BusObserver, BusObserverConfig},
        sampler::{
            Plan, Share, Start, Supervisor, SupervisorError, Until,
            budget::Budget,
            plan::{INVENTORY_SECONDS, MEMORY, Position},
        },
    },
    locate::{LocateError, Locator, LocatorConfig},
    metrics::BusMetrics,
    spool::SpoolError,
};

/// Name of the client at the brokers, for quotas.
const CLIENT_ID: &str = "landfall";
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How often to check for a request to stop.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// What the reading of all buses shares.
pub(super) struct BusReader {
    pub(super) accounts: Accounts,
    pub(super) secrets: Box<dyn SecretSource>,
    /// Starts the process that reads and inspects messages.
    pub(super) command: Vec<OsString>,
    pub(super) datasets: LocatorConfig,
    /// Which partitions are read, if several agents share them.
    pub(super) share: Option<Share>,
    /// The agent's own zone.
    pub(super) rack: Option<String>,
    pub(super) metrics: BusMetrics,
}

/// A bus that is watched.
pub(super) struct WatchedBus {
    configuration: BusConfiguration,
    reader: Arc<BusReader>,
    stop: Arc<AtomicBool>,
}

/// Why the reading of a bus was broken off. It goes on after a while.
#[derive(Debug, thiserror::Error)]
enum ReadingError {
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error("failed to load the location datasets")]
    Locate(#[from] LocateError),
    #[error("failed to store what was observed")]
    Commit(#[from] SpoolError),
    #[error("the addresses lead to cluster {found}, before to {before}: its topics are read anew")]
    AnotherCluster { before: String, found: String },
    #[error("failed to read messages")]
    Process(#[source] Box<SupervisorError<Self>>),
}

// === impl WatchedBus ===

impl WatchedBus {
    pub(super) fn new(configuration: BusConfiguration, reader: Arc<BusReader>, stop: Arc<AtomicBool>) -> Self {
        Self { configuration, reader, stop }
    }

    /// Runs until it is to stop.
    pub(super) fn run(self) {
        let bus = &self.configuration.bus;
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE).with_jitter();
        let mut was_full = false;
        let changes = RefCell::new(ChangeTracker::of(self.configuration.cluster_id.clone()));
        tracing::info!(%bus, "A bus is watched");
        self.reader.metrics.begin(bus, Timestamp::now());
        while !self.is_stopped() {
            let is_full = !self.reader.accounts.has_room();
            if is_full && !was_full {
                tracing::error!(%bus, "The spool is full; the bus is not read meanwhile, and nothing is lost");
            }
            was_full = is_full;
            if is_full {
                self.pause(CHECK_INTERVAL);
                continue;
            }
            let has_committed = Cell::new(false);
            let outcome = self.read(&has_committed, &changes);
            self.reader.metrics.set_read(bus, false);
            if has_committed.get() {
                backoff.reset();
            }
            if let Err(error) = outcome {
                let wait = backoff.next_wait();
                tracing::warn!(%bus, error = %error_chain(&error), ?wait, "A bus is not read; it is tried again");
                self.pause(wait);
            }
        }
        tracing::info!(%bus, "A bus is no longer watched");
    }

    /// Reads from where the bus is accounted for, until it is to stop, the spool is full or other credentials are valid.
    fn read(&self, has_committed: &Cell<bool>, changes: &RefCell<ChangeTracker>) -> Result<(), ReadingError> {
        let Self { configuration, reader, .. } = self;
        let access = access(configuration, &*reader.secrets)?;
        let connection = Connection {
            bootstrap: configuration.bootstrap_servers.join(","),
            client_id: CLIENT_ID.to_owned(),
            rack: reader.rack.clone(),
            properties: access.properties.clone(),
        };
        let mut account = reader.accounts.of(&configuration.bus);
        if let Some(share) = reader.share {
            // Partitions that other agents have now are accounted for by those: should they come back, they begin anew.
            account.retain(|topic, partition| share.has(topic, partition));
        }
        let mut observer = BusObserver::new(BusObserverConfig {
            // Observations are numbered as they are stored.
            first: Identity { cluster: String::new(), agent: String::new(), epoch: 0, seq: 0 },
            bus: configuration.bus.clone(),
            cluster_id: configuration.cluster_id.clone(),
            topics: configuration.topics.clone(),
            share: reader.share,
            is_encrypted: connection.is_encrypted(),
            locator: Locator::open(&reader.datasets)?,
        });
        observer.resume(&account.topics);
        let has_other_credentials = Cell::new(false);
        let plan = plan(configuration, connection, &access, reader.share, &account);
        let mut session = Session {
            configuration,
            reader,
            observer,
            access: &access,
            has_other_credentials: &has_other_credentials,
            has_committed,
            account,
            waiting: Vec::new(),
            has_started: false,
            committed: Instant::now(),
            looked_up: None,
            answered: None,
            changes,
            told: BTreeSet::new(),
        };
        let is_over = || self.is_stopped() || has_other_credentials.get() || !reader.accounts.has_room();
        let mut supervisor = Supervisor::new(reader.command.clone(), plan, None);
        match supervisor.run(&is_over, &mut |event| session.take(&event)) {
            Ok(()) => session.finish(),
            Err(SupervisorError::Taking(error)) => Err(error),
            Err(error) => Err(ReadingError::Process(Box::new(error))),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits, unless it is to stop.
    fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        while Instant::now() < until && !self.is_stopped() {
            thread::sleep(CHECK_INTERVAL.min(until.saturating_duration_since(Instant::now())));
        }
    }
}

fn plan(
    configuration: &BusConfiguration,
    connection: Connection,
    access: &Access,
    share: Option<Share>,
    account: &BusAccount,
) -> Plan {
    let budget = Budget::from(configuration.sampling);
    let positions = account.topics.iter().flat_map(|(topic, partitions)| {
        partitions.iter().map(move |(&partition, position)| Position {
            topic: topic.clone(),
            partition,
            next: position.next,
            end: position.next,
            budget,
        })
    });
    Plan {
        connection,
        cluster_id: configuration.cluster_id.clone(),
        inventory_seconds: Some(INVENTORY_SECONDS),
        schema_registry: access.schema_registry.clone(),
        connect: access.connect.clone(),
        topics: configuration.topics.clone(),
        share,
        start: Start::Tail,
        budget,
        until: Until::Stopped { period_seconds: configuration.sampling.period_seconds },
        positions: positions.collect(),
        skipped: Vec::new(),
        announces: false,
        passes_known_shapes: true,
        memory_limit: MEMORY,
    }
}
