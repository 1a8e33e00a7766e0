//! Which Incident, of those that are in the cluster, stands for which incident.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use landfall_api::IncidentSpec;
use landfall_transfer_law::{AgreementId, EdgeId};

use super::{IncidentKey, names};
use crate::register::WrittenIncident;

/// The agreement that an Incident names: it is one of its own namespace.
pub(crate) fn agreement(namespace: &str, spec: &IncidentSpec) -> AgreementId {
    AgreementId { namespace: namespace.to_owned(), name: spec.agreement_ref.name.clone() }
}

/// What each Incident stands for, in the order given, which is that of their creation. The first one about an edge stands
/// for the breach on it; a person may have made it under a name of their own. `None`: it stands for nothing that is
/// remembered, since another one is the edge's, or since it lies elsewhere than its agreement: whoever may write there
/// need not be of those who may write here.
pub(crate) fn assign<'a>(
    written: &'a [WrittenIncident],
    known: impl Iterator<Item = &'a IncidentKey>,
) -> Vec<(&'a WrittenIncident, Option<IncidentKey>)> {
    // Longer texts are cut in objects.
    let edges = known.filter_map(IncidentKey::edge).filter(|edge| names::is_cut(edge));
    let stated: BTreeMap<EdgeId, &Arc<EdgeId>> = edges.map(|edge| (names::stated(edge), edge)).collect();
    let mut assigned = BTreeSet::new();
    let each = written.iter().map(|incident| {
        let WrittenIncident { reference, spec, .. } = incident;
        let Some(edge) = spec.edge.as_ref() else {
            return (incident, Some(IncidentKey::Name(reference.clone())));
        };
        let Some(edge) = names::edge_of(edge) else { return (incident, None) };
        if edge.agreement != agreement(&reference.namespace, spec) {
            return (incident, None);
        }
        let edge = stated.get(&edge).map_or_else(|| Arc::new(edge), |edge| Arc::clone(edge));
        let key = assigned.insert(Arc::clone(&edge)).then_some(IncidentKey::Edge { edge });
        (incident, key)
    });
    each.collect()
}
