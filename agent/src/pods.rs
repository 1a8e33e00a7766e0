//! Keeps the [`Directory`] up to date with the pods of a node.
//!
//! There is one watch, of this node's pods only. While the API server is unavailable, known pods are kept.

mod address_holder;
mod node_pods;

use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, Resource as _,
    runtime::watcher::{self, Event, watcher},
};
use landfall_observation::Workload;
use landfall_process::{backoff::Backoff, readiness::Readiness};
use tokio::time::sleep;

use self::address_holder::node_addresses;
pub use self::{
    address_holder::{NODE_NAMESPACE, address_holder},
    node_pods::NodePods,
};
use crate::{
    attribution::{AddressHolder, Directory},
    metrics::PodMetrics,
};

/// Reason for not being ready before the first list.
pub const PODS_NOT_LISTED: &str = "the pods of the node were not listed yet";

/// Delay between attempts of a failing watch.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30)).with_jitter();

/// Keeps a directory up to date with the pods of a node.
#[derive(Debug)]
pub struct Pods {
    node: String,
    directory: Arc<Directory>,
    metrics: PodMetrics,
    readiness: Readiness,
    /// Identifiers of the pods with an address.
    known: BTreeSet<String>,
    /// Pods that run, those in the node's network among them.
    running: NodePods,
    /// Pods of a list that is not complete yet.
    listing: Vec<AddressHolder>,
    /// The node's own addresses.
    node_addresses: BTreeSet<IpAddr>,
}

impl Pods {
    /// Without pods; [`PODS_NOT_LISTED`] is done once all were listed.
    pub fn new(node: String, directory: Arc<Directory>, metrics: PodMetrics, readiness: Readiness) -> Self {
        Self {
            node,
            directory,
            metrics,
            readiness,
            known: BTreeSet::new(),
            running: NodePods::default(),
            listing: Vec::new(),
            node_addresses: BTreeSet::new(),
        }
    }

    /// The pods that run, kept up to date by [`Self::follow`].
    pub fn running(&self) -> NodePods {
        self.running.clone()
    }

    /// Follows the pods. Does not return while the process runs.
    pub async fn follow(mut self, client: Client) {
        let config = watcher::Config::default().fields(&format!("spec.nodeName={}", self.node)).any_semantic();
        let mut events = watcher(Api::<Pod>::all(client), config).boxed();
        let (mut trouble, mut backoff) = (None, BACKOFF);
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => {
                    // The start of a list does not show that the API server answers.
                    if !matches!(event, Event::Init) {
                        backoff.reset();
                        if trouble.take().is_some() {
                            tracing::info!("The watch of pods works again");
                            self.metrics.stale.set(0);
                        }
                    }
                    self.take(event, Timestamp::now());
                }
                Err(error) => {
                    self.metrics.failures.inc();
                    self.metrics.stale.set(1);
                    let error = error.to_string();
                    if trouble.as_ref() != Some(&error) {
                        tracing::warn!(%error, "Failed to watch pods; known ones are kept");
                    }
                    trouble = Some(error);
                    sleep(backoff.next_wait()).await;
                }
            }
        }
    }

    fn take(&mut self, event: Event<Pod>, now: Timestamp) {
        match event {
            Event::Init => {
                self.listing.clear();
                self.running.begin_list();
            }
            Event::InitApply(pod) => {
                self.note_node(&pod);
                self.running.list(&pod);
                self.listing.extend(address_holder(&pod, now));
            }
            Event::InitDone => {
                self.running.end_list();
                let mut new_holders = std::mem::take(&mut self.listing);
                self.known = new_holders.iter().map(|holder| holder.id.clone()).collect();
                new_holders.extend(self.node_holder());
                self.directory.replace(new_holders, now);
                self.readiness.done(PODS_NOT_LISTED);
            }
            Event::Apply(pod) => {
                self.running.apply(&pod);
                if self.note_node(&pod)
                    && let Some(node) = self.node_holder()
                {
                    self.directory.apply(node, now);
                }
                match address_holder(&pod, now) {
                    Some(holder) => {
                        self.known.insert(holder.id.clone());
                        self.directory.apply(holder, now);
                    }
                    None => self.forget(&pod, now),
                }
            }
            Event::Delete(pod) => {
                self.running.remove(&pod);
                self.forget(&pod, now);
            }
        }
        crate::metrics::set(&self.metrics.pods, self.known.len() as u64);
    }

    fn forget(&mut self, pod: &Pod, now: Timestamp) {
        let id = pod.meta().uid.as_deref().unwrap_or_default();
        if self.known.remove(id) {
            self.directory.remove(id, now);
        }
    }

    /// Learns the node's addresses from a pod; returns whether one is new.
    fn note_node(&mut self, pod: &Pod) -> bool {
        let before = self.node_addresses.len();
        self.node_addresses.extend(node_addresses(pod));
        self.node_addresses.len() > before
    }

    /// The node, which also represents the pods that use its network and have its addresses.
    fn node_holder(&self) -> Option<AddressHolder> {
        if self.node_addresses.is_empty() {
            return None;
        }
        Some(AddressHolder {
            id: format!("node/{}", self.node),
            addresses: self.node_addresses.iter().copied().collect(),
            workload: Workload::new(NODE_NAMESPACE, "Node", &self.node),
            is_node: true,
            from: Timestamp::UNIX_EPOCH,
            until: None,
        })
    }
}

#[cfg(test)]
mod tests;
