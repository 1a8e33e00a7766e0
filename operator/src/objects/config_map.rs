//! ConfigMaps. The operator has no right to list them, so the observed state is what it wrote last.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};

use super::{
    ObjectKey, WritePriority,
    call::{CallError, in_time},
    table::{Action, Outcome, WriteError, WrittenKind},
};
use crate::FIELD_MANAGER;

/// The ConfigMaps that the operator writes.
#[derive(Debug)]
pub(crate) enum ConfigMaps {}

/// The desired state of a ConfigMap; fields of other managers are taken over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DesiredConfigMap {
    pub(crate) priority: WritePriority,
    pub(crate) map: Arc<ConfigMap>,
}

impl WrittenKind for ConfigMaps {
    type Desired = DesiredConfigMap;
    type Observed = Arc<ConfigMap>;
    type Base = ();

    const KINDS: &'static [&'static str] = &[ConfigMaps::KIND];
    const IS_WATCHED: bool = false;

    fn priority(observed: Option<&Arc<ConfigMap>>, desired: Option<&DesiredConfigMap>) -> Option<WritePriority> {
        desired.filter(|desired| observed != Some(&desired.map)).map(|desired| desired.priority)
    }

    fn base(_: Option<&Arc<ConfigMap>>) {}

    fn write(client: Client, key: ObjectKey, action: Action<Self>) -> BoxFuture<'static, Outcome<Self>> {
        Box::pin(async move {
            // Never deleted here: an Incident's ConfigMap is garbage-collected with it.
            let Some(desired) = action.desired else { return Ok(None) };
            let config_maps = Api::namespaced(client, key.namespace.as_deref().unwrap_or_default());
            apply(&config_maps, &key.name, &desired.map).await?;
            Ok(Some(desired.map))
        })
    }
}

impl ConfigMaps {
    const KIND: &'static str = "ConfigMap";

    /// The key of a ConfigMap.
    pub(crate) fn key(namespace: &str, name: &str) -> ObjectKey {
        ObjectKey { kind: Self::KIND, namespace: Some(namespace.to_owned()), name: name.to_owned() }
    }
}

async fn apply(config_maps: &Api<ConfigMap>, name: &str, map: &ConfigMap) -> Result<(), WriteError> {
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    match in_time(config_maps.patch(name, &parameters, &Patch::Apply(map))).await {
        Ok(_) => Ok(()),
        Err(CallError::Api(kube::Error::Api(status))) if WriteError::lacks_namespace(&status) => {
            Err(WriteError::NamespaceMissing)
        }
        Err(error) => Err(WriteError::Call(error)),
    }
}
