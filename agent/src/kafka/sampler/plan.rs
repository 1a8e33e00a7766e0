//! What an inspecting process is told: one line of JSON on its standard input, since it holds credentials.

#[cfg(test)]
mod tests;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use crate::kafka::connection::Connection;

/// What to read, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The cluster.
    pub connection: Connection,
    /// Which of its topics.
    pub topics: TopicSelection,
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
    /// The most memory that the process may allocate, in bytes.
    pub memory_limit: u64,
}

/// The topics that are read: each that a pattern includes and none excludes. Kafka's internal topics never are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopicSelection {
    /// Names, or patterns with `*`, `?`, `[a-z]` and `{a,b}`.
    pub include: Vec<String>,
    /// As `include`.
    #[serde(default)]
    pub exclude: Vec<String>,
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

/// A pattern is none.
#[derive(Debug, thiserror::Error)]
#[error("{pattern}: expected a name of a topic or a pattern with *, ?, [a-z] or {{a,b}}")]
pub struct PatternError {
    pattern: String,
    source: globset::Error,
}

/// A selection whose patterns are compiled.
#[derive(Debug)]
pub(super) struct CompiledSelection {
    include: GlobSet,
    exclude: GlobSet,
}

// === impl TopicSelection ===

impl TopicSelection {
    /// Every topic but the internal ones.
    pub fn all() -> Self {
        Self { include: vec!["*".to_owned()], exclude: Vec::new() }
    }

    /// Checks the patterns.
    pub fn check(&self) -> Result<(), PatternError> {
        self.compile().map(drop)
    }

    pub(super) fn compile(&self) -> Result<CompiledSelection, PatternError> {
        Ok(CompiledSelection { include: globs(&self.include)?, exclude: globs(&self.exclude)? })
    }
}

// === impl CompiledSelection ===

impl CompiledSelection {
    pub(super) fn has(&self, topic: &str) -> bool {
        !is_internal(topic) && self.include.is_match(topic) && !self.exclude.is_match(topic)
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, PatternError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = Glob::new(pattern).map_err(|source| PatternError { pattern: pattern.clone(), source })?;
        set.add(glob);
    }
    let named = || patterns.join(", ");
    set.build().map_err(|source| PatternError { pattern: named(), source })
}

/// Kafka's own topics, and the topics of its schema registries: no messages of applications.
fn is_internal(topic: &str) -> bool {
    topic.starts_with("__") || topic == "_schemas"
}
