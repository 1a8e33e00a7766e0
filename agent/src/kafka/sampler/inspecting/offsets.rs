//! Which partitions there are, and where they begin and end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::KafkaResult,
};

/// How long a broker may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Topic and partition.
pub(super) type PartitionKey = (String, i32);

/// The first offset that is there, and the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) low: i64,
    pub(super) high: i64,
}

/// The partitions of the topics that are wanted.
pub(super) fn partitions<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    wants: impl Fn(&str) -> bool,
) -> KafkaResult<BTreeSet<PartitionKey>> {
    let metadata = consumer.fetch_metadata(None, ANSWER_LIMIT)?;
    let topics = metadata.topics().iter().filter(|topic| wants(topic.name()));
    let all =
        topics.flat_map(|topic| topic.partitions().iter().map(|partition| (topic.name().to_owned(), partition.id())));
    Ok(all.collect())
}

/// Where partitions begin and end; those that cannot be asked now are left out. Two requests to each broker.
pub(super) fn bounds<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &[PartitionKey],
) -> BTreeMap<PartitionKey, Bounds> {
    if partitions.is_empty() {
        return BTreeMap::new();
    }
    // Instead of a time, ListOffsets takes -2 for the first offset and -1 for the end.
    let lows = ask(consumer, partitions, Offset::Beginning);
    let highs = ask(consumer, partitions, Offset::End);
    let both = lows.into_iter().filter_map(|(key, low)| {
        let high = *highs.get(&key)?;
        Some((key, Bounds { low, high: high.max(low) }))
    });
    both.collect()
}

fn ask<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &[PartitionKey],
    position: Offset,
) -> BTreeMap<PartitionKey, i64> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        // Refused only for a name with a zero byte, which no topic has.
        let _ = list.add_partition_offset(topic, *partition, position);
    }
    let Ok(answer) = consumer.offsets_for_times(list, ANSWER_LIMIT) else { return BTreeMap::new() };
    let elements = answer.elements();
    let known = elements.iter().filter(|element| element.error().is_ok());
    let offsets = known.filter_map(|element| match element.offset() {
        Offset::Offset(offset) => Some(((element.topic().to_owned(), element.partition()), offset)),
        _ => None,
    });
    offsets.collect()
}
