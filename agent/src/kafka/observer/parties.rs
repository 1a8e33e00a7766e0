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
    role: TopicRole,
    group: Option<String>,
    host: Option<String>,
    broker: Option<Broker>,
}

impl Access {
    pub(super) fn party(&self) -> Endpoint {
        let Self { port: _, role, group, host, broker } = self.clone();
        Endpoint::TopicParty { role, group, client_host: host, broker }
    }
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
            role: TopicRole::Replica,
            group: None,
            host: Some(broker.host.clone()),
            broker: Some(Broker { id: broker.id, rack: broker.rack.clone() }),
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
            let reader =
                Access { port, role: TopicRole::Consumer, group: Some(group.name.clone()), host, broker: None };
            for (topic, partitions) in &member.topics {
                if !partitions.is_empty()
                    && let Some(known) = all.get_mut(topic)
                {
                    known.insert(if known.len() < MAX_PARTIES { reader.clone() } else { anonymous(port) });
                }
            }
        }
    }
    all
}

fn anonymous(port: u16) -> Access {
    Access { port, role: TopicRole::Consumer, group: None, host: None, broker: None }
}
