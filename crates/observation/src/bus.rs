//! Message buses, as agents read them: what a MessageBus says without law, places and secrets.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;
use crate::{AgentConfiguration, BusName};

/// A Kafka cluster that agents read. Every Secret is in the namespace of the MessageBus and is read by the agent; the
/// configuration only names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusConfiguration {
    /// The MessageBus.
    #[serde(flatten)]
    pub bus: BusName,
    /// Addresses to begin with, `HOST:PORT`.
    pub bootstrap_servers: Vec<String>,
    /// Identifier of the cluster (KIP-78). An agent that meets another one reads nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// How TLS is used; absent: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<BusTls>,
    /// How the agent authenticates; absent: by its certificate or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sasl: Option<BusSasl>,
    /// The topics that may be read: those that one of these selects.
    pub topics: Vec<TopicSelector>,
    /// How much is read.
    #[serde(default)]
    pub sampling: SamplingBudgets,
    /// The schema registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_registry: Option<BusService>,
    /// Kafka Connect clusters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connect: Vec<BusService>,
}

/// TLS to the brokers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BusTls {
    /// Secret with the authorities of the brokers (key `ca.crt`); absent: those of the agent's system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_secret: Option<String>,
    /// Secret with the agent's certificate and key (keys `tls.crt` and `tls.key`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_secret: Option<String>,
}

/// SASL at the brokers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusSasl {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// Secret with the keys `username` and `password`.
    pub credentials_secret: String,
}

/// A mechanism of SASL by user name and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum SaslMechanism {
    /// The password is sent as it is (RFC 4616).
    #[serde(rename = "PLAIN")]
    Plain,
    /// The password is proved by SHA-256 (RFC 7677).
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// The password is proved by SHA-512.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

/// A service beside the brokers that speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusService {
    /// Its address, `http://` or `https://`.
    pub url: String,
    /// Secret with the keys `username` and `password`; absent: it asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_secret: Option<String>,
}

/// How much of a topic agents read, in every period. The first limit that is reached ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SamplingBudgets {
    /// Messages of each partition, the newest ones. A form of message that is new shows in few of them.
    #[cfg_attr(feature = "schema", schemars(with = "i32", range(min = 1, max = 1_000_000)))]
    pub messages_per_partition: u32,
    /// Bytes of each partition, as the brokers send them; the default is 4 MiB.
    #[cfg_attr(feature = "schema", schemars(with = "i64", range(min = 65_536, max = 1_073_741_824)))]
    pub bytes_per_partition: u64,
    /// Milliseconds of processor time for each partition.
    #[cfg_attr(feature = "schema", schemars(with = "i32", range(min = 1, max = 60_000)))]
    pub processor_milliseconds_per_partition: u32,
    /// Seconds of a period, after which the budgets are full again.
    #[cfg_attr(feature = "schema", schemars(with = "i32", range(min = 10, max = 86_400)))]
    pub period_seconds: u32,
}

/// Selects topics for some time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopicSelector {
    /// The topics.
    pub include: TopicPatterns,
    /// Those of them that it does not select.
    #[serde(skip_serializing_if = "TopicPatterns::is_empty")]
    pub exclude: TopicPatterns,
    /// Since when; absent: always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when, exclusive; absent: for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Names of topics. A name fits if any of the patterns does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopicPatterns {
    /// Whole names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What names begin with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Patterns of whole names: `*` stands for any characters, `?` for one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub globs: Vec<String>,
}

// === impl BusConfiguration ===

impl BusConfiguration {
    /// Whether a topic may be read at the instant `at`.
    pub fn reads(&self, topic: &str, at: Timestamp) -> bool {
        self.topics.iter().any(|selector| selector.selects(topic, at))
    }
}

impl AgentConfiguration {
    /// The bus that begins with one of these addresses (`HOST:PORT`, separated by commas), if exactly one does.
    pub fn bus_at(&self, bootstrap: &str) -> Option<&BusConfiguration> {
        let servers: Vec<_> = bootstrap.split(',').map(str::trim).collect();
        let is_at = |bus: &&BusConfiguration| {
            bus.bootstrap_servers.iter().any(|one| servers.iter().any(|other| one.eq_ignore_ascii_case(other)))
        };
        let mut found = self.buses.iter().filter(is_at);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

// === impl SamplingBudgets ===

impl Default for SamplingBudgets {
    fn default() -> Self {
        Self {
            messages_per_partition: 500,
            bytes_per_partition: 4 << 20,
            processor_milliseconds_per_partition: 250,
            period_seconds: 60,
        }
    }
}

// === impl TopicSelector ===

impl TopicSelector {
    /// Selects every topic.
    pub fn all() -> Self {
        let include = TopicPatterns { globs: vec!["*".to_owned()], ..TopicPatterns::default() };
        Self { include, ..Self::default() }
    }

    /// Whether it selects a topic at the instant `at`.
    pub fn selects(&self, topic: &str, at: Timestamp) -> bool {
        let Self { include, exclude, from, until } = self;
        from.is_none_or(|from| from <= at)
            && until.is_none_or(|until| at < until)
            && include.matches(topic)
            && !exclude.matches(topic)
    }
}

// === impl TopicPatterns ===

impl TopicPatterns {
    /// Whether any of the patterns fits.
    pub fn matches(&self, topic: &str) -> bool {
        let Self { names, prefixes, globs } = self;
        names.iter().any(|name| name == topic)
            || prefixes.iter().any(|prefix| topic.starts_with(prefix.as_str()))
            || globs.iter().any(|glob| fits(glob.as_bytes(), topic.as_bytes()))
    }

    /// Whether there are no patterns, so that nothing fits.
    pub fn is_empty(&self) -> bool {
        let Self { names, prefixes, globs } = self;
        names.is_empty() && prefixes.is_empty() && globs.is_empty()
    }
}

/// Whether a glob fits a text. After a mismatch only the last `*` is tried anew, because an earlier one that takes more
/// cannot help: the time is bounded by the product of the lengths.
fn fits(glob: &[u8], text: &[u8]) -> bool {
    let (mut in_glob, mut in_text) = (0, 0);
    let mut retry = None;
    while in_text < text.len() {
        match (glob.get(in_glob), retry) {
            (Some(b'*'), _) => {
                retry = Some((in_glob, in_text));
                in_glob += 1;
            }
            (Some(expected), _) if *expected == b'?' || text.get(in_text) == Some(expected) => {
                in_glob += 1;
                in_text += 1;
            }
            (_, Some((star, taken))) => {
                retry = Some((star, taken + 1));
                in_glob = star + 1;
                in_text = taken + 1;
            }
            (_, None) => return false,
        }
    }
    glob.iter().skip(in_glob).all(|rest| *rest == b'*')
}

// === impl SaslMechanism ===

impl SaslMechanism {
    /// Its name at the brokers (`sasl.mechanism`).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl fmt::Display for SaslMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
