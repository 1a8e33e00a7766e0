//! Resolves the remote of an observation: from host, prefix or autonomous system, in a fixed order, to a recipient and
//! its endpoint entry.
//!
//! A registered host is the strongest evidence: it takes precedence over a private address and even over the
//! organisation's own network (a provider's private link). An address is weaker than a name, and behind a proxy it is
//! no evidence at all.

mod buses;
mod host;
mod inside;
mod registry;
mod remote;

use std::borrow::Cow;

use landfall_api::{AccessPath, LabelSelector, NotPersonal, Object, ProcessingAgreementSpec};
use landfall_observation::{BusName, Local, Observation, OwnNetwork, Topic, Workload};
use landfall_transfer_law::{AgreementId, Counterpart};

use crate::{
    Register, Warning,
    compile::{applying, id, own_network},
    selector::selects,
};
use buses::Buses;
use host::HostPattern;
use registry::{Named, Registry};
use remote::Remote;

/// Resolves the remote of an observation under every agreement that selects its local party.
#[derive(Debug, Clone)]
pub struct Resolver {
    registry: Registry,
    agreements: Vec<View>,
    buses: Buses,
}

/// The remote of an observation under one agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The agreement.
    pub agreement: AgreementId,
    /// Who the remote is.
    pub counterpart: Counterpart,
}

/// What one agreement and its policies declare about networks.
#[derive(Debug, Clone)]
struct View {
    id: AgreementId,
    namespaces: Option<LabelSelector>,
    workloads: Option<LabelSelector>,
    own_networks: Vec<OwnNetwork>,
    not_personal: Vec<Declaration>,
    access_paths: Vec<AccessPath>,
}

/// A destination declared to get no personal data.
#[derive(Debug, Clone)]
struct Declaration {
    spec: NotPersonal,
    hosts: Vec<HostPattern>,
}

// === impl Resolver ===

impl Resolver {
    pub(crate) fn new(register: &Register) -> (Self, Vec<Warning>) {
        let (registry, collisions) = Registry::new(&register.recipients);
        let mut agreements: Vec<_> = register.agreements.iter().map(|object| View::new(object, register)).collect();
        agreements.sort_by(|a, b| a.id.cmp(&b.id));
        (Self { registry, agreements, buses: Buses::new(&register.buses) }, collisions)
    }

    /// The same resolver for a run without a cluster on a bus that no MessageBus describes: its consent to every agreement
    /// counts as given, as that of workloads does.
    pub fn with_unregistered_bus(mut self, bus: BusName) -> Self {
        self.buses.assume(bus);
        self
    }

    /// The observation with what the register declares about its local party: the categories of a topic.
    pub fn described<'a>(&self, observation: &'a Observation) -> Cow<'a, Observation> {
        let Local::Topic(topic) = &observation.local else { return Cow::Borrowed(observation) };
        match self.buses.declared_for(topic, observation.window.start) {
            Some(more) if !more.is_subset(&topic.declared) => {
                let declared = topic.declared.union(more).cloned().collect();
                let local = Local::Topic(Topic { declared, ..topic.clone() });
                Cow::Owned(Observation { local, ..observation.clone() })
            }
            _ => Cow::Borrowed(observation),
        }
    }

    /// One answer for each agreement that selects the local party, by name of the agreement. Consent of workloads counts
    /// as given; a topic is under the agreement that its MessageBus names for it at that time, and under none if there is
    /// no MessageBus, or if it is of another Kafka cluster.
    pub fn resolve(&self, observation: &Observation) -> Vec<Resolved> {
        self.resolve_consented(observation, |_, _| true)
    }

    /// As [`Self::resolve`], but `consents` tells whether the namespace of a workload consents to an agreement.
    pub fn resolve_consented(
        &self,
        observation: &Observation,
        consents: impl Fn(&Workload, &AgreementId) -> bool,
    ) -> Vec<Resolved> {
        let remote = self.remote(observation);
        let named = self.registry.by_name(&remote);
        let at = observation.window.start;
        let counterpart = |view: &View| {
            if remote.is_many { view.many(&remote) } else { self.within(view, &remote, &named) }
        };
        self.agreements
            .iter()
            .filter(|view| view.selects(&observation.local))
            .filter(|view| self.buses.consents(&observation.local, at, &view.id, &consents))
            .map(|view| Resolved { agreement: view.id.clone(), counterpart: counterpart(view) })
            .collect()
    }

    /// The label of a remote that receives data and is not registered, independent of any agreement; `None` for a
    /// registered remote, an inbound client, and one whose names belong to several recipients.
    pub fn stranger(&self, observation: &Observation) -> Option<String> {
        let remote = self.remote(observation);
        let is_known = !matches!(self.registry.by_name(&remote), Named::Nobody)
            || remote.broker.is_some()
            || self.agreements.iter().any(|view| view.own_network(&remote).is_some())
            || self.registry.by_address(&remote).is_some();
        let may_be_known = || remote.inner(self.registry.within(&remote)).next().is_some();
        match remote.labels().as_slice() {
            [label] if !is_known && !remote.inbound && !remote.is_many && !may_be_known() => Some(label.clone()),
            _ => None,
        }
    }

    fn remote(&self, observation: &Observation) -> Remote {
        Remote { broker: self.buses.broker(observation), ..Remote::of(observation) }
    }

    fn declared(&self, view: &View, remote: &Remote, named: &Named<'_>) -> Counterpart {
        view.declare(remote, self.counterpart(view, remote, named), named)
    }

    fn counterpart(&self, view: &View, remote: &Remote, named: &Named<'_>) -> Counterpart {
        match named {
            Named::Entry(entry) => return entry.registered(),
            Named::Several(candidates) => return Counterpart::Ambiguous { candidates: candidates.clone() },
            Named::Nobody => {}
        }
        if let Some(broker) = &remote.broker {
            return broker.clone();
        }
        if let Some(own) = view.own_network(remote) {
            return own;
        }
        if let Some(entry) = self.registry.by_address(remote) {
            return entry.registered();
        }
        let remote_access = remote.inbound && view.is_access(remote);
        if remote.inbound && !remote_access {
            return Counterpart::DataSubject;
        }
        let labels = remote.labels();
        match labels.as_slice() {
            [label] => Counterpart::Unregistered { label: label.clone(), remote_access },
            _ => Counterpart::Ambiguous { candidates: labels },
        }
    }
}

// === impl View ===

impl View {
    fn new(object: &Object<ProcessingAgreementSpec>, register: &Register) -> Self {
        let policies: Vec<_> = applying(object, &register.policies).map(|policy| &policy.spec).collect();
        Self {
            id: id(object),
            namespaces: object.spec.namespace_selector.clone(),
            workloads: object.spec.workload_selector.clone(),
            own_networks: object.spec.own_networks.iter().map(own_network).collect(),
            not_personal: policies
                .iter()
                .flat_map(|policy| &policy.not_personal)
                .map(|spec| Declaration {
                    hosts: spec.hosts.iter().map(|host| HostPattern::new(host)).collect(),
                    spec: spec.clone(),
                })
                .collect(),
            access_paths: policies.iter().flat_map(|policy| policy.access_paths.clone()).collect(),
        }
    }

    /// A host without a description, or a topic, has no labels that a selector could match: any agreement could cover
    /// it.
    fn selects(&self, local: &Local) -> bool {
        let Local::Workload(workload) = local else { return true };
        let unattributed = Workload::unattributed();
        if (&workload.namespace, &workload.kind, &workload.name)
            == (&unattributed.namespace, &unattributed.kind, &unattributed.name)
        {
            return true;
        }
        let in_namespace = self.namespaces.as_ref().is_none_or(|selector| {
            // Kubernetes sets this label on every namespace.
            let mut labels = workload.namespace_labels.clone();
            labels.entry("kubernetes.io/metadata.name".to_owned()).or_insert_with(|| workload.namespace.clone());
            selects(selector, &labels)
        });
        in_namespace && self.workloads.as_ref().is_none_or(|selector| selects(selector, &workload.labels))
    }

    /// The own network with the longest prefix that contains the address.
    fn own_network(&self, remote: &Remote) -> Option<Counterpart> {
        let address = remote.address?;
        let containing = self.own_networks.iter().flat_map(|network| {
            let inside = network.cidrs.iter().filter(move |cidr| cidr.contains(&address));
            inside.map(move |cidr| (cidr.prefix_len(), network))
        });
        let (_, network) =
            containing.max_by(|(one, a), (other, b)| one.cmp(other).then_with(|| b.operator.cmp(&a.operator)))?;
        Some(Counterpart::OwnNetwork { operator: network.operator.clone(), jurisdiction: network.jurisdiction })
    }

    /// Remotes that the agent merged, so that it is not known whether they are registered, own, or declared. Inbound
    /// clients are no recipients, unless one of them may have used an access path.
    fn many(&self, remote: &Remote) -> Counterpart {
        let remote_access = remote.inbound && self.is_access(remote);
        Counterpart::Other { unregistered: !remote.inbound || remote_access, remote_access }
    }

    fn is_access(&self, remote: &Remote) -> bool {
        self.access_paths.iter().any(|path| {
            let from = |address: &ipnet::IpNet| path.cidrs.iter().any(|cidr| cidr.contains(address));
            (path.ports.is_empty() || path.ports.contains(&remote.port))
                && (path.cidrs.is_empty() || remote.address.as_ref().is_some_and(from))
        })
    }

    /// Wraps a counterpart that a policy declares to receive no personal data. A declaration by address or port never
    /// hides a registered host, nor ambiguous names.
    fn declare(&self, remote: &Remote, counterpart: Counterpart, named: &Named<'_>) -> Counterpart {
        let by_host_only = !matches!(named, Named::Nobody);
        let declared = self.not_personal.iter().find(|declaration| declaration.covers(remote, by_host_only));
        match declared {
            Some(Declaration { spec, .. }) => Counterpart::DeclaredNotPersonal {
                reason: spec.reason.clone(),
                until: spec.until,
                otherwise: Box::new(counterpart),
            },
            None => counterpart,
        }
    }
}

// === impl Declaration ===

impl Declaration {
    fn covers(&self, remote: &Remote, by_host_only: bool) -> bool {
        let NotPersonal { cidrs, ports, .. } = &self.spec;
        if !ports.is_empty() && !ports.contains(&remote.port) {
            return false;
        }
        let of_host = |name: &String| self.hosts.iter().any(|pattern| pattern.matches(name));
        if !remote.names.is_empty() && remote.names.iter().all(of_host) {
            return true;
        }
        let of_address = |address: ipnet::IpNet| cidrs.iter().any(|cidr| cidr.contains(&address));
        let anywhere = self.hosts.is_empty() && cidrs.is_empty();
        !by_host_only && (anywhere || remote.address.is_some_and(of_address))
    }
}

#[cfg(test)]
mod tests;
