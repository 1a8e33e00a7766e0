//! The workload of a pod, and when its addresses are its own.

use std::{collections::BTreeMap, net::IpAddr};

use jiff::Timestamp;
use k8s_openapi::{
    api::core::v1::{Pod, PodStatus},
    apimachinery::pkg::apis::meta::v1::{OwnerReference, Time},
};
use landfall_observation::{Workload, WorkloadMethod};

use crate::attribution::AddressHolder;

/// Namespace of the node in observations: nodes have none, and this is the namespace of system components.
pub const NODE_NAMESPACE: &str = "kube-system";

const OURS: &str = "landfall.dev/";
const TENANT: &str = "landfall.dev/tenant";
const POD_TEMPLATE_HASH: &str = "pod-template-hash";
/// Labels that distinguish revisions or runs of a workload; no selector should use them.
const OF_A_REVISION: [&str; 5] = [
    POD_TEMPLATE_HASH,
    "controller-revision-hash",
    "pod-template-generation",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
];
/// Minutes since 1970 of the years 2020 to 2045, so that a Job with another number in its name does not count as a
/// CronJob's.
const CRON_MINUTES: std::ops::Range<u32> = 26_297_280..39_976_000;
/// Maximum number of labels that are sent, Landfall's own first.
const MAX_LABELS: usize = 32;
/// Maximum length of an annotation that is sent.
const MAX_ANNOTATION: usize = 1024;

/// A pod as a holder of addresses; `None` if it has none of its own.
pub fn address_holder(pod: &Pod, now: Timestamp) -> Option<AddressHolder> {
    let (spec, status) = (pod.spec.as_ref()?, pod.status.as_ref()?);
    if spec.host_network == Some(true) {
        return None;
    }
    let addresses = pod_addresses(status);
    if addresses.is_empty() {
        return None;
    }
    let created = pod.metadata.creation_timestamp.as_ref();
    Some(AddressHolder {
        id: pod.metadata.uid.clone()?,
        addresses,
        workload: workload(pod)?,
        is_node: false,
        from: status.start_time.as_ref().or(created).map_or(now, |Time(from)| *from),
        until: ended(pod, now),
    })
}

/// The addresses of a pod, in order.
pub(super) fn pod_addresses(status: &PodStatus) -> Vec<IpAddr> {
    let listed = status.pod_ips.iter().flatten().map(|address| &address.ip);
    let mut addresses: Vec<IpAddr> =
        listed.chain(&status.pod_ip).filter_map(|text| text.parse().ok()).map(|ip: IpAddr| ip.to_canonical()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// The addresses of the node that a pod is on.
pub(super) fn node_addresses(pod: &Pod) -> impl Iterator<Item = IpAddr> + '_ {
    let status = pod.status.as_ref();
    let listed = status.and_then(|status| status.host_ips.as_ref()).into_iter().flatten().map(|address| &address.ip);
    let one = status.and_then(|status| status.host_ip.as_ref());
    listed.chain(one).filter_map(|text| text.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical())
}

/// When a pod ended: from then on its addresses may be reused, although its status may still show them.
fn ended(pod: &Pod, now: Timestamp) -> Option<Timestamp> {
    let status = pod.status.as_ref()?;
    if !matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
        return None;
    }
    let containers = status.container_statuses.iter().flatten();
    let finished = containers.filter_map(|container| {
        let Time(at) = container.state.as_ref()?.terminated.as_ref()?.finished_at.as_ref()?;
        Some(*at)
    });
    Some(finished.max().unwrap_or(now))
}

fn workload(pod: &Pod) -> Option<Workload> {
    let metadata = &pod.metadata;
    let name = metadata.name.as_deref()?;
    let no_labels = BTreeMap::new();
    let labels = metadata.labels.as_ref().unwrap_or(&no_labels);
    let owners = metadata.owner_references.as_deref().unwrap_or_default();
    let (kind, owner) = match owners.iter().find(|owner| owner.controller == Some(true)) {
        // Static pods, which the kubelet runs from a file.
        Some(OwnerReference { kind, .. }) if kind == "Node" => ("Pod", name),
        Some(OwnerReference { kind, name, .. }) => top(kind, name, labels),
        None => ("Pod", name),
    };
    let mut workload = Workload::new(metadata.namespace.as_deref()?, kind, owner);
    workload.pod = Some(name.to_owned());
    workload.service_account = pod.spec.as_ref().and_then(|spec| spec.service_account_name.clone());
    workload.tenant = labels.get(TENANT).filter(|tenant| !tenant.is_empty()).cloned();
    workload.labels = sent(labels, metadata.annotations.as_ref().unwrap_or(&no_labels));
    workload.method = WorkloadMethod::PodIp;
    Some(workload)
}

/// The workload of a pod's owner, from names alone: a ReplicaSet is named after its Deployment and the hash in its
/// pods' labels, a Job after its CronJob and the minute (since 1970) in which it was due.
fn top<'a>(kind: &'a str, name: &'a str, labels: &BTreeMap<String, String>) -> (&'a str, &'a str) {
    if let ("Job", Some((cron_job, minute))) = (kind, name.rsplit_once('-')) {
        let is_minute = minute.parse().is_ok_and(|minute: u32| CRON_MINUTES.contains(&minute));
        if is_minute && !cron_job.is_empty() {
            return ("CronJob", cron_job);
        }
    }
    let hash = labels.get(POD_TEMPLATE_HASH).filter(|hash| kind == "ReplicaSet" && !hash.is_empty());
    let deployment = hash.and_then(|hash| name.strip_suffix(hash.as_str())?.strip_suffix('-'));
    match deployment.filter(|name| !name.is_empty()) {
        Some(deployment) => ("Deployment", deployment),
        None => (kind, name),
    }
}

/// The labels and annotations that the register may use. An annotation overrides the label of the same name, because
/// its value can be longer.
fn sent(labels: &BTreeMap<String, String>, annotations: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let ours = annotations.iter().filter(|(name, value)| name.starts_with(OURS) && value.len() <= MAX_ANNOTATION);
    let labels = labels.iter().filter(|(name, _)| !OF_A_REVISION.contains(&name.as_str()));
    let mut sent = BTreeMap::new();
    let (first, rest): (Vec<_>, Vec<_>) = labels.partition(|(name, _)| name.starts_with(OURS));
    for (name, value) in ours.chain(first).chain(rest) {
        if sent.len() < MAX_LABELS {
            sent.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    sent
}
