use std::collections::BTreeSet;

use ipnet::IpNet;
use landfall_observation::{Endpoint, HostMethod, Initiator, Local, Observation, Protocol, TopicRole, truncated};
use landfall_transfer_law::Counterpart;

use super::host::{literal, normalise, registrable};

/// What an observation says about the identity of its remote.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    /// Normalised names: the host, or all names that currently resolve to the address. Empty for inbound connections,
    /// whose host is a name of the local party.
    pub(super) names: BTreeSet<String>,
    /// The address, unless the connection goes through a proxy.
    pub(super) address: Option<IpNet>,
    /// Prefixes within the truncated address in which the remote does not lie.
    pub(super) outside: Vec<IpNet>,
    /// Autonomous systems of that address.
    pub(super) asns: BTreeSet<u32>,
    /// The topic that it reads or writes.
    pub(super) topic: Option<String>,
    pub(super) role: Option<TopicRole>,
    /// The network of who runs the broker, if it is one whose place is attested.
    pub(super) broker: Option<Counterpart>,
    pub(super) port: u16,
    pub(super) inbound: bool,
    /// Whether it stands for many remotes: an agent merges those beyond its limit under the prefix of all addresses.
    pub(super) is_many: bool,
}

impl Remote {
    pub(super) fn of(observation: &Observation) -> Self {
        let channel = &observation.channel;
        let proxied = matches!(channel.host_method, HostMethod::HttpConnect | HostMethod::Socks | HostMethod::Proxy);
        let (address, role, client) = match &observation.remote {
            Endpoint::Address { address, .. } => (Some(address.trunc()), None, None),
            Endpoint::TopicParty { role, client_host, .. } => (None, Some(*role), client_host.as_deref()),
        };
        let topic = match (&observation.local, role) {
            (Local::Topic(topic), Some(TopicRole::Consumer | TopicRole::Connector | TopicRole::Other)) => {
                Some(topic.topic.clone())
            }
            _ => None,
        };
        let inbound = role.is_none() && observation.initiator == Initiator::Remote;
        // The names in DNS traffic are those that are looked up, not that of the server.
        let is_question =
            channel.protocol == Protocol::DNS && matches!(channel.host_method, HostMethod::Dns | HostMethod::None);
        let unnamed = inbound || is_question;
        let host = if unnamed { None } else { channel.host.as_deref().or(client) };
        let names = match host {
            Some(host) => normalise(host).into_iter().collect(),
            None if unnamed => BTreeSet::new(),
            // With Encrypted Client Hello, the visible SNI names the client-facing server, not the recipient.
            None => {
                let joined = channel.names.iter().filter(|name| name.method == HostMethod::Dns);
                joined.filter_map(|name| normalise(&name.name)).collect()
            }
        };
        // An address in a proxy request is that of the recipient.
        let asked = host.and_then(literal).map(IpNet::from);
        let (address, asns) = match (proxied, role) {
            (true, _) | (_, Some(_)) => (asked, BTreeSet::new()),
            (false, None) => (address, observation.location.iter().filter_map(|evidence| evidence.asn).collect()),
        };
        let is_many = matches!(&observation.remote, Endpoint::Address { address, .. } if address.prefix_len() == 0);
        let outside = match &observation.remote {
            Endpoint::Address { outside, .. } => outside.clone(),
            Endpoint::TopicParty { .. } => Vec::new(),
        };
        Self { names, address, outside, asns, topic, role, broker: None, port: channel.port, inbound, is_many }
    }

    /// The labels of an unregistered remote: its registrable domains, else its autonomous system, else its prefix.
    /// There is one label, unless its names belong to several domains.
    pub(super) fn labels(&self) -> Vec<String> {
        if !self.names.is_empty() {
            let domains: BTreeSet<_> = self.names.iter().map(|name| registrable(name).to_owned()).collect();
            return domains.into_iter().collect();
        }
        let label = match (self.asns.first(), self.address, self.role) {
            (Some(asn), ..) => format!("AS{asn}"),
            (None, Some(address), _) => truncated(address).to_string(),
            (None, None, Some(role)) => match role {
                TopicRole::Producer => "topic-producer",
                TopicRole::Consumer => "topic-consumer",
                TopicRole::Replica => "topic-replica",
                TopicRole::Connector => "topic-connector",
                TopicRole::Other => "topic-party",
            }
            .to_owned(),
            (None, None, None) => "behind-proxy".to_owned(),
        };
        vec![label]
    }
}
