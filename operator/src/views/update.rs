use std::{collections::BTreeMap, sync::Arc};

use landfall_transfer_law::EdgeId;

use crate::judging::{Draft, EdgeView, Incident, IncidentKey, Subject, Transition, View};

/// Changes that are published together. For the same thing the last one counts.
#[derive(Debug, Default)]
pub struct Update {
    pub(super) edges: BTreeMap<Arc<EdgeId>, Option<EdgeView>>,
    pub(super) incidents: BTreeMap<IncidentKey, Arc<Incident>>,
    pub(super) reports: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) transitions: Vec<Transition>,
}

impl Update {
    /// Adds a change.
    pub fn add(&mut self, view: View) {
        match view {
            View::Edge(view, transition) => {
                self.transitions.extend(transition);
                self.edges.insert(view.edge.id.clone(), Some(view));
            }
            View::EdgeForgotten(edge) => drop(self.edges.insert(edge, None)),
            View::Incident(incident) => drop(self.incidents.insert(incident.key.clone(), incident)),
            View::Draft(draft) => {
                let Draft { subject: Subject { namespace, name: incident, .. }, name, text, .. } = &*draft;
                self.reports.entry(format!("{namespace}/{incident}")).or_default().insert(name.clone(), text.clone());
            }
        }
    }
}

impl FromIterator<View> for Update {
    fn from_iter<I: IntoIterator<Item = View>>(views: I) -> Self {
        let mut update = Self::default();
        views.into_iter().for_each(|view| update.add(view));
        update
    }
}
