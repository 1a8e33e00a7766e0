//! Who has access to a topic.

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::{Broker, Endpoint, TopicRole};

use crate::kafka::inventory::{GroupKind, Inventory};

/// Most parties of a topic that are told apart; those beyond are one party without a name.
const MAX_PARTIES: usize = 500;

/// A party, and the port of the brokers that it uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Access {
    pub(super) port: u16,
    pub(super) party: Endpoint,
}

/// The parties of each topic: the brokers that hold a replica of it, and the members of groups that read it.
pub(super) fn parties(inventory: &Inventory) -> BTreeMap<String, BTreeSet<Access>> {
    let Inventory { brokers, topics, groups, .. } = inventory;
    let port = brokers.first().map_or(0, |broker| broker.port);
    let mut all: BTreeMap<String, BTreeSet<Access>> = BTreeMap::new();
    for topic in topics {
        let shares = topic.replication.iter().filter(|share| share.replica > 0);
        let holders = shares.filter_map(|share| brokers.iter().find(|broker| broker.id == share.broker));
        let replicas = holders.map(|broker| Access {
            port: broker.port,
            party: Endpoint::TopicParty {
                role: TopicRole::Replica,
                group: None,
                client_host: Some(broker.host.clone()),
                broker: Some(Broker { id: broker.id, rack: broker.rack.clone() }),
            },
        });
        all.insert(topic.name.clone(), replicas.collect());
    }
    for group in groups {
        // Members of Connect's own groups share out tasks: which topics they read is with the groups of the connectors.
        if group.kind == GroupKind::Connect {
            continue;
        }
        for member in &group.members {
            let host = Some(member.client_host.clone()).filter(|host| !host.is_empty());
            let reader = reader(port, Some(group.name.clone()), host);
            for (topic, partitions) in &member.topics {
                if !partitions.is_empty()
                    && let Some(known) = all.get_mut(topic)
                {
                    known.insert(if known.len() < MAX_PARTIES {
                        reader.clone()
                    } else {
                        self::reader(port, None, None)
                    });
                }
            }
        }
    }
    all
}

fn reader(port: u16, group: Option<String>, client_host: Option<String>) -> Access {
    Access { port, party: Endpoint::TopicParty { role: TopicRole::Consumer, group, client_host, broker: None } }
}
