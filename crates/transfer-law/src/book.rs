//! Gathers observations into edges: what `judge` looks at.

mod room;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

use jiff::Timestamp;
use landfall_observation::{
    Coverage, DataCategory, Direction, HostMethod, Inspection, Local, Observation, Window, Workload,
};

use crate::{
    AgreementId, ChannelFacts, Counterpart, Edge, EdgeId, Exporter, Holdings, ObservedCategories, SeenDirection,
    SeenPlace, Sighting, Volume, holding::HELD,
};
use room::Rooms;

/// Most hosts, protocols and pieces of evidence that an edge keeps.
const MAX_FACTS: usize = 16;

/// The label or annotation that declares a workload's categories (rung 3).
const DECLARED: &str = "landfall.dev/categories";

/// The name of what is not kept apart.
const OTHER: &str = "other";

/// Edges with the evidence gathered so far, and what each exporter was seen to hold.
#[derive(Debug, Default)]
pub struct EdgeBook {
    edges: BTreeMap<Arc<EdgeId>, Page>,
    rooms: Rooms,
    overflowed: u64,
    holdings: AllHoldings,
}

/// What exporters were seen to hold, by cluster and exporter.
type AllHoldings = BTreeMap<(String, Exporter), Holdings>;

/// An edge, and whether something was learnt about it that nobody has taken note of yet.
#[derive(Debug)]
struct Page {
    /// Shared with all who look at the edge as it was taken last.
    edge: Arc<Edge>,
    touched: bool,
}

impl EdgeBook {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one observation in, judged under `agreement` as traffic with `counterpart`. One of a topic whose bus is not
    /// known is left out: nobody can have consented to an agreement for it.
    ///
    /// An edge that is there takes its traffic. A new one for which its namespace has no room left falls into
    /// the namespace's edge `other`.
    pub fn absorb(&mut self, agreement: &AgreementId, counterpart: &Counterpart, observation: &Observation) {
        let Some(exporter) = Exporter::of(&observation.local) else { return };
        self.hold(&exporter, counterpart, observation);
        let id = EdgeId {
            cluster: observation.identity.cluster.clone(),
            agreement: agreement.clone(),
            exporter,
            recipient: counterpart.recipient(),
            endpoint: counterpart.endpoint().to_owned(),
        };
        if self.edges.contains_key(&id) || self.rooms.admits(&id, counterpart) {
            self.enter(id, counterpart, observation);
        } else {
            self.overflowed = self.overflowed.saturating_add(1);
            self.enter(id.into_rest(), &counterpart.among_others(), observation);
        }
    }

    fn enter(&mut self, id: EdgeId, counterpart: &Counterpart, observation: &Observation) {
        let rooms = &mut self.rooms;
        let page = self.edges.entry(Arc::new(id)).or_insert_with_key(|id| {
            rooms.take(id, counterpart);
            Page::new(Arc::new(Edge::begin(id, counterpart, observation.window)))
        });
        page.touched = true;
        let edge = Arc::make_mut(&mut page.edge);
        edge.counterpart.worsen(counterpart);
        edge.absorb(observation);
    }

    /// Forgets the edges whose last packet is older than `instant`, and gives them. What is seen of one later makes it
    /// anew.
    pub fn forget_before(&mut self, instant: Timestamp) -> Vec<Arc<EdgeId>> {
        let forgotten = self.edges.extract_if(.., |_, page| page.edge.last_seen < instant);
        let mut ids = Vec::new();
        for (id, page) in forgotten {
            self.rooms.leave(&id, &page.edge.counterpart);
            ids.push(id);
        }
        ids
    }

    /// How many observations had no room as an edge of their own and fell into an edge `other`.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Whether nothing was absorbed.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// The edges in the order of their identity, each with the categories that its exporter held
    /// at the time of its traffic.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.edges.values().map(|page| Arc::unwrap_or_clone(with_holdings(&page.edge, &self.holdings)))
    }

    /// The edge of that identity.
    pub fn edge(&self, id: &EdgeId) -> Option<Arc<Edge>> {
        self.edges.get(id).map(|page| with_holdings(&page.edge, &self.holdings))
    }

    /// The edges about which something was learnt since they were last taken, in the order of their identity.
    pub fn take_touched(&mut self) -> Vec<Arc<Edge>> {
        let touched = self.edges.values_mut().filter(|page| page.touched);
        touched
            .map(|page| {
                page.touched = false;
                page.edge = with_holdings(&page.edge, &self.holdings);
                Arc::clone(&page.edge)
            })
            .collect()
    }

    /// The holdings that changed since they were last taken.
    pub fn take_touched_holdings(&mut self) -> Vec<Holdings> {
        let changed = self.holdings.values_mut().filter(|held| held.touched);
        changed.map(|held| Holdings { touched: std::mem::take(&mut held.touched), ..held.clone() }).collect()
    }

    /// Counts every edge as touched: the law has changed.
    pub fn touch_all(&mut self) {
        self.edges.values_mut().for_each(|page| page.touched = true);
    }

    /// Takes an edge back in, as it was taken out before a restart.
    pub fn restore(&mut self, edge: impl Into<Arc<Edge>>) {
        let edge = edge.into();
        if !self.edges.contains_key(&edge.id) {
            self.rooms.take(&edge.id, &edge.counterpart);
        }
        self.edges.insert(edge.id.clone(), Page { touched: false, ..Page::new(edge) });
    }

    /// Takes holdings back in, as they were taken out before a restart.
    pub fn restore_holdings(&mut self, holdings: Holdings) {
        self.holdings.insert((holdings.cluster.clone(), holdings.exporter.clone()), holdings);
    }

    /// What is received shows what the exporter holds, and so does what is sent, even to somebody who did not take it.
    fn hold(&mut self, exporter: &Exporter, counterpart: &Counterpart, observation: &Observation) {
        let Observation { sent, received, channel, window, .. } = observation;
        let mut is_news = false;
        for (direction, found) in [(SeenDirection::Sent, sent), (SeenDirection::Received, received)] {
            if found.findings.is_empty() {
                continue;
            }
            let place = SeenPlace {
                direction,
                recipient: counterpart.recipient(),
                endpoint: counterpart.endpoint().to_owned(),
                port: channel.port,
            };
            let cluster = &observation.identity.cluster;
            let key = (cluster.clone(), exporter.clone());
            let held = self.holdings.entry(key).or_insert_with(|| Holdings::new(cluster, exporter));
            held.touched = true;
            for finding in &found.findings {
                is_news |= held.see(finding, &place, *window);
            }
        }
        if is_news {
            let is_sender = |id: &EdgeId| {
                let is_among = id.is_rest() && id.exporter.namespace() == exporter.namespace();
                id.cluster == observation.identity.cluster && (id.exporter == *exporter || is_among)
            };
            self.edges.iter_mut().filter(|(id, _)| is_sender(id)).for_each(|(_, page)| page.touched = true);
        }
    }
}

/// The edge with what was held where its traffic comes from, within 30 days before the traffic or during it.
fn with_holdings(edge: &Arc<Edge>, holdings: &AllHoldings) -> Arc<Edge> {
    let Edge { first_seen, last_seen, .. } = **edge;
    let seen = senders(&edge.id, holdings).flat_map(|held| &held.categories).flat_map(|(category, seen)| {
        let within = seen.sightings().filter(|at| at.is_within(first_seen, last_seen, HELD));
        within.map(|seen| Sighting { category: category.clone(), seen })
    });
    let mut sightings: Vec<_> = seen.collect();
    // Several exporters send into the edge `other`.
    sightings.sort();
    sightings.dedup();
    let mut edge = Arc::clone(edge);
    let known = &edge.categories;
    if known.sightings != sightings || known.held.len() > sightings.len() {
        let categories = &mut Arc::make_mut(&mut edge).categories;
        categories.held = sightings.iter().map(|sighting| sighting.category.clone()).collect();
        categories.sightings = sightings;
    }
    edge
}

/// What was held where the traffic of an edge comes from: by its exporter, or for the edge `other` of a
/// namespace by any exporter there, for each may have sent some of it.
fn senders<'a>(id: &EdgeId, holdings: &'a AllHoldings) -> impl Iterator<Item = &'a Holdings> {
    let EdgeId { cluster, exporter, .. } = id;
    let namespace = exporter.namespace();
    let firsts = if id.is_rest() {
        // Before all workloads of the namespace, and before all topics.
        [Some(Exporter::workload(namespace, "", "")), Some(Exporter::topic(namespace, "", ""))]
    } else {
        [Some(exporter.clone()), None]
    };
    let is_sender = move |held: &Holdings| {
        held.cluster == *cluster
            && if id.is_rest() { held.exporter.namespace() == namespace } else { held.exporter == *exporter }
    };
    firsts.into_iter().flatten().flat_map(move |first| {
        let is_alike = {
            let first = mem::discriminant(&first);
            move |held: &Holdings| mem::discriminant(&held.exporter) == first
        };
        let from_first = holdings.range((cluster.clone(), first)..).map(|(_, held)| held);
        from_first.take_while(move |held| is_sender(held) && is_alike(held))
    })
}

impl Page {
    fn new(edge: Arc<Edge>) -> Self {
        Self { edge, touched: true }
    }
}

impl Edge {
    /// An edge of which nothing is known yet.
    fn begin(id: &Arc<EdgeId>, counterpart: &Counterpart, window: Window) -> Self {
        Self {
            id: Arc::clone(id),
            counterpart: counterpart.clone(),
            tenants: BTreeSet::new(),
            untenanted: false,
            categories: ObservedCategories::default(),
            location: Vec::new(),
            channel: ChannelFacts::default(),
            only_attempts: true,
            first_seen: window.start,
            last_seen: window.end,
            volume: Volume::default(),
        }
    }

    fn absorb(&mut self, observation: &Observation) {
        let Observation { window, local, channel, location, sent, received, inspection, handshake, .. } = observation;
        let is_attempt = !handshake.is_completed();
        if is_attempt && !self.only_attempts {
            self.volume.attempt(sent, received, observation.coverage);
            return;
        }
        if self.only_attempts && !is_attempt {
            // What is transferred begins now, and nothing is known of it from before.
            *self =
                Self { volume: std::mem::take(&mut self.volume), ..Self::begin(&self.id, &self.counterpart, *window) };
            self.only_attempts = false;
        }
        self.first_seen = self.first_seen.min(window.start);
        self.last_seen = self.last_seen.max(window.end);
        match local {
            Local::Workload(workload) => {
                self.tenants.extend(workload.tenant.clone());
                self.untenanted |= workload.tenant.is_none();
                self.categories.declared.extend(declared(workload));
            }
            Local::Topic(_) => self.untenanted = true,
        }
        if !is_attempt {
            let ObservedCategories { seen, uncertain, .. } = &mut self.categories;
            for finding in &sent.findings {
                if uncertain.admit(finding, seen.contains(&finding.category)) {
                    seen.insert(finding.category.clone());
                }
            }
        }
        let proxied = matches!(channel.host_method, HostMethod::HttpConnect | HostMethod::Socks | HostMethod::Proxy);
        // What is connected to is the proxy: its address says nothing about the recipient.
        for item in location.iter().filter(|_| !proxied) {
            // A place not named yet always fits, so that none is lost among many alike.
            let is_place_new = || {
                !self.location.iter().any(|known| {
                    (known.method, known.confidence, known.jurisdiction)
                        == (item.method, item.confidence, item.jurisdiction)
                })
            };
            if (self.location.len() < MAX_FACTS && !self.location.contains(item)) || is_place_new() {
                self.location.push(item.clone());
            }
        }
        if is_attempt {
            self.volume.attempt(sent, received, observation.coverage);
        } else {
            self.volume.absorb(sent, received, observation.coverage);
            if sent.bytes > 0 && !sent.estimated {
                let bytes = self.volume.payload.entry(observation.payload_state()).or_default();
                *bytes = bytes.saturating_add(sent.bytes);
            }
        }
        let facts = &mut self.channel;
        facts.tls_versions.extend(channel.tls.as_ref().and_then(|tls| tls.version));
        let in_the_clear = matches!(inspection, Inspection::Plaintext | Inspection::PlaintextNotRead);
        facts.plaintext |= in_the_clear && sent.payload_bytes_seen > 0;
        let not_read = matches!(inspection, Inspection::Opaque | Inspection::PlaintextNotRead);
        facts.opaque |= not_read && sent.findings.is_empty();
        facts.plaintext_not_read |= *inspection == Inspection::PlaintextNotRead && sent.bytes > 0;
        if facts.readers.len() < MAX_FACTS {
            facts.readers.extend(observation.reader.as_ref().map(ToString::to_string));
        }
        facts.ech |= channel.ech;
        facts.through_proxy |= proxied;
        if facts.hosts.len() < MAX_FACTS {
            facts.hosts.extend(channel.host.clone());
        }
        if facts.protocols.len() < MAX_FACTS {
            facts.protocols.insert(format!("{}/{}", channel.protocol, channel.port));
        }
    }
}

fn declared(workload: &Workload) -> impl Iterator<Item = DataCategory> + '_ {
    let text = workload.labels.get(DECLARED).map_or("", String::as_str);
    text.split(',').filter_map(|category| category.trim().parse().ok())
}

impl Volume {
    /// Stands still at the largest number: what a record claims must not turn much into little.
    fn absorb(&mut self, sent: &Direction, received: &Direction, coverage: Coverage) {
        self.attempt(sent, received, coverage);
        for finding in &sent.findings {
            let matches = self.matches.entry(finding.category.clone()).or_default();
            *matches = matches.saturating_add(finding.matches);
        }
    }

    /// What was counted where nothing that was found reached anybody.
    fn attempt(&mut self, sent: &Direction, received: &Direction, coverage: Coverage) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        let of = |exact, estimate, is_estimated| if is_estimated { estimate } else { exact };
        let bytes_sent = of(&mut self.bytes_sent, &mut self.estimated_bytes_sent, sent.estimated);
        add(bytes_sent, sent.bytes);
        let bytes_received = of(&mut self.bytes_received, &mut self.estimated_bytes_received, received.estimated);
        add(bytes_received, received.bytes);
        self.one_sided |= coverage.one_sided;
        add(&mut self.connections, sent.connections);
        add(&mut self.connections, received.connections);
        add(&mut self.connections, sent.messages);
        add(&mut self.connections, received.messages);
        add(&mut self.samples_dropped, coverage.samples_dropped);
        add(&mut self.frames_truncated, coverage.frames_truncated);
    }
}

impl EdgeId {
    /// Whether it is the edge `other` of its namespace.
    fn is_rest(&self) -> bool {
        let is_rest = matches!(&self.exporter, Exporter::Workload(of) if of.kind == "Other" && of.name == OTHER);
        is_rest && self.recipient == OTHER && self.endpoint.is_empty()
    }

    /// The edge into which this one falls if its namespace has no room for it. Its exporter stands for all of the
    /// namespace: of each exporter there could be an edge `other`, and they too can be many.
    fn into_rest(self) -> Self {
        let exporter = Exporter::workload(self.exporter.namespace(), "Other", OTHER);
        Self { exporter, recipient: OTHER.to_owned(), endpoint: String::new(), ..self }
    }
}

impl Counterpart {
    /// The recipient's part of an edge's identity.
    pub fn recipient(&self) -> String {
        match self {
            Self::Registered { recipient, .. } => recipient.clone(),
            Self::Unregistered { label, .. } => format!("unregistered:{label}"),
            Self::Ambiguous { candidates } => format!("ambiguous:{}", candidates.join("|")),
            Self::OwnNetwork { operator, jurisdiction } => format!("own-network:{operator}/{jurisdiction}"),
            Self::DataSubject => "data-subjects".to_owned(),
            Self::DeclaredNotPersonal { otherwise, .. } => format!("not-personal:{}", otherwise.recipient()),
            Self::Truncated { address, .. } => format!("truncated:{address}"),
            Self::Other { .. } => OTHER.to_owned(),
        }
    }

    /// As one of those that are not kept apart. What a policy declares is forgotten: who knows whether it is
    /// about all of them.
    fn among_others(&self) -> Self {
        match self {
            Self::Unregistered { remote_access, .. } => {
                Self::Other { unregistered: true, remote_access: *remote_access }
            }
            // As long as one of them may be registered, which is what its endpoint entry says.
            Self::Ambiguous { candidates } => Self::Other {
                unregistered: !candidates.iter().any(|candidate| candidate.contains('/')),
                remote_access: false,
            },
            Self::Registered { .. } | Self::OwnNetwork { .. } | Self::DataSubject => {
                Self::Other { unregistered: false, remote_access: false }
            }
            Self::DeclaredNotPersonal { otherwise, .. } => otherwise.among_others(),
            Self::Truncated { candidates, otherwise, .. } => {
                let is_stranger = |one: &Self| matches!(one.among_others(), Self::Other { unregistered: true, .. });
                let all = candidates.iter().map(|candidate| &candidate.stands_for).chain([&**otherwise]);
                Self::Other { unregistered: all.clone().all(is_stranger), remote_access: false }
            }
            Self::Other { .. } => self.clone(),
        }
    }

    /// Takes over what `other`, of the same identity, says worse.
    fn worsen(&mut self, other: &Self) {
        match (self, other) {
            (Self::Unregistered { remote_access, .. }, Self::Unregistered { remote_access: more, .. }) => {
                *remote_access |= more;
            }
            (
                Self::Other { unregistered, remote_access },
                Self::Other { unregistered: some_unregistered, remote_access: some_access },
            ) => {
                *unregistered |= some_unregistered;
                *remote_access |= some_access;
            }
            (Self::Truncated { candidates, .. }, Self::Truncated { candidates: more, .. }) => {
                let new: Vec<_> = more.iter().filter(|candidate| !candidates.contains(candidate)).cloned().collect();
                candidates.extend(new);
            }
            // Of two declarations the one that ends first covers both.
            (
                Self::DeclaredNotPersonal { reason, until, .. },
                Self::DeclaredNotPersonal { reason: sooner_reason, until: Some(sooner), .. },
            ) if until.is_none_or(|until| *sooner < until) => {
                *until = Some(*sooner);
                reason.clone_from(sooner_reason);
            }
            _ => {}
        }
    }

    /// The endpoint's part of an edge's identity, empty where there is none.
    pub fn endpoint(&self) -> &str {
        match self {
            Self::Registered { endpoint, .. } => endpoint,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests;
