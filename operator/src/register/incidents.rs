//! Incidents as people wrote them: the only input that the operator reads from objects that it creates.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use kube::runtime::reflector::Store;
use landfall_api::{IncidentSpec, IncidentStatus, NamespacedReference, Stored};
use tokio::{sync::watch, time::sleep};

/// How often the store is checked for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// An Incident in the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenIncident {
    /// Its namespace and name.
    pub reference: NamespacedReference,
    /// Its uid.
    pub uid: Option<String>,
    /// Its generation.
    pub generation: Option<i64>,
    /// When it was created, by the API server's clock.
    pub created: Option<Timestamp>,
    /// Its specification. The operator writes it when it creates an Incident, and people afterwards.
    pub spec: Arc<IncidentSpec>,
}

/// All Incidents, the oldest first. `None` until they were listed.
pub type WrittenIncidents = Option<Arc<Vec<WrittenIncident>>>;

/// The statuses of Incidents.
#[derive(Debug, Clone)]
pub(crate) struct IncidentStatuses(Store<Stored<IncidentSpec>>);

impl IncidentStatuses {
    pub(super) fn new(store: Store<Stored<IncidentSpec>>) -> Self {
        Self(store)
    }

    /// The status as last read.
    pub(crate) fn get(&self, reference: &NamespacedReference) -> Option<IncidentStatus> {
        let key = kube::runtime::reflector::ObjectRef::new(&reference.name).within(&reference.namespace);
        self.0.get(&key)?.status.clone()
    }
}

/// Publishes the Incidents whenever a specification changes. All were listed before. Does not end.
pub(super) async fn publish(store: Store<Stored<IncidentSpec>>, publish: watch::Sender<WrittenIncidents>) {
    let mut known = BTreeMap::new();
    loop {
        let written = read(&store, &mut known);
        publish.send_if_modified(|before| {
            let is_news = before.as_deref().is_none_or(|before| *before != written);
            if is_news {
                *before = Some(Arc::new(written));
            }
            is_news
        });
        sleep(POLL_INTERVAL).await;
    }
}

/// The Incidents in the store. Known specifications are not cloned again, because most changes are status updates.
fn read(
    store: &Store<Stored<IncidentSpec>>,
    known: &mut BTreeMap<NamespacedReference, WrittenIncident>,
) -> Vec<WrittenIncident> {
    let mut before = std::mem::take(known);
    for object in store.state() {
        let metadata = &object.metadata;
        let Some(name) = metadata.name.clone() else { continue };
        let reference = NamespacedReference { namespace: metadata.namespace.clone().unwrap_or_default(), name };
        let same =
            before.remove(&reference).filter(|it| it.uid == metadata.uid && it.generation == metadata.generation);
        let incident = same.unwrap_or_else(|| WrittenIncident {
            reference: reference.clone(),
            uid: metadata.uid.clone(),
            generation: metadata.generation,
            created: metadata.creation_timestamp.as_ref().map(|at| at.0),
            spec: Arc::new(object.spec.clone()),
        });
        known.insert(reference, incident);
    }
    let mut written: Vec<_> = known.values().cloned().collect();
    written.sort_by_key(|incident| incident.created);
    written
}

#[cfg(test)]
mod tests {
    use kube::runtime::{reflector, watcher::Event};

    use super::*;

    fn object(name: &str, uid: &str, generation: i64, second: i64) -> Stored<IncidentSpec> {
        let spec = serde_json::json!({
            "agreementRef": { "name": "avv" }, "firstAwareness": "2026-11-23T10:00:00Z", "discoveredBy": "Person",
            "nature": { "codes": ["LostDevice"], "summary": format!("generation {generation}") },
        });
        let mut object = Stored::new(name, Some("privacy"), serde_json::from_value(spec).unwrap());
        object.metadata.uid = Some(uid.to_owned());
        object.metadata.generation = Some(generation);
        let created = Timestamp::from_second(second).unwrap();
        object.metadata.creation_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(created));
        object
    }

    #[test]
    fn incidents_are_read_oldest_first_and_a_status_update_is_no_change() {
        let (store, mut writer) = reflector::store();
        let mut known = BTreeMap::new();
        let mut read = |store: &Store<Stored<IncidentSpec>>| read(store, &mut known);
        writer.apply_watcher_event(&Event::Apply(object("a", "1", 1, 200)));
        writer.apply_watcher_event(&Event::Apply(object("b", "2", 1, 100)));
        let first = read(&store);
        assert_eq!(first.iter().map(|it| it.reference.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        let mut same = object("a", "1", 1, 200);
        same.status = Some(IncidentStatus::default());
        writer.apply_watcher_event(&Event::Apply(same));
        let again = read(&store);
        assert_eq!(again, first);
        assert!(Arc::ptr_eq(&again[1].spec, &first[1].spec));
        // One is edited, one is created again.
        writer.apply_watcher_event(&Event::Apply(object("a", "1", 2, 200)));
        assert_eq!(read(&store)[1].spec.nature.summary, "generation 2");
        writer.apply_watcher_event(&Event::Apply(object("a", "3", 1, 300)));
        assert_eq!(read(&store)[1].uid.as_deref(), Some("3"));
        writer.apply_watcher_event(&Event::Delete(object("b", "2", 1, 100)));
        assert_eq!(read(&store).len(), 1);
    }
}
