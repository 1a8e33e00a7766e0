//! What the inventory says of landings: brokers, readers, remote storage, and the topics of applications of Kafka Streams.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Destination, Evidence, LandingGraph, TopicRelation};
use crate::kafka::inventory::{GroupKind, Inventory, Topic};

/// What `remote.storage.enable` is where old segments leave the brokers.
const ENABLED: &str = "true";
const CHANGELOG: &str = "-changelog";
const REPARTITION: &str = "-repartition";

impl LandingGraph {
    pub(super) fn add_brokers(&mut self, topic: &Topic, inventory: &Inventory, at: Timestamp) {
        for share in topic.replication.iter().filter(|share| share.replica > 0) {
            if let Some(broker) = inventory.brokers.iter().find(|broker| broker.id == share.broker) {
                let (host, rack) = (broker.host.clone(), broker.rack.clone());
                let destination = Destination::Broker { id: broker.id, host, port: broker.port, rack };
                self.add(&topic.name, destination, Evidence::Metadata, at);
            }
        }
        let settings = topic.configuration.as_ref();
        if settings.and_then(|settings| settings.get("remote.storage.enable")).is_some_and(|value| value == ENABLED) {
            let manager = inventory.brokers.iter().find_map(|broker| {
                broker.configuration.as_ref()?.get("remote.log.storage.manager.class.name").cloned()
            });
            let manager = manager.filter(|class| !class.is_empty());
            self.add(&topic.name, Destination::RemoteStorage { manager }, Evidence::Settings, at);
        }
    }

    pub(super) fn add_readers(&mut self, inventory: &Inventory, at: Timestamp) {
        // Members of Connect's own groups share out tasks: which topics they read is with the groups of the sinks.
        for group in inventory.groups.iter().filter(|group| group.kind != GroupKind::Connect) {
            for member in &group.members {
                for (topic, _) in member.topics.iter().filter(|(_, partitions)| !partitions.is_empty()) {
                    let (client_id, host) = (member.client_id.clone(), member.client_host.clone());
                    let destination = Destination::Reader { group: group.name.clone(), client_id, host };
                    self.add(topic, destination, Evidence::GroupMembers, at);
                }
            }
            for topic in group.committed.keys() {
                let destination = Destination::AbsentReader { group: group.name.clone() };
                self.add(topic, destination, Evidence::CommittedOffsets, at);
            }
        }
    }

    /// The topics that an application of Kafka Streams makes: their names begin with its group.
    pub(super) fn add_streams(&mut self, inventory: &Inventory, at: Timestamp) {
        for topic in &inventory.topics {
            let relation = match &topic.name {
                name if name.ends_with(CHANGELOG) => TopicRelation::Changelog,
                name if name.ends_with(REPARTITION) => TopicRelation::Repartition,
                _ => continue,
            };
            let is_its = |group: &str| topic.name.strip_prefix(group).is_some_and(|rest| rest.starts_with('-'));
            let groups = inventory.groups.iter().filter(|group| is_its(&group.name));
            let Some(group) = groups.max_by_key(|group| group.name.len()) else { continue };
            let members = group.members.iter().flat_map(|member| member.topics.keys());
            let read: BTreeSet<&String> = members.chain(group.committed.keys()).collect();
            for source in read.into_iter().filter(|source| !is_its_own(source, &group.name)) {
                let destination = Destination::Topic { topic: topic.name.clone(), relation };
                self.add(source, destination, Evidence::TopicNames, at);
            }
        }
    }
}

fn is_its_own(topic: &str, group: &str) -> bool {
    let is_made = topic.ends_with(CHANGELOG) || topic.ends_with(REPARTITION);
    is_made && topic.strip_prefix(group).is_some_and(|rest| rest.starts_with('-'))
}
