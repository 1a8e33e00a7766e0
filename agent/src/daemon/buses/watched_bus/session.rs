//! From the start of an inspecting process to the end of the last one that goes on with it: takes what happens, and stores
//! what was observed with the positions up to which that accounts.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_observation::{BusConfiguration, BusName, Observation};

use super::{
    super::{
        accounts::BusAccount,
        credentials::{Access, access},
    },
    BusReader, ReadingError,
};
use crate::kafka::{
    changes::{BrokerAddress, Change, ChangeTracker, ClusterState, CopyTo, ReadPermission},
    observer::BusObserver,
    sampler::{Event, Share},
};

/// How often positions are stored although nothing was observed.
const IDLE_COMMITS: Duration = Duration::from_mins(1);
/// How often the Secrets are looked up anew while the connection fails.
const LOOK_UP_INTERVAL: Duration = Duration::from_secs(30);
/// How long after the brokers have last answered a bus still counts as read: a few looks at its topics.
const ANSWER_LIMIT: Duration = Duration::from_mins(2);

/// Changes of one look at a cluster that are logged.
const MAX_CHANGES: usize = 100;
/// Topics of a reader that are logged.
const MAX_TOPICS: usize = 5;

pub(super) struct Session<'a> {
    pub(super) configuration: &'a BusConfiguration,
    pub(super) reader: &'a BusReader,
    pub(super) observer: BusObserver,
    /// The credentials that are in use.
    pub(super) access: &'a Access,
    pub(super) has_other_credentials: &'a Cell<bool>,
    pub(super) has_committed: &'a Cell<bool>,
    /// As it was last stored.
    pub(super) account: BusAccount,
    /// Observations that are not stored yet: each commit syncs the disk, so that those of a second share one.
    pub(super) waiting: Vec<Observation>,
    /// Whether partitions were started whose position is not stored yet.
    pub(super) has_started: bool,
    pub(super) committed: Instant,
    /// When the Secrets were looked up anew.
    pub(super) looked_up: Option<Instant>,
    /// When messages were last read, or the brokers said that there are none.
    pub(super) answered: Option<Instant>,
    /// What is known of the cluster, over sessions.
    pub(super) changes: &'a RefCell<ChangeTracker>,
    /// What is not known of landings, and was told.
    pub(super) told: BTreeSet<String>,
}

impl Session<'_> {
    /// Takes what happens.
    pub(super) fn take(&mut self, event: &Event<'_>) -> Result<(), ReadingError> {
        if let Event::Landings(graph) = event {
            self.check_cluster(graph.cluster_id.as_deref())?;
            self.tell(&graph.gaps);
        }
        self.waiting.extend(self.observer.take(event, Timestamp::now()));
        let bus = &self.configuration.bus;
        let metrics = &self.reader.metrics;
        match event {
            Event::Started(_) => self.has_started = true,
            // It comes every second.
            Event::Alive => {
                metrics.set_read(bus, self.is_read());
                let is_due = self.has_started || self.committed.elapsed() >= IDLE_COMMITS;
                if is_due || !self.waiting.is_empty() {
                    self.commit()?;
                }
            }
            Event::Progress(progress) => {
                metrics.progressed(bus, progress);
                self.answered = Some(Instant::now());
            }
            Event::Lag(lag) => {
                metrics.lags(bus, *lag);
                // Partitions that are all refused are not read, although the brokers answer.
                if lag.read > 0 || lag.partitions == 0 {
                    self.answered = Some(Instant::now());
                }
            }
            Event::Problem(problem) => {
                let topic = problem.topic.as_deref();
                tracing::warn!(%bus, topic, problem = problem.text, "A bus cannot be read as a whole");
                if topic.is_none() {
                    self.look_up_credentials();
                }
            }
            Event::Ended(reason) => {
                metrics.ended(bus);
                metrics.set_read(bus, false);
                self.answered = None;
                tracing::warn!(%bus, reason, "The inspecting process ended; another one goes on");
                self.look_up_credentials();
            }
            Event::Cluster(cluster) => self.tell_changes(cluster),
            Event::Process(_) | Event::Unread(_) | Event::Declared(_) | Event::Landings(_) => {}
        }
        Ok(())
    }

    /// Tells what is not known of landings, each once.
    fn tell(&mut self, gaps: &[String]) {
        for gap in gaps {
            if self.told.insert(gap.clone()) {
                tracing::warn!(bus = %self.configuration.bus, gap, "It is not known where all messages of a bus land");
            }
        }
    }

    /// Tells what changed of the cluster. Of several agents, which all see it, one does.
    fn tell_changes(&self, cluster: &ClusterState) {
        if !self.reader.share.is_none_or(Share::is_first) {
            return;
        }
        let bus = &self.configuration.bus;
        let changes = self.changes.borrow_mut().take(cluster, self.observer.locator(), Timestamp::now());
        for change in &changes {
            self.reader.metrics.changed(bus, change);
        }
        for change in changes.iter().take(MAX_CHANGES) {
            log(bus, change);
        }
        if let Some(more @ 1..) = changes.len().checked_sub(MAX_CHANGES) {
            tracing::info!(%bus, more, "More of a bus has changed");
        }
    }

    /// Stores what is left.
    pub(super) fn finish(mut self) -> Result<(), ReadingError> {
        self.waiting.extend(self.observer.finish(Timestamp::now()));
        self.commit()
    }

    /// Stores what was observed, and the positions with it.
    fn commit(&mut self) -> Result<(), ReadingError> {
        let Some(cluster_id) = self.observer.cluster_id() else { return Ok(()) };
        let account = BusAccount { cluster_id: Some(cluster_id.to_owned()), topics: self.observer.positions() };
        self.has_started = false;
        self.committed = Instant::now();
        if !self.waiting.is_empty() || account != self.account {
            self.reader.accounts.commit(&self.configuration.bus, std::mem::take(&mut self.waiting), &account)?;
            self.account = account;
            self.has_committed.set(true);
        }
        // A process that reaches no broker has nothing new to store either.
        if self.is_read() {
            self.reader.metrics.committed(&self.configuration.bus, Timestamp::now());
        }
        Ok(())
    }

    /// Whether the bus is read at present.
    fn is_read(&self) -> bool {
        self.answered.is_some_and(|answered| answered.elapsed() < ANSWER_LIMIT)
    }

    /// Positions of one cluster mean nothing in another. Nothing is stored before landings have told the id.
    fn check_cluster(&self, found: Option<&str>) -> Result<(), ReadingError> {
        let (Some(before), Some(found)) = (self.account.cluster_id.as_deref(), found) else { return Ok(()) };
        let is_meant = self.configuration.cluster_id.as_deref().is_none_or(|expected| expected == found);
        if before == found || !is_meant {
            return Ok(());
        }
        self.reader.accounts.commit(&self.configuration.bus, Vec::new(), &BusAccount::default())?;
        Err(ReadingError::AnotherCluster { before: before.to_owned(), found: found.to_owned() })
    }

    /// The Secrets may have changed since the connection was made.
    fn look_up_credentials(&mut self) {
        if self.looked_up.is_some_and(|looked_up| looked_up.elapsed() < LOOK_UP_INTERVAL) {
            return;
        }
        self.looked_up = Some(Instant::now());
        let bus = &self.configuration.bus;
        match access(self.configuration, &*self.reader.secrets) {
            Ok(access) if access == *self.access => {}
            Ok(_) => {
                tracing::info!(%bus, "The Secrets of a bus have changed; it is connected anew");
                self.has_other_credentials.set(true);
            }
            Err(error) => tracing::warn!(%bus, %error, "The Secrets of a bus cannot be read"),
        }
    }
}

/// Logs a change without addresses and without the names of principals: those can be people's.
fn log(bus: &BusName, change: &Change) {
    let kind = change.kind();
    match change {
        Change::BrokerAppeared { broker: BrokerAddress { id, rack, .. }, place }
        | Change::BrokerMoved { before: _, after: BrokerAddress { id, rack, .. }, place } => {
            let (country, network) = (place.jurisdiction.map(tracing::field::display), place.network.as_deref());
            tracing::info!(%bus, change = kind, broker = id, rack, country, network, "A bus has changed");
        }
        Change::TopicAppeared { topic } | Change::TopicGone { topic } => {
            tracing::info!(%bus, change = kind, topic, "A bus has changed");
        }
        Change::SettingChanged { topic, setting, before, after } => {
            tracing::info!(%bus, change = kind, topic, setting, before, after, "A bus has changed");
        }
        Change::ReaderAppeared { group, topics, place } | Change::ReaderLeft { group, topics, place } => {
            let (country, network) = (place.jurisdiction.map(tracing::field::display), place.network.as_deref());
            let topics = topics.iter().take(MAX_TOPICS).map(String::as_str).collect::<Vec<_>>().join(" ");
            tracing::info!(%bus, change = kind, group, topics, country, network, "A bus has changed");
        }
        Change::ReadAllowed(ReadPermission { principal: _, resource, pattern }) => {
            tracing::info!(%bus, change = kind, resource, pattern, "A bus has changed");
        }
        Change::CopyAppeared(CopyTo { topic, connector }) | Change::SinkAppeared(CopyTo { topic, connector }) => {
            tracing::info!(%bus, change = kind, topic, connector, "A bus has changed");
        }
    }
}
