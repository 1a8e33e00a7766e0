//! Observes a Kafka cluster until a stop is requested.

use std::{env, ffi::OsString};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_agent::{
    kafka::{
        observer::{BusObserver, BusObserverConfig},
        sampler::{Event, Plan, Start, Supervisor, SupervisorError, Until, budget::Budget},
    },
    locate::Locator,
};
use landfall_observation::{
    AgentConfiguration, BusConfiguration, BusName, Identity, Observation, SamplingBudgets, TopicSelector,
};

use crate::{diagnostics, options::Access, stop::StopSignal};

/// How often it is looked who has access to the topics, in seconds.
const INVENTORY_SECONDS: u32 = 30;
/// Memory of the process that reads and inspects, in bytes.
const MEMORY: u64 = 256 << 20;

/// The bus that is observed: a MessageBus, or what stands for one.
pub(crate) struct Bus {
    /// As the MessageBus says it, without Secrets: credentials are in the file of properties.
    configuration: BusConfiguration,
    /// Whether a MessageBus describes it.
    pub(crate) is_described: bool,
}

/// The program that reads and inspects messages, as a process of its own.
pub(crate) fn inspecting_command() -> anyhow::Result<Vec<OsString>> {
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

    /// Passes observations to `take`, until a stop is requested and everything read before is passed on.
    pub(crate) fn follow(
        self,
        access: Access,
        locator: Locator,
        first: Identity,
        stop: &StopSignal,
        mut take: impl FnMut(Vec<Observation>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let BusConfiguration { bus, cluster_id, topics, sampling, schema_registry, .. } = self.configuration;
        let described = schema_registry.map(|registry| registry.url.parse()).transpose();
        let schema_registry = access.schema_registry(described.context("the schema registry of the MessageBus")?)?;
        let connection = access.connection;
        let SamplingBudgets {
            messages_per_partition,
            bytes_per_partition,
            processor_milliseconds_per_partition,
            period_seconds,
        } = sampling;
        let mut observer = BusObserver::new(BusObserverConfig {
            first,
            bus,
            cluster_id: cluster_id.clone(),
            topics: topics.clone(),
            is_encrypted: connection.is_encrypted(),
            locator,
        });
        let plan = Plan {
            connection,
            cluster_id,
            inventory_seconds: Some(INVENTORY_SECONDS),
            schema_registry,
            topics,
            start: Start::Tail,
            budget: Budget {
                messages: u64::from(messages_per_partition),
                bytes: bytes_per_partition,
                processor_milliseconds: u64::from(processor_milliseconds_per_partition),
            },
            until: Until::Stopped { period_seconds },
            positions: Vec::new(),
            skipped: Vec::new(),
            announces: false,
            passes_known_shapes: true,
            memory_limit: MEMORY,
        };
        let mut supervisor = Supervisor::new(inspecting_command()?, plan, None);
        let ended = supervisor.run(&|| stop.is_requested(), &mut |event| {
            tell(&event);
            take(observer.take(&event, Timestamp::now())).map_err(NotTaken)
        });
        match ended {
            Ok(()) => take(observer.finish(Timestamp::now())),
            Err(SupervisorError::Taking(NotTaken(error))) => Err(error),
            Err(error) => Err(error.into()),
        }
    }
}

/// An observation was not recorded.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct NotTaken(anyhow::Error);

/// Tells of what fails.
pub(crate) fn tell(event: &Event<'_>) {
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
        | Event::Inventory(_)
        | Event::Alive => {}
    }
}
