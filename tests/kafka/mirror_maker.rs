//! MirrorMaker 2 in a process of its own: copies topics of one cluster into another.

use std::path::Path;

use super::{Broker, Installation, KafkaError, jvm};
use crate::cluster::{Daemon, process::Folder};

/// What is copied.
#[derive(Debug, Clone)]
pub struct MirrorOptions {
    /// Of its log and its file of properties.
    pub name: String,
    /// Alias and address of the cluster that it copies from.
    pub source: (String, String),
    /// The same of the one that it copies into.
    pub target: (String, String),
    /// Pattern of the names of topics.
    pub topics: String,
    /// The same of groups whose offsets are translated.
    pub groups: String,
    pub heap_megabytes: u32,
    /// Further lines of its properties; they win. By default it writes nothing into the source but the positions of its copies:
    /// `TARGET->SOURCE.emit.heartbeats.enabled` is false.
    pub properties: Vec<(String, String)>,
    /// What puts it into namespaces.
    pub around: Vec<String>,
}

/// A running MirrorMaker; dropped, it is ended.
#[derive(Debug)]
pub struct MirrorMaker {
    daemon: Daemon,
}

impl Default for MirrorOptions {
    fn default() -> Self {
        Self {
            name: "mirror-maker".into(),
            source: ("source".into(), String::new()),
            target: ("target".into(), String::new()),
            topics: ".*".into(),
            groups: ".*".into(),
            heap_megabytes: 192,
            properties: Vec::new(),
            around: Vec::new(),
        }
    }
}

impl MirrorMaker {
    /// Starts one, which then takes seconds: [`Self::await_topic`].
    pub fn start(installation: &Installation, folder: &Path, options: &MirrorOptions) -> Result<Self, KafkaError> {
        let MirrorOptions { name, source, target, topics, groups, heap_megabytes, properties, around } = options;
        let folder = Folder { path: folder.to_owned() };
        let (from, to) = (&source.0, &target.0);
        let flow = format!("{from}->{to}");
        // Often and with one replica, for clusters of one node.
        let mut lines = vec![
            ("clusters".to_owned(), format!("{from},{to}")),
            (format!("{from}.bootstrap.servers"), source.1.clone()),
            (format!("{to}.bootstrap.servers"), target.1.clone()),
            (format!("{flow}.enabled"), "true".to_owned()),
            (format!("{flow}.topics"), topics.clone()),
            (format!("{flow}.groups"), groups.clone()),
            (format!("{flow}.sync.group.offsets.enabled"), "true".to_owned()),
            (format!("{to}->{from}.enabled"), "false".to_owned()),
            (format!("{to}->{from}.emit.heartbeats.enabled"), "false".to_owned()),
        ];
        let topics = ["replication", "checkpoints.topic.replication", "heartbeats.topic.replication"];
        let storage = ["offset-syncs.topic.replication", "config.storage.replication", "offset.storage.replication"];
        for name in topics.iter().chain(&storage).chain(&["status.storage.replication"]) {
            lines.push((format!("{name}.factor"), "1".to_owned()));
        }
        for name in ["offset.storage.partitions", "status.storage.partitions"] {
            lines.push((name.to_owned(), "1".to_owned()));
        }
        for name in ["refresh.topics", "refresh.groups", "sync.group.offsets", "emit.checkpoints", "emit.heartbeats"] {
            lines.push((format!("{name}.interval.seconds"), "2".to_owned()));
        }
        let own = lines.iter().chain(properties).map(|(name, value)| (name.as_str(), value.clone()));
        let file = folder.write(&format!("{name}.properties"), jvm::properties(own))?;
        let class = "org.apache.kafka.connect.mirror.MirrorMaker";
        let daemon = jvm::start(installation, &folder, name, class, *heap_megabytes, around, &file)?;
        Ok(Self { daemon })
    }

    /// Waits until the target has a topic, such as `SOURCE.TOPIC`.
    pub fn await_topic(&mut self, target: &Broker, topic: &str) -> Result<(), KafkaError> {
        let exists = || target.metadata().is_ok_and(|seen| seen.topics.contains_key(topic));
        jvm::await_true(&format!("topic {topic}"), &mut self.daemon, exists)
    }
}
