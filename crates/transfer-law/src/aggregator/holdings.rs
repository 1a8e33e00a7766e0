//! What the exporters of an edge hold.

use std::{collections::BTreeMap, mem, sync::Arc};

use crate::{Edge, EdgeId, Exporter, Holdings, Sighting, holding::HELD};

/// What exporters were seen to hold, by cluster and exporter.
pub(super) type AllHoldings = BTreeMap<(String, Exporter), Holdings>;

/// The edge with what its exporters held within 30 days before its traffic or during it.
pub(super) fn with_holdings(edge: &Arc<Edge>, holdings: &AllHoldings) -> Arc<Edge> {
    let Edge { first_seen, last_seen, .. } = **edge;
    let seen = senders(&edge.id, holdings).flat_map(|held| &held.categories).flat_map(|(category, seen)| {
        let within = seen.sightings().filter(|at| at.is_within(first_seen, last_seen, HELD));
        within.map(|seen| Sighting { category: category.clone(), seen })
    });
    let mut sightings: Vec<_> = seen.collect();
    // Several exporters send over the edge `other`.
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

/// The holdings of the exporter of an edge; for the edge `other` of a namespace those of all its exporters, because
/// each may have sent part of the data.
fn senders<'a>(id: &EdgeId, holdings: &'a AllHoldings) -> impl Iterator<Item = &'a Holdings> {
    let EdgeId { cluster, exporter, .. } = id;
    let namespace = exporter.namespace();
    let firsts = if id.is_overflow() {
        // The lower bounds of the workloads of the namespace and of its topics in the order of the map.
        [Some(Exporter::workload(namespace, "", "")), Some(Exporter::topic(namespace, "", ""))]
    } else {
        [Some(exporter.clone()), None]
    };
    let is_sender = move |held: &Holdings| {
        held.cluster == *cluster
            && if id.is_overflow() { held.exporter.namespace() == namespace } else { held.exporter == *exporter }
    };
    firsts.into_iter().flatten().flat_map(move |first| {
        let is_same_kind = {
            let first = mem::discriminant(&first);
            move |held: &Holdings| mem::discriminant(&held.exporter) == first
        };
        let from_first = holdings.range((cluster.clone(), first)..).map(|(_, held)| held);
        from_first.take_while(move |held| is_sender(held) && is_same_kind(held))
    })
}
