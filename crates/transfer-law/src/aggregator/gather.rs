//! Adds observations to an edge.

use std::{collections::BTreeSet, sync::Arc};

use landfall_observation::{
    Coverage, DataCategory, Direction, HostMethod, Inspection, Local, Observation, Window, Workload,
};

use crate::{ChannelFacts, Counterpart, Edge, EdgeId, ObservedCategories, Volume};

/// The most hosts, protocols and pieces of evidence that an edge keeps.
pub(super) const MAX_FACTS: usize = 16;

/// The label or annotation that declares a workload's categories (rung 3).
pub(super) const DECLARED: &str = "landfall.dev/categories";

impl Edge {
    /// A new edge without any facts.
    pub(super) fn begin(id: &Arc<EdgeId>, counterpart: &Counterpart, window: Window) -> Self {
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

    pub(super) fn absorb(&mut self, observation: &Observation) {
        let Observation { window, local, channel, location, sent, received, inspection, handshake, .. } = observation;
        let is_attempt = !handshake.is_completed();
        if is_attempt && !self.only_attempts {
            self.volume.attempt(sent, received, observation.coverage);
            return;
        }
        if self.only_attempts && !is_attempt {
            // The transfer begins only now: facts about earlier attempts do not describe it.
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
            Local::Topic(topic) => {
                self.untenanted = true;
                self.categories.declared.extend(topic.declared.iter().cloned());
            }
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
        // The address is that of the proxy and says nothing about the recipient.
        for item in location.iter().filter(|_| !proxied) {
            // Evidence of a new place is always kept, so that it is not lost among evidence of the same place.
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
    /// Saturates: a counter in a record must not wrap a large sum into a small one.
    fn absorb(&mut self, sent: &Direction, received: &Direction, coverage: Coverage) {
        self.attempt(sent, received, coverage);
        for finding in &sent.findings {
            let matches = self.matches.entry(finding.category.clone()).or_default();
            *matches = matches.saturating_add(finding.matches);
        }
    }

    /// Adds the counters of a connection attempt, but not its findings, which reached no recipient.
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

impl Counterpart {
    /// Takes over the worse facts of `other`, which has the same identity.
    pub(super) fn worsen(&mut self, other: &Self) {
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
            // The traffic is covered only while both declarations are valid: the one that ends first is kept.
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
}
