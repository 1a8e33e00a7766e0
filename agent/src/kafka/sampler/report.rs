//! What an inspecting process says: lines of JSON on its standard output. None holds anything of a message but kinds of
//! personal data and paths of fields.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
};

use landfall_observation::DataCategory;
use serde::{Deserialize, Serialize};

use super::plan::Offset;
use crate::kafka::{
    changes::ClusterState,
    landing::LandingGraph,
    message::{DecodeError, FieldFinding, Format, MessagePart},
    schema::SchemaId,
};

/// Most schemas of a part of messages that are listed. A topic has a few, which follow one another.
const MAX_SCHEMAS: usize = 64;

/// Categories that a schema registry declares, by topic.
pub type DeclaredByTopic = BTreeMap<String, BTreeSet<DataCategory>>;

/// A line of an inspecting process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub(super) enum Report {
    /// It reads these partitions; again whenever that changes.
    Started { partitions: Vec<Started> },
    /// A range of offsets is done with.
    Progress(Progress),
    /// The next message of this partition to be inspected.
    Announced(Offset),
    /// Where messages land now, and the categories that the registry declares of topics.
    Landings {
        graph: LandingGraph,
        #[serde(default)]
        declared: DeclaredByTopic,
        /// What of the cluster is compared with before.
        #[serde(default)]
        cluster: ClusterState,
    },
    /// Something fails; it goes on by itself.
    Problem(Problem),
    /// Partitions of a sample are left out.
    Unread(Unread),
    /// How far the reading is behind, about every half a minute while topics can be looked up.
    Lag(Lag),
    /// It works, and has nothing to say.
    Alive,
    /// All is read: the process ends.
    Done,
}

/// A partition that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    pub topic: String,
    pub partition: i32,
    /// The first offset that is accounted for.
    pub begin: i64,
    /// The offset after the last message that can be read now: after the last that is committed.
    pub end: i64,
}

/// What a range of offsets of a partition held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub topic: String,
    pub partition: i32,
    /// The first offset.
    pub begin: i64,
    /// The offset after the last.
    pub end: i64,
    /// What became of the offsets.
    pub counts: Counts,
    /// Parts of messages (keys, values, headers) by how they were decoded.
    #[serde(default)]
    pub formats: BTreeMap<Format, u64>,
    /// Parts that were not decoded as they should, by the reason; they were inspected as far as they can be read.
    #[serde(default)]
    pub errors: BTreeMap<DecodeError, u64>,
    /// Parts by the schema that they name and that could be read, of each of the first 64.
    #[serde(default)]
    pub schemas: BTreeMap<MessagePart, BTreeMap<SchemaId, u64>>,
    /// Personal data by field.
    #[serde(default)]
    pub findings: Vec<FieldFinding>,
    /// Time of the processor, in microseconds.
    #[serde(default)]
    pub processor_microseconds: u64,
}

/// What became of offsets. Each is counted in exactly one of `inspected`, `crashed`, `not_sampled`, `deleted` and `absent`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Messages that were read and inspected.
    pub inspected: u64,
    /// Messages that were skipped since the process had died at them twice.
    pub crashed: u64,
    /// Offsets that the budget left out, whether they held a message or not.
    pub not_sampled: u64,
    /// Offsets that retention deleted before they were read.
    pub deleted: u64,
    /// Offsets without a message for a reader: removed by compaction, of an aborted transaction, or the mark of one.
    pub absent: u64,
    /// Of the inspected messages, those of which every part was decoded without an error.
    pub decoded: u64,
    /// Of the inspected messages, those whose value was not scanned, since many of its shape had been: of JSON, which
    /// names stand where with what kinds of values.
    pub known_shape: u64,
    /// Of the inspected messages, those without a value: they delete their key.
    pub tombstones: u64,
    /// Bytes of keys, values and headers of the inspected messages.
    pub bytes: u64,
    /// Bytes of text that went through the detectors.
    pub inspected_bytes: u64,
}

/// How far the reading is behind the writers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lag {
    /// Partitions that are to be read.
    pub partitions: u64,
    /// Of these, the ones that are read and whose end is known.
    pub read: u64,
    /// Offsets up to the ends of the latter that are not done with.
    pub offsets: u64,
}

/// Partitions of a topic that a sample leaves out, since no broker answers for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unread {
    pub topic: String,
    pub partitions: Vec<i32>,
}

/// What fails, in words that hold nothing of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The topic, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// What fails, and what to do.
    pub text: String,
}

// === impl Counts ===

impl Counts {
    /// Offsets that are accounted for.
    pub fn offsets(&self) -> u64 {
        let Self { inspected, crashed, not_sampled, deleted, absent, .. } = self;
        inspected + crashed + not_sampled + deleted + absent
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self {
            inspected,
            crashed,
            not_sampled,
            deleted,
            absent,
            decoded,
            known_shape,
            tombstones,
            bytes,
            inspected_bytes,
        } = other;
        self.inspected += inspected;
        self.crashed += crashed;
        self.not_sampled += not_sampled;
        self.deleted += deleted;
        self.absent += absent;
        self.decoded += decoded;
        self.known_shape += known_shape;
        self.tombstones += tombstones;
        self.bytes += bytes;
        self.inspected_bytes += inspected_bytes;
    }
}

// === impl Progress ===

impl Progress {
    /// Whether each offset of the range is accounted for once.
    pub fn is_complete(&self) -> bool {
        u64::try_from(self.end - self.begin).is_ok_and(|offsets| offsets == self.counts.offsets())
    }

    /// Counts parts that name a schema.
    pub(super) fn count_schema(&mut self, part: MessagePart, schema: SchemaId, parts: u64) {
        let known = self.schemas.entry(part).or_default();
        if known.len() < MAX_SCHEMAS || known.contains_key(&schema) {
            *known.entry(schema).or_default() += parts;
        }
    }

    /// Adds what another range of the same partition, or of another of the topic, held.
    pub fn merge(&mut self, other: Self) {
        let Self {
            topic: _,
            partition: _,
            begin: _,
            end: _,
            counts,
            formats,
            errors,
            schemas,
            findings,
            processor_microseconds,
        } = other;
        self.counts += counts;
        for (format, parts) in formats {
            *self.formats.entry(format).or_default() += parts;
        }
        for (error, parts) in errors {
            *self.errors.entry(error).or_default() += parts;
        }
        for (part, ids) in schemas {
            for (schema, parts) in ids {
                self.count_schema(part, schema, parts);
            }
        }
        for finding in findings {
            super::tally::add(&mut self.findings, finding);
        }
        self.processor_microseconds += processor_microseconds;
    }
}
