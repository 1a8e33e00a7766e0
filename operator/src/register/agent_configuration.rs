//! The agents' configuration: a ConfigMap that they read as a file. It is the only data that flows back to agents.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::api::ObjectMeta;
use tokio::sync::watch;

use crate::{
    objects::{ConfigMaps, Desired, WritePriority, config_map::DesiredConfigMap},
    register::Published,
};

/// Name of the ConfigMap.
const NAME: &str = "landfall-agent-configuration";
/// Key of the configuration in it.
const KEY: &str = "agent.json";

/// Sets the ConfigMap whenever the configuration changes. Returns when nothing is published any more.
pub(crate) async fn keep(
    namespace: String,
    owner: Option<OwnerReference>,
    config_maps: Desired<ConfigMaps>,
    mut published: watch::Receiver<Option<Arc<Published>>>,
) {
    let mut desired = None;
    loop {
        let settings = published.borrow_and_update().as_ref().map(|published| Arc::clone(&published.agent));
        if let Some(settings) = settings.filter(|settings| desired.as_ref() != Some(settings)) {
            let text = serde_json::to_string_pretty(&*settings).expect("settings have a JSON form");
            let owner_references = owner.clone().map(|owner| vec![owner]);
            let metadata = ObjectMeta { name: Some(NAME.to_owned()), owner_references, ..ObjectMeta::default() };
            let data = Some(BTreeMap::from([(KEY.to_owned(), text)]));
            let map = ConfigMap { metadata, data, ..ConfigMap::default() };
            let priority = WritePriority::AgentConfiguration;
            config_maps.set(ConfigMaps::key(&namespace, NAME), DesiredConfigMap { priority, map: Arc::new(map) });
            desired = Some(settings);
        }
        if published.changed().await.is_err() {
            return;
        }
    }
}
