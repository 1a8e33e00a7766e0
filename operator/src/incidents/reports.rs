//! The drafts of an Incident's reports, in a ConfigMap owned by the Incident.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::api::ObjectMeta;
use landfall_api::{API_VERSION, IncidentSpec, Kind as _, NamespacedReference};

use crate::{
    FIELD_MANAGER,
    objects::{ConfigMaps, Desired, WritePriority, config_map::DesiredConfigMap},
    views::{Reports, Views},
};

/// The desired ConfigMaps: uid of the Incident, and the drafts.
#[derive(Debug, Default)]
pub(super) struct ReportMaps(BTreeMap<NamespacedReference, (String, Reports)>);

impl ReportMaps {
    /// Sets the desired ConfigMap of an Incident, once the Incident exists and can own it.
    pub(super) fn keep(
        &mut self,
        config_maps: &Desired<ConfigMaps>,
        incident: &NamespacedReference,
        uid: Option<&str>,
        views: &Views,
    ) {
        let reports = views.reports(&format!("{}/{}", incident.namespace, incident.name));
        let (Some(uid), Some(reports)) = (uid, reports) else { return };
        let before = self.0.get(incident);
        if before.is_some_and(|(before, shown)| before == uid && Arc::ptr_eq(shown, &reports)) {
            return;
        }
        let name = format!("{}-reports", incident.name);
        let map = Arc::new(config_map(&name, &incident.name, uid, &reports));
        let desired = DesiredConfigMap { priority: WritePriority::Report, map };
        config_maps.set(ConfigMaps::key(&incident.namespace, &name), desired);
        self.0.insert(incident.clone(), (uid.to_owned(), reports));
    }

    /// Drops the ConfigMaps of Incidents that no longer exist.
    pub(super) fn retain(&mut self, is_there: impl Fn(&NamespacedReference) -> bool) {
        self.0.retain(|incident, _| is_there(incident));
    }
}

fn config_map(name: &str, incident: &str, uid: &str, reports: &Reports) -> ConfigMap {
    let owner = OwnerReference {
        api_version: API_VERSION.to_owned(),
        kind: IncidentSpec::KIND.to_owned(),
        name: incident.to_owned(),
        uid: uid.to_owned(),
        ..OwnerReference::default()
    };
    let label = ("app.kubernetes.io/managed-by".to_owned(), FIELD_MANAGER.to_owned());
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(BTreeMap::from([label])),
        owner_references: Some(vec![owner]),
        ..ObjectMeta::default()
    };
    ConfigMap { metadata, data: Some(BTreeMap::clone(reports)), ..ConfigMap::default() }
}
