//! Who has access to a topic.

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::{Broker, Endpoint, TopicRole};

use crate::kafka::{
    connect::{Address, addresses, sink_hosts},
    landing::{Destination, LandingGraph, TopicLandings},
};

/// Most parties of a topic that are told apart; those beyond are one party without a name.
const MAX_PARTIES: usize = 500;
/// The port of brokers where none is named.
const KAFKA: u16 = 9092;

/// A party, and the port that it uses or is reached by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Access {
    pub(super) port: u16,
    pub(super) party: Endpoint,
}

/// The parties of each topic: the brokers that hold a replica of it, the members of groups that read it, the clusters that it is
/// copied to, and the hosts that sinks write it to. Whoever read before, and where remote storage is, is not known.
pub(super) fn parties(graph: &LandingGraph) -> BTreeMap<String, BTreeSet<Access>> {
    graph.topics.iter().map(|(name, topic)| (name.clone(), of_topic(topic))).collect()
}

/// The parties that a landing is observed as.
pub fn parties_of(destination: &Destination) -> Vec<Endpoint> {
    accesses(destination, KAFKA).into_iter().map(|access| access.party).collect()
}

fn of_topic(topic: &TopicLandings) -> BTreeSet<Access> {
    let destinations = || topic.landings.iter().map(|landing| &landing.destination);
    let port = destinations().find_map(|destination| match destination {
        Destination::Broker { port, .. } => Some(*port),
        _ => None,
    });
    let port = port.unwrap_or_default();
    let mut all = BTreeSet::new();
    for access in destinations().flat_map(|destination| accesses(destination, port)) {
        all.insert(if all.len() < MAX_PARTIES { access } else { party(TopicRole::Consumer, port, None, None) });
    }
    all
}

/// `port` is that of the cluster's brokers.
fn accesses(destination: &Destination, port: u16) -> Vec<Access> {
    match destination {
        Destination::Broker { id, host, port, rack } => vec![Access {
            port: *port,
            party: Endpoint::TopicParty {
                role: TopicRole::Replica,
                group: None,
                client_host: Some(host.clone()),
                broker: Some(Broker { id: *id, rack: rack.clone() }),
            },
        }],
        Destination::Reader { group, client_id: _, host } => {
            let host = Some(host.clone()).filter(|host| !host.is_empty());
            vec![party(TopicRole::Consumer, port, Some(group.clone()), host)]
        }
        Destination::Mirror { servers, .. } => {
            let servers = servers.as_deref().and_then(addresses).unwrap_or_default();
            if servers.is_empty() {
                return vec![party(TopicRole::Replica, KAFKA, None, None)];
            }
            let replica = |Address { host, port }| party(TopicRole::Replica, port.unwrap_or(KAFKA), None, Some(host));
            servers.into_iter().map(replica).collect()
        }
        Destination::Sink { connector: _, settings } => {
            let sink = |Address { host, port }| party(TopicRole::Connector, port.unwrap_or_default(), None, Some(host));
            sink_hosts(settings).into_iter().map(sink).collect()
        }
        Destination::AbsentReader { .. } | Destination::RemoteStorage { .. } | Destination::Topic { .. } => Vec::new(),
    }
}

fn party(role: TopicRole, port: u16, group: Option<String>, client_host: Option<String>) -> Access {
    Access { port, party: Endpoint::TopicParty { role, group, client_host, broker: None } }
}
