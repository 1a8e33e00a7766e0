//! Aggregates observations into edges, the input of `judge`.

mod gather;
mod holdings;
mod overflow;
mod quota;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_observation::Observation;

use crate::{AgreementId, Counterpart, Edge, EdgeId, Exporter, Holdings, SeenDirection, SeenPlace};
use holdings::{AllHoldings, with_holdings};
use quota::EdgeQuota;

/// Aggregates observations into edges, and into what each exporter was seen to hold.
#[derive(Debug, Default)]
pub struct EdgeAggregator {
    edges: BTreeMap<Arc<EdgeId>, Entry>,
    quota: EdgeQuota,
    overflowed: u64,
    holdings: AllHoldings,
}

/// An edge, and whether it changed since [`EdgeAggregator::take_touched`] last returned it.
#[derive(Debug)]
struct Entry {
    /// Shared with the callers that still use the edge as it was last taken.
    edge: Arc<Edge>,
    touched: bool,
}

impl EdgeAggregator {
    /// An aggregator without any edge.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one observation to its edge: traffic with `counterpart` under `agreement`. Observations of a topic whose bus
    /// is not known are left out: no agreement can apply to it.
    ///
    /// A new edge beyond the quota of its namespace falls into the namespace's edge `other`.
    pub fn absorb(&mut self, agreement: &AgreementId, counterpart: &Counterpart, observation: &Observation) {
        let Some(exporter) = Exporter::from_local(&observation.local) else { return };
        self.hold(&exporter, counterpart, observation);
        let id = EdgeId {
            cluster: observation.identity.cluster.clone(),
            agreement: agreement.clone(),
            exporter,
            recipient: counterpart.recipient(),
            endpoint: counterpart.endpoint().to_owned(),
        };
        if self.edges.contains_key(&id) || self.quota.admits(&id, counterpart) {
            self.enter(id, counterpart, observation);
        } else {
            self.overflowed = self.overflowed.saturating_add(1);
            self.enter(id.into_overflow(), &counterpart.among_others(), observation);
        }
    }

    fn enter(&mut self, id: EdgeId, counterpart: &Counterpart, observation: &Observation) {
        let quota = &mut self.quota;
        let entry = self.edges.entry(Arc::new(id)).or_insert_with_key(|id| {
            quota.count(id, counterpart);
            Entry::new(Arc::new(Edge::begin(id, counterpart, observation.window)))
        });
        entry.touched = true;
        let edge = Arc::make_mut(&mut entry.edge);
        edge.counterpart.worsen(counterpart);
        edge.absorb(observation);
    }

    /// Removes the edges whose last packet is older than `instant`, and returns their identities. Later traffic creates
    /// them anew.
    pub fn forget_before(&mut self, instant: Timestamp) -> Vec<Arc<EdgeId>> {
        let forgotten = self.edges.extract_if(.., |_, entry| entry.edge.last_seen < instant);
        let mut ids = Vec::new();
        for (id, entry) in forgotten {
            self.quota.release(&id, &entry.edge.counterpart);
            ids.push(id);
        }
        ids
    }

    /// How many observations were added to an edge `other` because of a quota.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    /// Whether there are no edges.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// The edges in the order of their identity, each with the categories that its exporter held
    /// at the time of its traffic.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.edges.values().map(|entry| Arc::unwrap_or_clone(with_holdings(&entry.edge, &self.holdings)))
    }

    /// The edge with that identity.
    pub fn edge(&self, id: &EdgeId) -> Option<Arc<Edge>> {
        self.edges.get(id).map(|entry| with_holdings(&entry.edge, &self.holdings))
    }

    /// The edges that changed since they were last taken, in the order of their identity.
    pub fn take_touched(&mut self) -> Vec<Arc<Edge>> {
        let touched = self.edges.values_mut().filter(|entry| entry.touched);
        touched
            .map(|entry| {
                entry.touched = false;
                entry.edge = with_holdings(&entry.edge, &self.holdings);
                Arc::clone(&entry.edge)
            })
            .collect()
    }

    /// The holdings that changed since they were last taken.
    pub fn take_touched_holdings(&mut self) -> Vec<Holdings> {
        let changed = self.holdings.values_mut().filter(|held| held.touched);
        changed.map(|held| Holdings { touched: std::mem::take(&mut held.touched), ..held.clone() }).collect()
    }

    /// Marks every edge as changed, to be judged again: the law has changed.
    pub fn touch_all(&mut self) {
        self.edges.values_mut().for_each(|entry| entry.touched = true);
    }

    /// Restores an edge that was saved before a restart.
    pub fn restore(&mut self, edge: impl Into<Arc<Edge>>) {
        let edge = edge.into();
        if !self.edges.contains_key(&edge.id) {
            self.quota.count(&edge.id, &edge.counterpart);
        }
        self.edges.insert(edge.id.clone(), Entry { touched: false, ..Entry::new(edge) });
    }

    /// Restores holdings that were saved before a restart.
    pub fn restore_holdings(&mut self, holdings: Holdings) {
        self.holdings.insert((holdings.cluster.clone(), holdings.exporter.clone()), holdings);
    }

    /// Records what the exporter holds: data that it receives or sends, even if no recipient accepted the connection.
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
                let is_among = id.is_overflow() && id.exporter.namespace() == exporter.namespace();
                id.cluster == observation.identity.cluster && (id.exporter == *exporter || is_among)
            };
            self.edges.iter_mut().filter(|(id, _)| is_sender(id)).for_each(|(_, entry)| entry.touched = true);
        }
    }
}

impl Entry {
    fn new(edge: Arc<Edge>) -> Self {
        Self { edge, touched: true }
    }
}

#[cfg(test)]
mod tests;
