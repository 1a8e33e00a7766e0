//! The agents' configuration: a ConfigMap that they read as a file. It is the only data that flows back to agents.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::api::ObjectMeta;
use landfall_observation::AgentConfiguration;
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
            let map = Arc::new(config_map(&settings, owner.clone()));
            let priority = WritePriority::AgentConfiguration;
            config_maps.set(ConfigMaps::key(&namespace, NAME), DesiredConfigMap { priority, map });
            desired = Some(settings);
        }
        if published.changed().await.is_err() {
            return;
        }
    }
}

fn config_map(settings: &AgentConfiguration, owner: Option<OwnerReference>) -> ConfigMap {
    let text = serde_json::to_string_pretty(settings).expect("settings have a JSON form");
    let owner_references = owner.map(|owner| vec![owner]);
    let metadata = ObjectMeta { name: Some(NAME.to_owned()), owner_references, ..ObjectMeta::default() };
    let data = Some(BTreeMap::from([(KEY.to_owned(), text)]));
    ConfigMap { metadata, data, ..ConfigMap::default() }
}

#[cfg(test)]
mod tests {
    use landfall_register::{compile, load_text};

    use super::*;

    const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec:
  bootstrapServers: ["kafka:9093"]
  tls: { caSecretRef: { name: authority } }
  agreementRef: { namespace: privacy, name: a }
  topics: [{ name: people, include: { prefixes: [people.] }, categories: ["pd:Name"] }]
  brokers: [{ name: all, racks: [zone-a], operator: Hoster SE, place: { value: FR, source: s, asOf: 2026-08-05 } }]
"#;

    #[test]
    fn agents_read_what_the_register_says_of_buses_without_law_and_places() {
        let agent = compile(&load_text("register.yaml", REGISTER).unwrap()).agent;
        let map = config_map(&agent, None);
        let text = &map.data.unwrap()[KEY];
        let read: AgentConfiguration = serde_json::from_str(text).unwrap();
        assert_eq!(read, agent);
        let expected = serde_json::json!([{
            "namespace": "crm",
            "name": "events",
            "bootstrapServers": ["kafka:9093"],
            "tls": { "caSecret": "authority" },
            "topics": [{ "include": { "globs": ["*"] } }],
            "sampling": {
                "messagesPerPartition": 500,
                "bytesPerPartition": 4_194_304,
                "processorMillisecondsPerPartition": 250,
                "periodSeconds": 60,
            },
        }]);
        assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap()["buses"], expected);
        assert!(["privacy", "Hoster", "zone-a", "pd:"].iter().all(|law| !text.contains(law)), "{text}");
    }
}
