//! The client that reads messages: which partitions there are, where they begin and end, and which are fetched.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rdkafka::{
    Offset, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaResult,
};

use crate::kafka::{
    connection::{self, Connection, ConnectionError, Context},
    ffi::poll::{self, Polled},
};

/// How long a broker may take to answer.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Errors that are taken at once.
const MAX_ERRORS: usize = 100;

/// Topic and partition.
pub(super) type PartitionKey = (String, i32);

/// The first offset that is there, and the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) low: i64,
    pub(super) high: i64,
}

/// A consumer that no group knows.
pub(super) struct Consumer(BaseConsumer<Context>);

// === impl Consumer ===

impl Consumer {
    pub(super) fn new(connection: &Connection) -> Result<Self, ConnectionError> {
        let mut config = connection.client_config();
        config
            // rdkafka assigns nothing without one. Nothing is ever committed to it.
            .set("group.id", &connection.client_id)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error")
            .set("isolation.level", "read_committed")
            .set("check.crcs", "true")
            // Little memory at full speed: with the default of the second a small queue would stand still for a second each
            // time that it is full (librdkafka #2879).
            .set("queued.max.messages.kbytes", "8192")
            .set("fetch.queue.backoff.ms", "5")
            .set("fetch.message.max.bytes", "1048576")
            .set("fetch.max.bytes", "8388608")
            // Polled as here, librdkafka would print its log; errors come with their reasons.
            .set_log_level(RDKafkaLogLevel::Emerg);
        connection::create(&config, Context::hiding(&connection.properties)).map(Self)
    }

    pub(super) fn context(&self) -> &Context {
        self.0.context()
    }

    /// Whether this is the cluster that is meant; why not, otherwise.
    pub(super) fn check_cluster(&self, expected: &str) -> Result<(), String> {
        match self.0.client().fetch_cluster_id(ANSWER_LIMIT) {
            Some(found) if found == expected => Ok(()),
            Some(found) => Err(format!("the addresses lead to cluster {found}, expected {expected}: nothing is read")),
            None => Err("no broker tells the id of the cluster yet".to_owned()),
        }
    }

    /// The next message or error, if one comes in this time.
    pub(super) fn poll(&self, wait: Duration) -> Option<Polled<'_>> {
        poll::poll(&self.0, wait)
    }

    /// Takes errors as rdkafka does, which has the context hear their reasons. Only where no message can come.
    pub(super) fn hear_reasons(&self) {
        (0..MAX_ERRORS).map_while(|_| self.0.poll(Duration::ZERO)).for_each(drop);
    }

    /// The partitions of the topics that are wanted.
    pub(super) fn partitions(&self, wants: impl Fn(&str) -> bool) -> KafkaResult<BTreeSet<PartitionKey>> {
        let metadata = self.0.fetch_metadata(None, ANSWER_LIMIT)?;
        let topics = metadata.topics().iter().filter(|topic| wants(topic.name()));
        let all = topics
            .flat_map(|topic| topic.partitions().iter().map(|partition| (topic.name().to_owned(), partition.id())));
        Ok(all.collect())
    }

    /// Where partitions end; those that cannot be asked now are left out.
    pub(super) fn ends(&self, partitions: &[PartitionKey]) -> BTreeMap<PartitionKey, i64> {
        if partitions.is_empty() { BTreeMap::new() } else { self.ask(partitions, Offset::End) }
    }

    /// Where partitions begin and end; those that cannot be asked now are left out. Two requests to each broker.
    pub(super) fn bounds(&self, partitions: &[PartitionKey]) -> BTreeMap<PartitionKey, Bounds> {
        if partitions.is_empty() {
            return BTreeMap::new();
        }
        // Instead of a time, ListOffsets takes -2 for the first offset and -1 for the end.
        let lows = self.ask(partitions, Offset::Beginning);
        let highs = self.ask(partitions, Offset::End);
        let both = lows.into_iter().filter_map(|(key, low)| {
            let high = *highs.get(&key)?;
            Some((key, Bounds { low, high: high.max(low) }))
        });
        both.collect()
    }

    fn ask(&self, partitions: &[PartitionKey], position: Offset) -> BTreeMap<PartitionKey, i64> {
        let Ok(answer) = self.0.offsets_for_times(list(partitions, position), ANSWER_LIMIT) else {
            return BTreeMap::new();
        };
        let elements = answer.elements();
        let known = elements.iter().filter(|element| element.error().is_ok());
        let offsets = known.filter_map(|element| match element.offset() {
            Offset::Offset(offset) => Some(((element.topic().to_owned(), element.partition()), offset)),
            _ => None,
        });
        offsets.collect()
    }

    /// Fetches a partition from here on.
    pub(super) fn assign(&self, key: &PartitionKey, next: i64) -> KafkaResult<()> {
        let list = list([key], Offset::Offset(next));
        // One that was paused stays so when it is assigned again.
        self.0.incremental_assign(&list).and_then(|()| self.0.resume(&list))
    }

    pub(super) fn unassign(&self, key: &PartitionKey) {
        // Fails for one that is not assigned, which is what is wanted.
        let _ = self.0.incremental_unassign(&list([key], Offset::Invalid));
    }

    pub(super) fn pause(&self, key: &PartitionKey) {
        // Fails for one that is not assigned, which rests anyway.
        let _ = self.0.pause(&list([key], Offset::Invalid));
    }
}

fn list<'k>(partitions: impl IntoIterator<Item = &'k PartitionKey>, offset: Offset) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (topic, partition) in partitions {
        // Refused only for a name with a zero byte, which no topic has.
        let _ = list.add_partition_offset(topic, *partition, offset);
    }
    list
}
