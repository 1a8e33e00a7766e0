//! The cluster's own networks, as far as the API server knows them. They must be declared in an agreement (decision 0019);
//! this module proposes what to declare (decision 0026).
//!
//! ```text
//! Nodes ─watch─► pod networks, addresses ────┐
//! ServiceCIDRs, default/kubernetes ─get──────┼─► ClusterNetworks ─minus the declared ones─► condition, finding
//! resolv.conf of the pod ─► name servers ────┘
//! ```

mod lookup;
mod proposal;
mod resolv_conf;

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use ipnet::IpNet;
use k8s_openapi::api::core::v1::Node;
use kube::{Resource, api::ObjectMeta, runtime::reflector::Store};
use serde::Deserialize;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use self::lookup::{LookupResult, look_up_periodically};
pub(super) use self::proposal::{Declared, Proposal};
use super::watch::{Watched, Watches};

/// Minimum time between changes of a proposal, because nodes come and go. It does not apply when something could not be read
/// before.
const MIN_INTERVAL: Duration = Duration::from_mins(5);
/// The region label of nodes. Anyone can set it to anything, so it is only shown.
const REGION: &str = "topology.kubernetes.io/region";

/// The parts of a Node that name networks.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(inherit = Node)]
pub(crate) struct NodeNetworks {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: NodeSpec,
    #[serde(default)]
    status: NodeStatus,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct NodeSpec {
    #[serde(default, rename = "podCIDRs")]
    pod_cidrs: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct NodeStatus {
    #[serde(default)]
    addresses: Vec<NodeAddress>,
}

#[derive(Debug, Clone, Deserialize)]
struct NodeAddress {
    r#type: String,
    address: String,
}

/// A network of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    /// Region label of the node, for networks of nodes.
    region: Option<String>,
    part: NetworkUse,
    prefix: IpNet,
}

/// What uses the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NetworkUse {
    Services,
    NameServer,
    ApiServer,
    Nodes,
    Pods,
}

/// The networks of the cluster, and what could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ClusterNetworks {
    networks: BTreeSet<Network>,
    /// What could not be read and why, each in one line.
    unread: BTreeSet<&'static str>,
    /// Whether a node has no podCIDRs.
    has_nodes_without_pods: bool,
}

/// Collects the networks of the cluster.
pub(super) struct Networks {
    nodes: Watched<NodeNetworks>,
    found: watch::Receiver<Option<LookupResult>>,
    named: Option<ClusterNetworks>,
    taken: Instant,
}

// === impl Networks ===

impl Networks {
    /// Starts the watch of Nodes and the periodic lookups.
    pub(super) fn watch(watches: &mut Watches, tasks: &mut JoinSet<&'static str>) -> Self {
        let (answer, found) = watch::channel(None);
        // Silent, because node statuses change all the time.
        let nodes = watches.start_silent("Node", tasks);
        tasks.spawn(look_up_periodically(watches.client(), answer, watches.changes()));
        Self { nodes, found, named: None, taken: Instant::now() }
    }

    /// All Nodes.
    pub(super) fn nodes(&self) -> Store<NodeNetworks> {
        self.nodes.store()
    }

    /// Updates the networks; returns whether they have changed.
    pub(super) fn refresh(&mut self) -> bool {
        let Some(found) = self.found.borrow().clone() else { return false };
        let named = if self.nodes.is_listed() {
            ClusterNetworks::from_nodes(self.nodes.state().iter().map(AsRef::as_ref), &found)
        } else if self.nodes.has_failed() {
            ClusterNetworks::without_nodes(&found)
        } else {
            return false;
        };
        let now = Instant::now();
        let is_due = self.named.as_ref().is_none_or(|before| named.supersedes(before, now - self.taken));
        if is_due {
            (self.named, self.taken) = (Some(named), now);
        }
        is_due
    }

    /// Whether the first attempt to read the networks is over.
    pub(super) fn are_known(&self) -> bool {
        self.named.is_some()
    }

    /// The proposal for an agreement that declares these networks.
    pub(super) fn propose(&self, declared: &Declared) -> Option<Proposal> {
        self.named.as_ref().map(|named| proposal::propose(named, declared))
    }
}

// === impl ClusterNetworks ===

impl ClusterNetworks {
    fn from_nodes<'a>(nodes: impl Iterator<Item = &'a NodeNetworks>, found: &LookupResult) -> Self {
        let mut named = Self::from_lookup(found);
        for node in nodes {
            let region = node.metadata.labels.as_ref().and_then(|labels| labels.get(REGION)).cloned();
            let pods = node.spec.pod_cidrs.iter().filter_map(|cidr| cidr.parse::<IpNet>().ok());
            let pods: Vec<_> = pods.map(|cidr| (NetworkUse::Pods, cidr.trunc())).collect();
            named.has_nodes_without_pods |= pods.is_empty();
            let own = node.status.addresses.iter().filter(|it| ["InternalIP", "ExternalIP"].contains(&&*it.r#type));
            let own = own.filter_map(|it| it.address.parse().ok()).map(|address| (NetworkUse::Nodes, host(address)));
            let networks = pods.into_iter().chain(own).filter(|(_, prefix)| leaves_the_host(prefix.addr()));
            let network = |(part, prefix)| Network { region: region.clone(), part, prefix };
            named.networks.extend(networks.map(network));
        }
        named
    }

    fn without_nodes(found: &LookupResult) -> Self {
        let mut named = Self::from_lookup(found);
        named.unread.insert("Nodes cannot be listed (the operator needs list and watch on nodes)");
        named
    }

    fn from_lookup(found: &LookupResult) -> Self {
        let LookupResult { services, api_server, name_servers, unread } = found;
        let services = services.iter().map(|prefix| (NetworkUse::Services, *prefix));
        let api_server = api_server.iter().map(|address| (NetworkUse::ApiServer, host(*address)));
        let name_servers = name_servers.iter().map(|address| (NetworkUse::NameServer, host(*address)));
        let all = services.chain(api_server).chain(name_servers);
        let networks = all.filter(|(_, prefix)| leaves_the_host(prefix.addr())).map(|(part, prefix)| Network {
            region: None,
            part,
            prefix,
        });
        Self { networks: networks.collect(), unread: unread.clone(), has_nodes_without_pods: false }
    }

    /// Whether it replaces `before`, which was proposed `ago`.
    fn supersedes(&self, before: &Self, ago: Duration) -> bool {
        self != before && (ago >= MIN_INTERVAL || self.unread.len() < before.unread.len())
    }
}

fn host(address: IpAddr) -> IpNet {
    address.into()
}

/// Loopback traffic never leaves the host.
fn leaves_the_host(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified()
}

#[cfg(test)]
mod tests;
