use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::DataCategory;

/// The party on the organisation's side, which sends and receives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Local {
    /// A workload of the cluster, or a host.
    Workload(Workload),
    /// A topic of a message bus.
    Topic(Topic),
}

/// A workload, named as Kubernetes names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Its namespace; `default` without a cluster.
    pub namespace: String,
    /// Kind of the pod's owner, such as `Deployment`; `Host` without a cluster.
    pub kind: String,
    /// Name of that owner.
    pub name: String,
    /// Name of the pod, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// Name of the container, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Service account of the pod, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Labels of the workload, for selectors.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Labels of its namespace, for selectors.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub namespace_labels: BTreeMap<String, String>,
    /// The tenant, a controller, whose data it processes (label `landfall.dev/tenant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// How the agent attributed the flow to it.
    #[serde(default)]
    pub method: WorkloadMethod,
}

/// How a flow was attributed to its workload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadMethod {
    /// By an address in the agent's workloads file.
    Address,
    /// By the IP address of the pod.
    PodIp,
    /// By the cgroup of the socket.
    Cgroup,
    /// Not attributed: the workload represents the whole host. Methods of a newer agent read as this one.
    #[default]
    #[serde(other)]
    None,
}

/// A topic of a message bus.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// The `MessageBus` object for which the agent reads it. Without it nobody has consented to reading the topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<BusName>,
    /// Identifier of the Kafka cluster (KIP-78).
    pub cluster_id: String,
    /// Name of the topic.
    pub topic: String,
    /// Kinds of personal data that are declared for it: those of the schema registry, as the agent read them. The operator
    /// adds those of the MessageBus.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub declared: BTreeSet<DataCategory>,
}

/// Namespace and name of a `MessageBus` object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for BusName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name } = self;
        write!(f, "{namespace}/{name}")
    }
}

impl Workload {
    /// The workload that represents a host without a description: `default/Host/unattributed`.
    pub fn unattributed() -> Self {
        Self::new("default", "Host", "unattributed")
    }

    /// A workload of which only namespace, kind and name are known.
    pub fn new(namespace: impl Into<String>, kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            kind: kind.into(),
            name: name.into(),
            pod: None,
            container: None,
            service_account: None,
            labels: BTreeMap::new(),
            namespace_labels: BTreeMap::new(),
            tenant: None,
            method: WorkloadMethod::None,
        }
    }
}
