//! Topics: what each broker has of them.

use std::collections::BTreeMap;

use super::{super::ffi, BrokerShare, Topic};

/// The topics that Kafka itself makes, which its clients call internal.
const INTERNAL: [&str; 3] = [OFFSETS, "__transaction_state", "__share_group_state"];
/// Where Kafka keeps the offsets that groups have committed: it is there if there is a group.
pub(super) const OFFSETS: &str = "__consumer_offsets";

/// Topics by name, without their settings.
pub(super) fn topics(seen: &[ffi::Topic]) -> Vec<Topic> {
    let mut topics: Vec<Topic> = seen.iter().map(topic).collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    topics
}

fn topic(topic: &ffi::Topic) -> Topic {
    let mut shares: BTreeMap<i32, BrokerShare> = BTreeMap::new();
    let mut count = |broker: i32, step: fn(&mut BrokerShare)| {
        step(shares.entry(broker).or_insert(BrokerShare { broker, leader: 0, replica: 0, in_sync: 0 }));
    };
    for partition in &topic.partitions {
        partition.leader.iter().for_each(|broker| count(*broker, |share| share.leader += 1));
        partition.replicas.iter().for_each(|broker| count(*broker, |share| share.replica += 1));
        partition.in_sync.iter().for_each(|broker| count(*broker, |share| share.in_sync += 1));
    }
    Topic {
        name: topic.name.clone(),
        internal: INTERNAL.contains(&topic.name.as_str()),
        partitions: topic.partitions.len(),
        replication: shares.into_values().collect(),
        configuration: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::ffi::Partition;

    #[test]
    fn replicas_are_counted_by_broker() {
        let partition = |id, leader, replicas: &[i32], in_sync: &[i32]| Partition {
            id,
            leader,
            replicas: replicas.to_vec(),
            in_sync: in_sync.to_vec(),
        };
        let partitions = vec![
            partition(0, Some(1), &[1, 2], &[1, 2]),
            partition(1, Some(2), &[2, 3], &[2]),
            partition(2, None, &[3, 1], &[]),
        ];
        let seen = [
            ffi::Topic { name: "orders".into(), partitions },
            ffi::Topic { name: OFFSETS.into(), partitions: Vec::new() },
        ];
        let share = |broker, leader, replica, in_sync| BrokerShare { broker, leader, replica, in_sync };
        let expected = [
            Topic { name: OFFSETS.into(), internal: true, partitions: 0, replication: Vec::new(), configuration: None },
            Topic {
                name: "orders".into(),
                internal: false,
                partitions: 3,
                replication: vec![share(1, 1, 2, 1), share(2, 1, 2, 2), share(3, 0, 2, 0)],
                configuration: None,
            },
        ];
        assert_eq!(topics(&seen), expected);
    }
}
