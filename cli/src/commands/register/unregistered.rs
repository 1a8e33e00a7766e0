//! Recipients of data that are not registered, with what was observed of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use ipnet::IpNet;
use jiff::Timestamp;
use landfall_observation::{
    Confidence, DataCategory, Endpoint, Jurisdiction, Local, LocationEvidence, LocationMethod, Observation, truncated,
};
use landfall_register::{Register, Resolver};
use landfall_transfer_law::Counterpart;

/// With more names below one domain the draft covers the whole domain: there may be a name for each customer.
const MAX_HOSTS: usize = 16;

/// The most prefixes and networks that a register accepts in one entry.
const MAX_PREFIXES: usize = 256;

/// Collects recipients, observation by observation.
pub(super) struct UnregisteredRecipients {
    resolver: Resolver,
    drafts: BTreeMap<String, Draft>,
    skipped: u64,
}

/// What was observed of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    /// Registrable domain, AS number (`AS64500`) or prefix.
    pub(super) label: String,
    /// Names below the domain.
    pub(super) hosts: BTreeSet<String>,
    /// Prefixes, if there is no name.
    pub(super) prefixes: BTreeSet<IpNet>,
    /// Networks from which it answered, by AS number, with the name of the operator.
    pub(super) networks: BTreeMap<u32, Option<String>>,
    /// Categories seen in what was sent.
    pub(super) categories: BTreeSet<DataCategory>,
    /// Evidence of places, by the best method only.
    pub(super) places: BTreeMap<Jurisdiction, Place>,
    /// Whether part of it is an edge network, which can be anywhere.
    pub(super) edge_network: bool,
    /// The workloads that send there.
    pub(super) workloads: BTreeSet<String>,
    pub(super) bytes_sent: u64,
    pub(super) first_seen: Timestamp,
    pub(super) last_seen: Timestamp,
}

/// How a place is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) method: LocationMethod,
    /// The cloud regions there.
    pub(super) regions: BTreeSet<String>,
    pub(super) datasets: BTreeSet<String>,
    /// The date of the oldest dataset with this evidence.
    pub(super) dataset_date: Option<Timestamp>,
}

impl UnregisteredRecipients {
    pub(super) fn new(register: &Register) -> Self {
        Self { resolver: landfall_register::compile(register).resolver, drafts: BTreeMap::new(), skipped: 0 }
    }

    pub(super) fn observe(&mut self, observation: &Observation) {
        // In a mere attempt to connect no data reached anybody.
        if observation.sent.bytes == 0 || !observation.handshake.is_completed() {
            return;
        }
        let resolved = self.resolver.resolve(observation);
        // The recipient may be registered, which only the full address would tell.
        if resolved.iter().any(|one| matches!(one.counterpart, Counterpart::Truncated { .. })) {
            self.skipped += 1;
            return;
        }
        let label = if resolved.is_empty() {
            self.resolver.stranger(observation)
        } else {
            resolved.into_iter().find_map(|one| match one.counterpart {
                Counterpart::Unregistered { label, remote_access: false } => Some(label),
                _ => None,
            })
        };
        let address = match &observation.remote {
            Endpoint::Address { address, .. } => Some(*address),
            Endpoint::TopicParty { .. } => None,
        };
        let unnamed = observation.channel.host.is_none() && observation.channel.names.is_empty();
        match (label, address) {
            (Some(label), Some(address)) if !(unnamed && is_local(address.addr())) => {
                let draft = self.drafts.entry(label).or_insert_with_key(|label| Draft::new(label, observation));
                draft.absorb(observation, address);
            }
            (Some(_), _) => self.skipped += 1,
            (None, _) => {}
        }
    }

    /// The number of observations without a recipient to draft.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    pub(super) fn into_drafts(self) -> impl Iterator<Item = Draft> {
        self.drafts.into_values()
    }
}

impl Draft {
    fn new(label: &str, observation: &Observation) -> Self {
        Self {
            label: label.to_owned(),
            hosts: BTreeSet::new(),
            prefixes: BTreeSet::new(),
            networks: BTreeMap::new(),
            categories: BTreeSet::new(),
            places: BTreeMap::new(),
            edge_network: false,
            workloads: BTreeSet::new(),
            bytes_sent: 0,
            first_seen: observation.window.start,
            last_seen: observation.window.end,
        }
    }

    fn absorb(&mut self, observation: &Observation, address: IpNet) {
        let channel = &observation.channel;
        let names = channel.host.iter().chain(channel.names.iter().map(|name| &name.name));
        let below = |name: &&String| {
            let rest = name.strip_suffix(self.label.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let names: Vec<String> = names.filter(below).cloned().collect();
        if names.is_empty() && self.hosts.is_empty() && self.prefixes.len() < MAX_PREFIXES {
            self.prefixes.insert(truncated(address));
        }
        let above = format!("*.{}", self.label);
        for name in names {
            if !self.hosts.contains(&above) || name == self.label {
                self.hosts.insert(name);
            }
        }
        if self.hosts.len() > MAX_HOSTS {
            self.hosts.retain(|name| *name == self.label);
            self.hosts.insert(above);
        }
        observation.location.iter().for_each(|evidence| self.locate(evidence));
        self.categories.extend(observation.sent.findings.iter().map(|finding| finding.category.clone()));
        if let Local::Workload(workload) = &observation.local
            && self.workloads.len() < MAX_PREFIXES
        {
            self.workloads.insert(format!("{}/{}", workload.namespace, workload.name));
        }
        self.bytes_sent = self.bytes_sent.saturating_add(observation.sent.bytes);
        self.first_seen = self.first_seen.min(observation.window.start);
        self.last_seen = self.last_seen.max(observation.window.end);
    }

    fn locate(&mut self, evidence: &LocationEvidence) {
        let LocationEvidence { method, jurisdiction, cloud, asn, operator, confidence, dataset, dataset_date } =
            evidence;
        if let Some(asn) = asn
            && self.networks.len() < MAX_PREFIXES
        {
            self.networks.entry(*asn).or_insert_with(|| operator.clone());
        }
        self.edge_network |= *confidence == Confidence::UnknownEdge;
        let Some(jurisdiction) = jurisdiction else { return };
        let place = self.places.entry(*jurisdiction).or_insert_with(|| Place {
            method: *method,
            regions: BTreeSet::new(),
            datasets: BTreeSet::new(),
            dataset_date: *dataset_date,
        });
        if *method < place.method {
            *place = Place { method: *method, regions: BTreeSet::new(), datasets: BTreeSet::new(), dataset_date: None };
        }
        if *method == place.method {
            place.regions.extend(cloud.as_ref().map(|cloud| format!("{} {}", cloud.provider, cloud.region)));
            place.datasets.insert(dataset.clone());
            place.dataset_date = place.dataset_date.into_iter().chain(*dataset_date).min();
        }
    }

    /// The places by the best method that names any: country databases are wrong about clouds and only count without better
    /// evidence.
    pub(super) fn best_places(&self) -> Vec<(Jurisdiction, &Place)> {
        let best = self.places.values().map(|place| place.method).min();
        self.places
            .iter()
            .filter(|(_, place)| Some(place.method) == best)
            .map(|(jurisdiction, place)| (*jurisdiction, place))
            .collect()
    }
}

/// Whether an address does not exist on the public internet.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_unspecified()
        }
        IpAddr::V6(address) => {
            address.is_unique_local()
                || address.is_loopback()
                || address.is_unicast_link_local()
                || address.is_multicast()
                || address.is_unspecified()
        }
    }
}
