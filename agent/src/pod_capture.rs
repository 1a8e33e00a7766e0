//! Which pods of the node are captured, and how certain that is.
//!
//! The kernel's tables say which interface leads to a pod's address: its own route (Calico, AWS, kindnet), or the
//! bridge and the port behind which it is. Where they do not say it (Cilium routes all pods to one interface of its own),
//! a packet that came in from the address at a captured interface proves it, and so does a selection of all
//! interfaces that lead to other namespaces. That no packet was seen proves nothing.

mod decision;

use std::{io, net::IpAddr};

pub use landfall_observation::{PodCapture, PodsByCapture};

use crate::{
    afpacket::{CaptureConfig, CaptureError, Sightings, namespace::within},
    links::Tables,
};

/// A pod that runs on the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePod {
    /// Its namespace and name, as `NAMESPACE/NAME`.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it uses the network of the node.
    pub host_network: bool,
}

/// What is captured on the node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaptureState {
    /// Names of captured interfaces, in order.
    pub interfaces: Vec<String>,
    /// Patterns that match no interface.
    pub unmatched: Vec<String>,
    /// Pods in the order given, and what is known of each.
    pub pods: Vec<PodState>,
}

/// What is known of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodState {
    /// As `NAMESPACE/NAME`.
    pub name: String,
    /// Whether it is captured.
    pub capture: PodCapture,
    /// The interface that leads to it, if it is known.
    pub interface: Option<String>,
}

/// Finds out which pods are captured.
#[derive(Debug)]
pub struct PodCaptureCheck {
    tables: Tables,
    sightings: Sightings,
}

// === impl CaptureState ===

impl CaptureState {
    /// How many pods are in a state.
    pub fn count(&self, capture: PodCapture) -> usize {
        self.pods.iter().filter(|pod| pod.capture == capture).count()
    }

    /// How many pods are in each state.
    pub fn counts(&self) -> PodsByCapture {
        self.pods.iter().map(|pod| (pod.capture, 1)).collect()
    }

    /// Names of the pods in a state.
    pub fn names(&self, capture: PodCapture) -> Vec<&str> {
        self.pods.iter().filter(|pod| pod.capture == capture).map(|pod| pod.name.as_str()).collect()
    }
}

// === impl PodCaptureCheck ===

impl PodCaptureCheck {
    /// For the interfaces and the namespace of a capture. `sightings` are those that the capture answers.
    pub fn open(config: &CaptureConfig, sightings: Sightings) -> Result<Self, CaptureError> {
        let CaptureConfig { interfaces, namespace, .. } = config;
        let open = || Tables::open(interfaces.clone()).map_err(|source| CaptureError::Links { source });
        Ok(Self { tables: within(namespace.as_deref(), open)?, sightings })
    }

    /// What is captured now. Fails if the kernel does not answer.
    pub fn check(&mut self, pods: &[NodePod]) -> io::Result<CaptureState> {
        self.tables.read()?;
        let mut states = Vec::with_capacity(pods.len());
        let mut unproven = Vec::new();
        for pod in pods {
            let (capture, interface) = decision::decide(&mut self.tables, &self.sightings, pod)?;
            if matches!(capture, PodCapture::Unknown | PodCapture::Shared) {
                unproven.extend(&pod.addresses);
            }
            let interface = interface.and_then(|index| self.tables.links.get(&index)).map(|link| link.name.clone());
            states.push(PodState { name: pod.name.clone(), capture, interface });
        }
        // What is proven by a packet must be proven again, because addresses are reused.
        let proven = pods.iter().flat_map(|pod| &pod.addresses).filter(|one| self.sightings.interface(**one).is_some());
        unproven.extend(proven.copied().collect::<Vec<_>>());
        self.sightings.ask(unproven);
        let mut interfaces: Vec<_> = self.tables.captured.values().cloned().collect();
        interfaces.sort_unstable();
        Ok(CaptureState { interfaces, unmatched: self.tables.unmatched(), pods: states })
    }
}
