//! The pods that run on the node, for the check of what is captured.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::api::core::v1::Pod;
use kube::Resource as _;

use super::address_holder::pod_addresses;
use crate::pod_capture::NodePod;

/// The pods that run on the node, by UID.
#[derive(Debug, Clone, Default)]
pub struct NodePods(Arc<Mutex<Listed>>);

#[derive(Debug, Default)]
struct Listed {
    running: BTreeMap<String, NodePod>,
    /// A list that is not complete yet.
    listing: BTreeMap<String, NodePod>,
    is_complete: bool,
}

impl NodePods {
    /// The pods, ordered by name; `None` before they were listed.
    pub fn all(&self) -> Option<Vec<NodePod>> {
        let listed = self.listed();
        let mut all: Vec<_> = listed.running.values().cloned().collect();
        all.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        listed.is_complete.then_some(all)
    }

    pub(super) fn begin_list(&self) {
        self.listed().listing.clear();
    }

    pub(super) fn list(&self, pod: &Pod) {
        self.listed().listing.extend(running(pod));
    }

    pub(super) fn end_list(&self) {
        let mut listed = self.listed();
        listed.running = mem::take(&mut listed.listing);
        listed.is_complete = true;
    }

    pub(super) fn apply(&self, pod: &Pod) {
        match running(pod) {
            Some((id, pod)) => drop(self.listed().running.insert(id, pod)),
            None => self.remove(pod),
        }
    }

    pub(super) fn remove(&self, pod: &Pod) {
        self.listed().running.remove(pod.meta().uid.as_deref().unwrap_or_default());
    }

    fn listed(&self) -> MutexGuard<'_, Listed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pod with its UID, if it runs and has its network. One that is being deleted may have lost its interface already.
fn running(pod: &Pod) -> Option<(String, NodePod)> {
    let (metadata, status) = (pod.meta(), pod.status.as_ref()?);
    let host_network = pod.spec.as_ref()?.host_network == Some(true);
    let addresses = pod_addresses(status);
    let has_ended = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if has_ended || metadata.deletion_timestamp.is_some() || addresses.is_empty() {
        return None;
    }
    let name = format!("{}/{}", metadata.namespace.as_deref()?, metadata.name.as_deref()?);
    Some((metadata.uid.clone()?, NodePod { name, addresses, host_network }))
}
