//! Kafka Connect, one distributed worker, with the connector that writes a topic into a file.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use ureq::Agent;

use super::{Installation, KafkaError, jvm};
use crate::cluster::{Daemon, control_plane::free_port, process::Folder};

/// What a worker is like.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Of its log and its folder.
    pub name: String,
    /// Its group; its topics are this with `-configs`, `-offsets` and `-status`, unless `properties` say otherwise.
    pub group: String,
    /// Where its REST interface listens. Only the loopback address can be waited for.
    pub address: String,
    pub heap_megabytes: u32,
    /// Further lines of its properties; they win.
    pub properties: Vec<(String, String)>,
    /// What puts it into namespaces.
    pub around: Vec<String>,
}

/// A running worker; dropped, it is ended.
#[derive(Debug)]
pub struct Connect {
    daemon: Daemon,
    client: Agent,
    url: String,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            name: "connect".into(),
            group: "connect".into(),
            address: "127.0.0.1".into(),
            heap_megabytes: 192,
            properties: Vec::new(),
            around: Vec::new(),
        }
    }
}

impl Connect {
    /// Starts one for the cluster of `bootstrap`, and waits until it answers.
    pub fn start(
        installation: &Installation,
        folder: &Path,
        bootstrap: &str,
        options: &ConnectOptions,
    ) -> Result<Self, KafkaError> {
        let mut connect = Self::launch(installation, folder, bootstrap, options)?;
        connect.await_ready()?;
        Ok(connect)
    }

    /// Starts one, which then takes seconds.
    pub fn launch(
        installation: &Installation,
        folder: &Path,
        bootstrap: &str,
        options: &ConnectOptions,
    ) -> Result<Self, KafkaError> {
        let ConnectOptions { name, group, address, heap_megabytes, properties, around } = options;
        let folder = Folder { path: folder.to_owned() };
        let url = format!("http://{address}:{}", free_port()?);
        let converter = "org.apache.kafka.connect.json.JsonConverter";
        let own = [
            ("bootstrap.servers", bootstrap.to_owned()),
            ("group.id", group.clone()),
            ("listeners", url.clone()),
            ("plugin.path", installation.plugins().display().to_string()),
            // Without it every class of the class path is looked at.
            ("plugin.discovery", "service_load".to_owned()),
            ("key.converter", converter.to_owned()),
            ("value.converter", converter.to_owned()),
            ("key.converter.schemas.enable", "false".to_owned()),
            ("value.converter.schemas.enable", "false".to_owned()),
            ("config.storage.topic", format!("{group}-configs")),
            ("config.storage.replication.factor", "1".to_owned()),
            ("offset.storage.topic", format!("{group}-offsets")),
            ("offset.storage.replication.factor", "1".to_owned()),
            ("offset.storage.partitions", "1".to_owned()),
            ("offset.flush.interval.ms", "1000".to_owned()),
            ("status.storage.topic", format!("{group}-status")),
            ("status.storage.replication.factor", "1".to_owned()),
            ("status.storage.partitions", "1".to_owned()),
            ("scheduled.rebalance.max.delay.ms", "0".to_owned()),
        ];
        let more = properties.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let file = folder.write(&format!("{name}.properties"), jvm::properties(own.into_iter().chain(more)))?;
        let class = "org.apache.kafka.connect.cli.ConnectDistributed";
        let daemon = jvm::start(installation, &folder, name, class, *heap_megabytes, around, &file)?;
        Ok(Self { daemon, client: jvm::client(), url })
    }

    /// Waits until it answers with its connectors, of which there may be none.
    pub fn await_ready(&mut self) -> Result<(), KafkaError> {
        let (client, url) = (&self.client, format!("{}/connectors", self.url));
        jvm::await_true("Connect", &mut self.daemon, || jvm::json(client, &url, None).is_ok())
    }

    /// Of its REST interface, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it answers at a path, such as `/connector-plugins`.
    pub fn get(&self, path: &str) -> Result<Value, KafkaError> {
        jvm::json(&self.client, &format!("{}{path}", self.url), None)
    }

    /// Creates or changes a connector.
    pub fn put_connector(&self, name: &str, configuration: &Value) -> Result<Value, KafkaError> {
        let url = format!("{}/connectors/{name}/config", self.url);
        jvm::json(&self.client, &url, Some(("PUT", configuration)))
    }

    /// The configuration of a sink that writes topics (separated by commas) into a file, a line a record.
    pub fn file_sink(topics: &str, file: &Path) -> Value {
        json!({
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "tasks.max": "1",
            "topics": topics,
            "file": PathBuf::from(file),
        })
    }
}
