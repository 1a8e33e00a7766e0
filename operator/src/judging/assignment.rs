//! Which Incident of the cluster belongs to which remembered incident.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use landfall_api::IncidentSpec;
use landfall_transfer_law::{AgreementId, EdgeId};

use super::{IncidentKey, names};
use crate::register::WrittenIncident;

/// The agreement that an Incident refers to, in its own namespace.
pub(crate) fn agreement(namespace: &str, spec: &IncidentSpec) -> AgreementId {
    AgreementId { namespace: namespace.to_owned(), name: spec.agreement_ref.name.clone() }
}

/// The incident that each Incident is about, in the given order, which must be that of creation. The first Incident about
/// an edge belongs to the edge's breach, whatever its name. `None` if an older one is about the same edge, or if the
/// Incident is not in the namespace of its agreement: whoever may write there may not be allowed to write here.
pub(crate) fn assign<'a>(
    written: &'a [WrittenIncident],
    known: impl Iterator<Item = &'a IncidentKey>,
) -> Vec<(&'a WrittenIncident, Option<IncidentKey>)> {
    // Objects hold truncated texts, so edges are compared in that form.
    let edges = known.filter_map(IncidentKey::edge).filter(|edge| names::is_truncated(edge));
    let truncated: BTreeMap<EdgeId, &Arc<EdgeId>> = edges.map(|edge| (names::truncated(edge), edge)).collect();
    let mut assigned = BTreeSet::new();
    let each = written.iter().map(|incident| {
        let WrittenIncident { reference, spec, .. } = incident;
        let Some(edge) = spec.edge.as_ref() else {
            return (incident, Some(IncidentKey::Name(reference.clone())));
        };
        let Some(edge) = names::edge_from_spec(edge) else { return (incident, None) };
        if edge.agreement != agreement(&reference.namespace, spec) {
            return (incident, None);
        }
        let edge = truncated.get(&edge).map_or_else(|| Arc::new(edge), |edge| Arc::clone(edge));
        let key = assigned.insert(Arc::clone(&edge)).then_some(IncidentKey::Edge { edge });
        (incident, key)
    });
    each.collect()
}
