//! What an inspecting process is told: one line of JSON on its standard input, since it holds credentials.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use landfall_observation::TopicSelector;
use serde::{Deserialize, Serialize};

use super::{budget::Budget, share::Share};
use crate::kafka::{connection::Connection, service::Service};

/// How often it is looked who has access to the topics of a MessageBus, in seconds.
pub const INVENTORY_SECONDS: u32 = 30;
/// Memory of the process that reads and inspects a MessageBus, in bytes.
pub const MEMORY: u64 = 256 << 20;

/// What to read, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The cluster.
    pub connection: Connection,
    /// The id that it must have (KIP-78); of another cluster nothing is read.
    #[serde(default)]
    pub cluster_id: Option<String>,
    /// Seconds between inventories, which tell where messages land; none are taken without it.
    #[serde(default)]
    pub inventory_seconds: Option<u32>,
    /// The registry with the schemas that messages name, if it is asked.
    #[serde(default)]
    pub schema_registry: Option<Service>,
    /// Kafka Connect clusters that are asked with each inventory.
    #[serde(default)]
    pub connect: Vec<Service>,
    /// Which of its topics: each that one of these selects. Kafka's internal topics never are.
    pub topics: Vec<TopicSelector>,
    /// Which of their partitions, if several agents share them.
    #[serde(default)]
    pub share: Option<Share>,
    /// Where a partition is begun that was never read.
    pub start: Start,
    /// How much of each partition.
    pub budget: Budget,
    /// When to end.
    pub until: Until,
    /// Where partitions are continued.
    #[serde(default)]
    pub positions: Vec<Position>,
    /// Messages that are not looked at.
    #[serde(default)]
    pub skipped: Vec<Offset>,
    /// Each message is announced before it is inspected, so that one at which the process dies is known.
    #[serde(default)]
    pub announces: bool,
    /// Values whose shape was scanned often enough are counted and mostly not scanned again.
    #[serde(default)]
    pub passes_known_shapes: bool,
    /// The most memory that the process may allocate, in bytes.
    pub memory_limit: u64,
}

/// Where a partition is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Start {
    /// As far before its end as the budget reaches: the newest messages say most about what a topic holds now.
    Tail,
    /// At the oldest message.
    Earliest,
}

/// When an inspecting process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Until {
    /// When each partition is read up to where it ended at the start, or its budget is used up.
    PresentEnd,
    /// When it is told to. Budgets are for periods of this many seconds; at the start of each the oldest messages are
    /// left out that the budget does not reach.
    Stopped { period_seconds: u32 },
}

/// An offset of a partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offset {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

/// Where a partition is continued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    pub topic: String,
    pub partition: i32,
    /// Everything below is accounted for.
    pub next: i64,
    /// Where it ended at the start, with [`Until::PresentEnd`].
    pub end: i64,
    /// What is left of its budget, with [`Until::PresentEnd`].
    pub budget: Budget,
}

// === impl Plan ===

impl Plan {
    /// Whether a topic is read.
    pub(super) fn reads(&self, topic: &str) -> bool {
        is_read(topic, &self.topics, Timestamp::now())
    }

    /// Whether a partition of such a topic is read.
    pub(super) fn has(&self, topic: &str, partition: i32) -> bool {
        self.share.is_none_or(|share| share.has(topic, partition))
    }
}

/// Whether a topic is read at the instant `at`, where these selectors say which are.
pub(in crate::kafka) fn is_read(topic: &str, selectors: &[TopicSelector], at: Timestamp) -> bool {
    !is_internal(topic) && selectors.iter().any(|selector| selector.selects(topic, at))
}

/// Kafka's own topics, and the topics of its schema registries: no messages of applications.
fn is_internal(topic: &str) -> bool {
    topic.starts_with("__") || topic == "_schemas"
}
