//! What agents are told: the one path back. A ConfigMap that they read as a file.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::ObjectMeta};
use tokio::{
    sync::watch,
    time::{Duration, sleep},
};

use crate::{
    objects::call::{CallError, apply_config_map},
    register::Published,
};

/// Key of the settings in the ConfigMap.
const KEY: &str = "agent.json";
/// How long to wait after a failed write.
const RETRY: Duration = Duration::from_secs(5);

/// Writes the settings whenever they change, until nobody publishes any more.
pub(crate) async fn render(
    client: Client,
    namespace: &str,
    name: String,
    mut published: watch::Receiver<Option<Arc<Published>>>,
) {
    let config_maps: Api<ConfigMap> = Api::namespaced(client, namespace);
    let mut written = None;
    loop {
        let settings = published.borrow_and_update().as_ref().map(|published| Arc::clone(&published.agent));
        if let Some(settings) = settings.filter(|settings| written.as_ref() != Some(settings)) {
            let text = serde_json::to_string_pretty(&*settings).expect("settings have a JSON form");
            let metadata = ObjectMeta { name: Some(name.clone()), ..ObjectMeta::default() };
            let data = Some(BTreeMap::from([(KEY.to_owned(), text)]));
            let map = ConfigMap { metadata, data, ..ConfigMap::default() };
            match apply_config_map(&config_maps, &map).await {
                Ok(()) => written = Some(settings),
                Err(error) => {
                    warn(&error);
                    sleep(RETRY).await;
                    continue;
                }
            }
        }
        if published.changed().await.is_err() {
            return;
        }
    }
}

fn warn(error: &CallError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "Failed to write the agents' settings");
}
