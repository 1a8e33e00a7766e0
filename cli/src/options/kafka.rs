use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use jiff::SignedDuration;
use landfall_agent::kafka::{
    connection::Connection,
    properties::Properties,
    service::{Service, ServiceUrl},
};

/// The name of this client at the brokers, which a quota can be set for.
const CLIENT_ID: &str = "landfall";
/// What properties of the schema registry begin with, as those of Confluent's clients do, and those of Connect.
const SCHEMA_REGISTRY: &str = "schema.registry.";
const CONNECT: &str = "connect.";
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(10);

/// A Kafka cluster, and how it is reached. Credentials stand in a file, never in an argument: every process of a machine can see
/// those.
#[derive(Debug, Clone, Args)]
pub(crate) struct KafkaOptions {
    /// Brokers to begin with, separated by commas.
    #[arg(long, value_name = "HOST:PORT", env = "LANDFALL_KAFKA_BOOTSTRAP", value_parser = bootstrap)]
    pub(crate) bootstrap: String,
    /// File with credentials and TLS: lines NAME=VALUE with librdkafka's names, such as security.protocol, sasl.mechanism,
    /// sasl.username, sasl.password and ssl.ca.location. Lines that begin with schema.registry. are for the schema registry and those
    /// that begin with connect. for Kafka Connect: basic.auth.user.info (USER:PASSWORD), bearer.auth.token and ssl.ca.location.
    #[arg(long, value_name = "FILE", env = "LANDFALL_KAFKA_PROPERTIES")]
    properties: Option<PathBuf>,
    /// How long to wait for an answer, such as 500ms, 10s or 1m: at least 1s, at most 10m.
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = timeout)]
    pub(crate) timeout: Duration,
    /// Zone of this client, as in broker.rack.
    #[arg(long, value_name = "ZONE", env = "LANDFALL_KAFKA_CLIENT_RACK")]
    client_rack: Option<String>,
}

/// Kafka Connect clusters, and how they are asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectOptions {
    /// Address of the REST interface of a Kafka Connect cluster, such as http://connect-1.example:8083: one of its workers. Give it
    /// once for each Connect cluster.
    // Parsed later: what refuses an argument shows it, and this one can hold a password.
    #[arg(long, value_name = "URL", env = "LANDFALL_KAFKA_CONNECT", hide_env_values = true, value_delimiter = ',')]
    connect: Vec<String>,
}

/// The schema registry, and how it is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct SchemaRegistryOptions {
    /// Schema registry: messages are decoded with its schemas, and what these declare is compared with what is found. It is only read.
    /// Credentials stand in --properties, such as schema.registry.basic.auth.user.info=USER:PASSWORD.
    #[arg(long, value_name = "URL", env = "LANDFALL_SCHEMA_REGISTRY", hide_env_values = true)]
    schema_registry: Option<String>,
}

/// A Kafka cluster as a source of `watch`, among others.
#[derive(Debug, Clone, Args)]
pub(crate) struct BusOptions {
    /// Kafka cluster whose topics are observed: its brokers to begin with, separated by commas. The MessageBus of the register that
    /// names one of them says which topics; without one all are read.
    #[arg(long, value_name = "HOST:PORT", value_parser = bootstrap, conflicts_with_all = ["pcap", "interface"])]
    pub(crate) kafka: Option<String>,
    /// File with credentials and TLS for --kafka: lines NAME=VALUE with librdkafka's names, such as sasl.password.
    #[arg(long, value_name = "FILE", requires = "kafka", env = "LANDFALL_KAFKA_PROPERTIES")]
    kafka_properties: Option<PathBuf>,
    /// Zone of this client, as in broker.rack, for --kafka.
    #[arg(long, value_name = "ZONE", requires = "kafka", env = "LANDFALL_KAFKA_CLIENT_RACK")]
    kafka_client_rack: Option<String>,
}

/// What leads to a cluster and to the services beside it.
pub(crate) struct Access {
    pub(crate) connection: Connection,
    /// Of the schema registry and of Connect, without their prefixes.
    schema_registry: Properties,
    connect: Properties,
}

impl KafkaOptions {
    /// How the cluster is reached, with the properties read from their file.
    pub(crate) fn access(&self) -> anyhow::Result<Access> {
        let Self { bootstrap, properties, timeout: _, client_rack } = self;
        Access::read(bootstrap, properties.as_deref(), client_rack.as_deref())
    }
}

impl SchemaRegistryOptions {
    /// The address. No error shows it.
    pub(crate) fn url(&self) -> anyhow::Result<Option<ServiceUrl>> {
        self.schema_registry
            .as_ref()
            .map(|text| text.parse().context("the address of --schema-registry is refused"))
            .transpose()
    }
}

impl ConnectOptions {
    /// The addresses. No error shows one.
    pub(crate) fn urls(&self) -> anyhow::Result<Vec<ServiceUrl>> {
        self.connect.iter().map(|text| text.parse().context("an address of --connect is refused")).collect()
    }
}

impl BusOptions {
    /// How a cluster is reached, with the properties read from their file.
    pub(crate) fn access(&self, bootstrap: &str) -> anyhow::Result<Access> {
        Access::read(bootstrap, self.kafka_properties.as_deref(), self.kafka_client_rack.as_deref())
    }
}

impl Access {
    fn read(bootstrap: &str, properties: Option<&Path>, rack: Option<&str>) -> anyhow::Result<Self> {
        let mut properties = properties.map(Properties::read).transpose()?.unwrap_or_default();
        let (schema_registry, connect) = (properties.take(SCHEMA_REGISTRY), properties.take(CONNECT));
        let (bootstrap, client_id, rack) = (bootstrap.to_owned(), CLIENT_ID.to_owned(), rack.map(str::to_owned));
        Ok(Self { connection: Connection { bootstrap, client_id, rack, properties }, schema_registry, connect })
    }

    /// The schema registry at this address, else at the one of the file of properties, if there is one.
    pub(crate) fn schema_registry(&self, url: Option<ServiceUrl>) -> anyhow::Result<Option<Service>> {
        let (urls, rest): (Vec<_>, Vec<_>) = self.schema_registry.iter().partition(|(name, _)| *name == "url");
        let url = match (url, urls.first()) {
            (Some(url), _) => url,
            (None, Some((_, url))) => url.parse().context("schema.registry.url")?,
            (None, None) => return Ok(None),
        };
        let service = Service::new(url).with_properties(rest);
        service.map(Some).context("properties that begin with schema.registry.")
    }

    /// The Connect clusters at these addresses, each once.
    pub(crate) fn connect(&self, urls: impl IntoIterator<Item = ServiceUrl>) -> anyhow::Result<Vec<Service>> {
        let mut distinct: Vec<ServiceUrl> = Vec::new();
        for url in urls {
            if !distinct.contains(&url) {
                distinct.push(url);
            }
        }
        let service = |url| Service::new(url).with_properties(self.connect.iter());
        let services: Result<Vec<_>, _> = distinct.into_iter().map(service).collect();
        services.context("properties that begin with connect.")
    }
}

fn bootstrap(text: &str) -> Result<String, String> {
    let is_broker = |broker: &str| {
        let (host, port) = broker.rsplit_once(':')?;
        (!host.is_empty() && !host.contains(['/', '@', ' ']) && port.parse::<u16>().ok()? > 0).then_some(())
    };
    match text.split(',').find(|broker| is_broker(broker).is_none()) {
        // What was written is not shown: it can be an address with a password.
        Some(_) => Err("expected HOST:PORT, or several separated by commas".to_owned()),
        None => Ok(text.to_owned()),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    timeout
        .filter(|timeout| TIMEOUTS.contains(timeout))
        .ok_or_else(|| "expected a duration from 1s to 10m, such as 10s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_have_a_host_and_a_port() {
        for good in ["127.0.0.1:9092", "a.example:9092,b.example:9093", "[2001:db8::1]:9092"] {
            assert_eq!(bootstrap(good), Ok(good.to_owned()));
        }
        for bad in
            ["", "127.0.0.1", "a.example:9092,", "a.example:0", "a.example:70000", "ssl://a.example:9092", "u:p@a:1"]
        {
            assert!(bootstrap(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_timeout_is_a_duration_with_a_unit() {
        assert_eq!(timeout("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(timeout("1m"), Ok(Duration::from_mins(1)));
        assert_eq!(timeout("1500ms"), Ok(Duration::from_millis(1500)));
        for bad in ["", "10", "-10s", "1ms", "2h"] {
            assert!(timeout(bad).is_err(), "{bad}");
        }
    }
}
