//! The client that reads messages: which partitions there are, where they begin and end, and which are fetched.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rdkafka::{
    Offset, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaResult,
    types::RDKafkaErrorCode,
};

use crate::kafka::{
    connection::{self, Connection, ConnectionError, Context},
    ffi::poll::{self, Polled},
};

/// How long a broker may take to answer.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long any further one may, once a broker has not answered.
const SHORT_LIMIT: Duration = Duration::from_secs(2);
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
pub(super) struct Consumer {
    client: BaseConsumer<Context>,
    /// The broker that leads each partition, as the topics were looked up last; none of those that did not answer since.
    leaders: RefCell<BTreeMap<PartitionKey, i32>>,
}

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
        let client = connection::create(&config, Context::hiding(&connection.properties))?;
        Ok(Self { client, leaders: RefCell::default() })
    }

    pub(super) fn context(&self) -> &Context {
        self.client.context()
    }

    /// Whether this is the cluster that is meant; why not, otherwise.
    pub(super) fn check_cluster(&self, expected: &str) -> Result<(), String> {
        match self.client.client().fetch_cluster_id(ANSWER_LIMIT) {
            Some(found) if found == expected => Ok(()),
            Some(found) => Err(format!("the addresses lead to cluster {found}, expected {expected}: nothing is read")),
            None => Err("no broker tells the id of the cluster yet".to_owned()),
        }
    }

    /// The next message or error, if one comes in this time.
    pub(super) fn poll(&self, wait: Duration) -> Option<Polled<'_>> {
        poll::poll(&self.client, wait)
    }

    /// Takes errors as rdkafka does, which has the context hear their reasons. Only where no message can come.
    pub(super) fn hear_reasons(&self) {
        (0..MAX_ERRORS).map_while(|_| self.client.poll(Duration::ZERO)).for_each(drop);
    }

    /// The partitions of the topics that are wanted.
    pub(super) fn partitions(&self, wants: impl Fn(&str) -> bool) -> KafkaResult<BTreeSet<PartitionKey>> {
        let metadata = self.client.fetch_metadata(None, ANSWER_LIMIT)?;
        let topics = metadata.topics().iter().filter(|topic| wants(topic.name()));
        let all = topics.flat_map(|topic| {
            topic.partitions().iter().map(|partition| ((topic.name().to_owned(), partition.id()), partition.leader()))
        });
        let all: BTreeMap<_, _> = all.collect();
        let found = all.keys().cloned().collect();
        *self.leaders.borrow_mut() = all.into_iter().filter(|(_, leader)| *leader >= 0).collect();
        Ok(found)
    }

    /// Whether a partition has a leader, of which nothing else is known.
    pub(super) fn is_led(&self, key: &PartitionKey) -> bool {
        self.leaders.borrow().contains_key(key)
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

    /// Asks each leader for itself: librdkafka answers for all partitions or for none, and waits for a leader as long as it may.
    fn ask(&self, partitions: &[PartitionKey], position: Offset) -> BTreeMap<PartitionKey, i64> {
        let mut of_leader = BTreeMap::<_, Vec<_>>::new();
        for key in partitions {
            if let Some(leader) = self.leaders.borrow().get(key) {
                of_leader.entry(*leader).or_default().push(key);
            }
        }
        let (mut offsets, mut limit) = (BTreeMap::new(), ANSWER_LIMIT);
        for (leader, partitions) in of_leader {
            let answer = match self.client.offsets_for_times(list(partitions, position), limit) {
                Ok(answer) => answer,
                Err(error) => {
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut) {
                        // It is asked again when the topics were looked up.
                        self.leaders.borrow_mut().retain(|_, known| *known != leader);
                        limit = SHORT_LIMIT;
                    }
                    continue;
                }
            };
            let elements = answer.elements();
            let known = elements.iter().filter(|element| element.error().is_ok());
            offsets.extend(known.filter_map(|element| match element.offset() {
                Offset::Offset(offset) => Some(((element.topic().to_owned(), element.partition()), offset)),
                _ => None,
            }));
        }
        offsets
    }

    /// Fetches a partition from here on.
    pub(super) fn assign(&self, key: &PartitionKey, next: i64) -> KafkaResult<()> {
        let list = list([key], Offset::Offset(next));
        // One that was paused stays so when it is assigned again.
        self.client.incremental_assign(&list).and_then(|()| self.client.resume(&list))
    }

    pub(super) fn unassign(&self, key: &PartitionKey) {
        // Fails for one that is not assigned, which is what is wanted.
        let _ = self.client.incremental_unassign(&list([key], Offset::Invalid));
    }

    pub(super) fn pause(&self, key: &PartitionKey) {
        // Fails for one that is not assigned, which rests anyway.
        let _ = self.client.pause(&list([key], Offset::Invalid));
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
