use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// The party on our side: what sends and receives.
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
    /// Namespace, `default` without a cluster.
    pub namespace: String,
    /// Kind of the owner, such as `Deployment`; `Host` without a cluster.
    pub kind: String,
    /// Name of the owner.
    pub name: String,
    /// Pod, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// Container, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Service account, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Labels of the workload that selectors may ask for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Labels of its namespace.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub namespace_labels: BTreeMap<String, String>,
    /// The controller's tenant that it serves (`landfall.dev/tenant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// How the agent knew the workload.
    #[serde(default)]
    pub method: WorkloadMethod,
}

/// How a flow was attributed to its workload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadMethod {
    /// By an address in the workloads file.
    Address,
    /// By the pod's IP address.
    PodIp,
    /// By the socket's cgroup.
    Cgroup,
    /// Not attributed: the workload stands for the whole host.
    #[default]
    #[serde(other)]
    None,
}

/// A topic of a message bus.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Topic {
    /// The `MessageBus` object by which the agent reads it. Without it nobody has consented for the topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<BusName>,
    /// Identifier that the Kafka cluster gives itself (KIP-78).
    pub cluster_id: String,
    /// Name of the topic.
    pub topic: String,
}

/// The name of a `MessageBus` object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BusName {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl fmt::Display for BusName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, name } = self;
        write!(f, "{namespace}/{name}")
    }
}

impl Workload {
    /// The workload that stands for a host nobody described: `default/Host/unattributed`.
    pub fn unattributed() -> Self {
        Self::new("default", "Host", "unattributed")
    }

    /// A workload by its three names alone.
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
