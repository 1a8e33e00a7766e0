//! The keys of connectors' configurations that are read, by Kafka's and the connectors' own documentation.

use super::addresses::addresses;
use crate::kafka::printable::is_printable;

/// The longest value that is kept, in bytes; a longer one is none.
const MAX_VALUE: usize = 4096;

/// What a value is, and so what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A name, a pattern or a path: kept as it is.
    Text,
    /// One address or several: hosts and ports are kept, without users, passwords and paths.
    Addresses,
}

/// A key that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    pub key: &'static str,
    pub kind: SettingKind,
}

const fn text(key: &'static str) -> Setting {
    Setting { key, kind: SettingKind::Text }
}

const fn address(key: &'static str) -> Setting {
    Setting { key, kind: SettingKind::Addresses }
}

/// All keys that are read.
const SETTINGS: [Setting; 41] = [
    text("connector.class"),
    text("topics"),
    text("topics.regex"),
    text("topics.exclude"),
    text("errors.deadletterqueue.topic.name"),
    // MirrorMaker.
    text("source.cluster.alias"),
    text("target.cluster.alias"),
    text("replication.policy.class"),
    text("replication.policy.separator"),
    address("source.cluster.bootstrap.servers"),
    address("target.cluster.bootstrap.servers"),
    // Sinks.
    text("file"),
    text("s3.bucket.name"),
    text("s3.region"),
    text("aws.s3.bucket.name"),
    text("aws.s3.region"),
    text("aws.region"),
    text("gcs.bucket.name"),
    text("azblob.account.name"),
    text("azblob.container.name"),
    text("project"),
    text("defaultDataset"),
    address("store.url"),
    address("connection.url"),
    address("connection.uri"),
    address("connection.host"),
    address("connection.hosts"),
    address("connection.hostname"),
    address("database.hostname"),
    address("hostname"),
    address("host"),
    address("hosts"),
    address("http.api.url"),
    address("http.url"),
    address("hdfs.url"),
    address("neo4j.uri"),
    address("snowflake.url.name"),
    address("splunk.hec.uri"),
    address("redis.hosts"),
    address("contactPoints"),
    address("cassandra.contact.points"),
];

impl Setting {
    /// The setting with that key, if it is one that is read.
    pub fn find(key: &str) -> Option<Self> {
        SETTINGS.into_iter().find(|setting| setting.key == key)
    }

    /// What is kept of a value. None: nothing can be kept, for example since a provider of secrets fills it in (`${file:…}`).
    pub fn kept(self, value: &str) -> Option<String> {
        let is_plain =
            !value.is_empty() && value.len() <= MAX_VALUE && value.chars().all(is_printable) && !value.contains("${");
        match self.kind {
            _ if !is_plain => None,
            SettingKind::Text => Some(value.to_owned()),
            SettingKind::Addresses => {
                let all: Vec<String> = addresses(value)?.iter().map(ToString::to_string).collect();
                Some(all.join(","))
            }
        }
    }
}
