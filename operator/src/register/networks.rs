//! The cluster's own networks, as the cluster names them: whoever runs it declares them in an agreement (decision 0019),
//! and is shown here what there is to declare (decision 0026).
//!
//! ```text
//! Nodes ─watch─► pods' networks, addresses ──┐
//! ServiceCIDRs, default/kubernetes ─ask──────┼─► ClusterNetworks ─less what is declared─► condition, finding
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

use self::lookup::{LookedUp, look_up_again};
pub(super) use self::proposal::{Declared, Proposal};
use super::watch::{Watched, Watches};

/// Nodes come and go. A proposal changes no more often than this, unless something could not be read before.
const MIN_INTERVAL: Duration = Duration::from_mins(5);
/// The label that clouds put on their nodes. Anybody may set it to anything: it is shown, and decides nothing.
const REGION: &str = "topology.kubernetes.io/region";

/// A Node, as far as it names networks.
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

/// A network that the cluster names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    /// Region label of the node, where it is of one.
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

/// What the cluster names, and what of it could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ClusterNetworks {
    networks: BTreeSet<Network>,
    /// Why something is not in it, in words of one line.
    unread: BTreeSet<&'static str>,
    /// Whether a node does not say which network its pods have.
    has_nodes_without_pods: bool,
}

/// Knows the networks.
pub(super) struct Networks {
    nodes: Watched<NodeNetworks>,
    found: watch::Receiver<Option<LookedUp>>,
    named: Option<ClusterNetworks>,
    taken: Instant,
}

// === impl Networks ===

impl Networks {
    /// Starts to watch and to ask.
    pub(super) fn watch(watches: &mut Watches, tasks: &mut JoinSet<&'static str>) -> Self {
        let (answer, found) = watch::channel(None);
        // The status of a node is written all the time; the compiler need not run for that.
        let nodes = watches.start_silent("Node", tasks);
        tasks.spawn(look_up_again(watches.client(), answer, watches.changes()));
        Self { nodes, found, named: None, taken: Instant::now() }
    }

    /// All Nodes.
    pub(super) fn nodes(&self) -> Store<NodeNetworks> {
        self.nodes.store()
    }

    /// Takes over what was read, and says whether what the cluster names has changed by it.
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

    /// Whether a first attempt to read the networks has ended.
    pub(super) fn are_known(&self) -> bool {
        self.named.is_some()
    }

    /// What is to be said to whoever wrote an agreement with these networks.
    pub(super) fn propose(&self, declared: &Declared) -> Option<Proposal> {
        self.named.as_ref().map(|named| proposal::propose(named, declared))
    }
}

// === impl ClusterNetworks ===

impl ClusterNetworks {
    fn from_nodes<'a>(nodes: impl Iterator<Item = &'a NodeNetworks>, found: &LookedUp) -> Self {
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

    fn without_nodes(found: &LookedUp) -> Self {
        let mut named = Self::from_lookup(found);
        named.unread.insert("Nodes cannot be listed (the operator needs list and watch on nodes)");
        named
    }

    fn from_lookup(found: &LookedUp) -> Self {
        let LookedUp { services, api_server, name_servers, unread } = found;
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

    /// Whether it replaces `before`, which was proposed that long ago.
    fn supersedes(&self, before: &Self, ago: Duration) -> bool {
        self != before && (ago >= MIN_INTERVAL || self.unread.len() < before.unread.len())
    }
}

fn host(address: IpAddr) -> IpNet {
    address.into()
}

/// Loopback traffic is on no wire.
fn leaves_the_host(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified()
}

#[cfg(test)]
mod tests;
