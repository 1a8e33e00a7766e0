//! A Kafka cluster that is observed, once or until a stop is requested.

use std::{
    cell::Cell,
    collections::BTreeSet,
    convert::Infallible,
    env,
    ffi::OsString,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_agent::{
    kafka::{
        changes::{Change, ChangeTracker},
        declared::Declared,
        landing::{LandingGraph, findings::SampledKeys},
        observer::{BusObserver, BusObserverConfig},
        sampler::{
            Event, Plan, Start, Supervisor, SupervisorError, Until,
            plan::{INVENTORY_SECONDS, MEMORY},
        },
        schema_registry::SchemaRegistry,
        service::ServiceUrl,
    },
    locate::Locator,
};
use landfall_observation::{
    AgentConfiguration, BusConfiguration, BusName, Identity, Observation, SamplingBudgets, TopicSelector,
};

use crate::{diagnostics, options::Access, stop::StopSignal};

/// How many processes may die one after the other without having read anything, where it is read once.
const ATTEMPTS: u32 = 5;

/// The bus that is observed: a MessageBus, or what stands for one.
pub(crate) struct Bus {
    /// As the MessageBus says it, without Secrets: credentials are in the file of properties.
    configuration: BusConfiguration,
    /// Whether a MessageBus describes it.
    pub(crate) is_described: bool,
}

/// What is seen of a bus.
pub(crate) enum Seen {
    Observations(Vec<Observation>),
    Change(Timestamp, Change),
}

/// The program that reads and inspects messages, as a process of its own.
fn inspecting_command() -> anyhow::Result<Vec<OsString>> {
    let program = env::current_exe().context("failed to find the path of this program")?;
    Ok(vec![program.into_os_string(), OsString::from("kafka"), OsString::from("inspect")])
}

// === impl Bus ===

impl Bus {
    /// The MessageBus that begins with one of these addresses, else `default/HOST` with all its topics.
    pub(crate) fn at(bootstrap: &str, configuration: &AgentConfiguration) -> Self {
        if let Some(described) = configuration.bus_at(bootstrap) {
            return Self { configuration: described.clone(), is_described: true };
        }
        let first = bootstrap.split(',').next().unwrap_or(bootstrap).trim();
        let host = first.rsplit_once(':').map_or(first, |(host, _)| host);
        let configuration = BusConfiguration {
            bus: BusName { namespace: "default".to_owned(), name: host.to_owned() },
            bootstrap_servers: vec![bootstrap.to_owned()],
            cluster_id: None,
            tls: None,
            sasl: None,
            topics: vec![TopicSelector::all()],
            sampling: SamplingBudgets::default(),
            schema_registry: None,
            connect: Vec::new(),
        };
        Self { configuration, is_described: false }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &BusName {
        &self.configuration.bus
    }

    /// Passes observations and changes of the cluster to `take`, until a stop is requested and everything read before is passed on.
    pub(crate) fn follow(
        self,
        access: &Access,
        locator: Locator,
        first: Identity,
        stop: &StopSignal,
        mut take: impl FnMut(Seen) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut tracker = ChangeTracker::of(self.configuration.cluster_id.clone());
        let mut observer = self.observer(access, locator, first);
        let until = Until::Stopped { period_seconds: self.configuration.sampling.period_seconds };
        let plan = Plan {
            inventory_seconds: Some(INVENTORY_SECONDS),
            connect: access.connect(self.connect()?)?,
            passes_known_shapes: true,
            ..self.plan(access, until)?
        };
        let mut supervisor = Supervisor::new(inspecting_command()?, plan, None);
        let mut told = BTreeSet::new();
        let ended = supervisor.run(&|| stop.is_requested(), &mut |event| {
            tell(&event);
            if let Event::Landings(graph) = &event {
                tell_gaps(graph, &mut told);
            }
            let now = Timestamp::now();
            take(Seen::Observations(observer.take(&event, now))).map_err(NotTaken)?;
            let Event::Cluster(cluster) = &event else { return Ok(()) };
            let told = tracker.take(cluster, observer.locator(), now);
            told.into_iter().try_for_each(|change| take(Seen::Change(now, change))).map_err(NotTaken)
        });
        match ended {
            Ok(()) => take(Seen::Observations(observer.finish(Timestamp::now()))),
            Err(SupervisorError::Taking(NotTaken(error))) => Err(error),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks once at its messages, where they land being known; given up when nothing comes for that long.
    pub(crate) fn look(
        &self,
        access: &Access,
        locator: Locator,
        graph: &LandingGraph,
        stop: &StopSignal,
        patience: Duration,
    ) -> anyhow::Result<Looked> {
        let first = Identity { cluster: "local".to_owned(), agent: "landfall-kafka".to_owned(), epoch: 0, seq: 0 };
        let mut observer = self.observer(access, locator, first);
        let plan = self.plan(access, Until::PresentEnd)?;
        let registry = plan.schema_registry.as_ref().map(SchemaRegistry::new).transpose()?;
        let declared = registry.map(|registry| {
            let of_topic = |topic: &String| Declared::default().with_registry(&registry, topic, []).categories();
            let read = graph.topics.keys().filter(|topic| self.configuration.reads(topic, Timestamp::now()));
            read.map(|topic| (topic.clone(), of_topic(topic))).collect()
        });
        observer.take(&Event::Declared(&declared.unwrap_or_default()), Timestamp::now());
        let mut observations = observer.take(&Event::Landings(graph), Timestamp::now());
        let mut keys = SampledKeys::default();
        let is_partial = read_once(plan, stop, patience, |event| {
            if let Event::Progress(progress) = event {
                keys.add(progress);
            }
            observations.extend(observer.take(event, Timestamp::now()));
        })?;
        observations.extend(observer.finish(Timestamp::now()));
        Ok(Looked { observations, keys, is_partial })
    }

    /// The addresses of its Connect clusters.
    pub(crate) fn connect(&self) -> anyhow::Result<Vec<ServiceUrl>> {
        let urls = self.configuration.connect.iter().map(|connect| connect.url.parse());
        urls.collect::<Result<_, _>>().context("an address of Connect in the MessageBus is refused")
    }

    /// The id that it must have.
    pub(crate) fn cluster_id(&self) -> Option<&str> {
        self.configuration.cluster_id.as_deref()
    }

    fn observer(&self, access: &Access, locator: Locator, first: Identity) -> BusObserver {
        let BusConfiguration { bus, cluster_id, topics, .. } = self.configuration.clone();
        let is_encrypted = access.connection.is_encrypted();
        BusObserver::new(BusObserverConfig { first, bus, cluster_id, topics, share: None, is_encrypted, locator })
    }

    /// What is read of it, without inventories and everything scanned.
    fn plan(&self, access: &Access, until: Until) -> anyhow::Result<Plan> {
        let BusConfiguration { cluster_id, topics, sampling, schema_registry, .. } = self.configuration.clone();
        let registry = schema_registry.map(|registry| registry.url.parse()).transpose();
        let registry = registry.context("the address of the schema registry in the MessageBus is refused")?;
        Ok(Plan {
            connection: access.connection.clone(),
            cluster_id,
            inventory_seconds: None,
            schema_registry: access.schema_registry(registry)?,
            connect: Vec::new(),
            topics,
            share: None,
            start: Start::Tail,
            budget: sampling.into(),
            until,
            positions: Vec::new(),
            skipped: Vec::new(),
            announces: false,
            passes_known_shapes: false,
            memory_limit: MEMORY,
        })
    }
}

/// Reads once by the plan. Tells whether something was left out: nothing came for that long, or nobody answered for a partition.
pub(crate) fn read_once(
    plan: Plan,
    stop: &StopSignal,
    patience: Duration,
    mut take: impl FnMut(&Event<'_>),
) -> anyhow::Result<bool> {
    let mut supervisor = Supervisor::new(inspecting_command()?, plan, Some(ATTEMPTS));
    let heard = Cell::new(Instant::now());
    let (is_late, mut is_partial) = (Cell::new(false), false);
    let is_stopped = || {
        is_late.set(is_late.get() || heard.get().elapsed() > patience);
        stop.is_requested() || is_late.get()
    };
    let ended = supervisor.run(&is_stopped, &mut |event| {
        tell(&event);
        if matches!(event, Event::Started(_) | Event::Progress(_)) {
            heard.set(Instant::now());
        }
        is_partial |= matches!(event, Event::Unread(_));
        take(&event);
        Ok::<_, Infallible>(())
    });
    match ended {
        Ok(()) => Ok(is_late.get() || is_partial),
        Err(SupervisorError::Taking(never)) => match never {},
        Err(error) => Err(error.into()),
    }
}

/// What one look at the messages of a bus has shown.
pub(crate) struct Looked {
    pub(crate) observations: Vec<Observation>,
    pub(crate) keys: SampledKeys,
    /// Whether something was left out.
    pub(crate) is_partial: bool,
}

/// An observation was not recorded.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct NotTaken(anyhow::Error);

/// Tells what is not known of landings, each once.
fn tell_gaps(graph: &LandingGraph, told: &mut BTreeSet<String>) {
    for gap in &graph.gaps {
        if told.insert(gap.clone()) {
            diagnostics::warning(format_args!("not known: {gap}"));
        }
    }
}

/// Tells of what fails.
fn tell(event: &Event<'_>) {
    match event {
        Event::Problem(problem) => match &problem.topic {
            Some(topic) => diagnostics::warning(format_args!("topic {topic}: {}", problem.text)),
            None => diagnostics::warning(&problem.text),
        },
        Event::Ended(reason) => {
            diagnostics::warning(format_args!("the inspecting process ended ({reason}); another one goes on"));
        }
        Event::Process(_)
        | Event::Started(_)
        | Event::Progress(_)
        | Event::Declared(_)
        | Event::Landings(_)
        | Event::Cluster(_)
        | Event::Lag(_)
        | Event::Unread(_)
        | Event::Alive => {}
    }
}
