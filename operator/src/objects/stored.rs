//! Landfall's own namespaced kinds with a specification and a status.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kube::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, PostParams},
    runtime::reflector::{ObjectRef, Store},
};
use landfall_api::{Kind, Stored};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Desired, ObjectKey, WritePriority,
    call::{CallError, in_time},
    table::{Action, Outcome, WriteError, WrittenKind},
};
use crate::FIELD_MANAGER;

/// A kind whose objects the operator creates and whose status it writes.
pub(crate) trait StatusKind: Kind<Status: ApiData> + ApiData {
    /// Whether only the operator writes such objects. Their managed fields are cleared then: they would be as large as the
    /// status, and the API server would recompute them at every write.
    const OWNED_BY_OPERATOR: bool;
    /// Priority of a deletion.
    const DELETE_PRIORITY: WritePriority;

    /// Priority of writing `desired` over `current`; `None` if they are equal.
    fn priority(current: Option<&Self::Status>, desired: &Self::Status) -> Option<WritePriority>;
}

/// Bounds of what is exchanged with the API server.
pub(crate) trait ApiData:
    Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<T: Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static> ApiData for T {}

/// The desired state of an object. The specification of an existing object is not changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DesiredObject<S: StatusKind> {
    pub(crate) spec: S,
    pub(crate) status: S::Status,
}

/// The observed state of an object.
#[derive(Debug, Clone)]
pub(crate) struct ObservedObject<S: StatusKind> {
    pub(crate) version: Option<String>,
    pub(crate) status: Option<S::Status>,
}

impl<S: StatusKind> WrittenKind for S
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    type Desired = DesiredObject<S>;
    type Observed = ObservedObject<S>;
    /// Version of the object, if it exists.
    type Base = Option<Option<String>>;

    const KINDS: &'static [&'static str] = &[S::KIND];
    const IS_WATCHED: bool = true;

    fn priority(observed: Option<&ObservedObject<S>>, desired: Option<&DesiredObject<S>>) -> Option<WritePriority> {
        match (desired, observed) {
            (None, None) => None,
            (None, Some(_)) => Some(S::DELETE_PRIORITY),
            (Some(desired), observed) => {
                let current = observed.and_then(|observed| observed.status.as_ref());
                <S as StatusKind>::priority(current, &desired.status)
            }
        }
    }

    fn write(client: Client, key: ObjectKey, action: Action<S>) -> BoxFuture<'static, Outcome<S>> {
        Box::pin(write(client, key, action))
    }

    fn base(observed: Option<&ObservedObject<S>>) -> Option<Option<String>> {
        observed.map(|observed| observed.version.clone())
    }

    fn version(observed: &ObservedObject<S>) -> Option<&str> {
        observed.version.as_deref()
    }
}

impl<S: StatusKind> Desired<S>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    /// From now on `store` has the observed state; all objects were listed.
    pub(crate) fn observe_in(&self, store: Store<Stored<S>>) {
        self.observe(Box::new(move |key, known| {
            let namespace = key.namespace.as_deref().unwrap_or_default();
            let object = store.get(&ObjectRef::new(&key.name).within(namespace));
            let version = object.as_ref().map(|object| object.metadata.resource_version.as_deref());
            (version != known).then(|| object.as_deref().map(ObservedObject::from_stored))
        }));
    }
}

impl<S: StatusKind> ObservedObject<S> {
    fn from_stored(object: &Stored<S>) -> Self {
        Self { version: object.metadata.resource_version.clone(), status: object.status.clone() }
    }
}

async fn write<S: StatusKind>(client: Client, key: ObjectKey, action: Action<S>) -> Outcome<S>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    let api: Api<Stored<S>> = Api::namespaced_with(client, key.namespace.as_deref().unwrap_or_default(), &());
    let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
    match action {
        Action { desired: None, .. } => match in_time(api.delete(&key.name, &DeleteParams::default())).await {
            Ok(_) => Ok(None),
            Err(CallError::Api(kube::Error::Api(status))) if status.is_not_found() => Ok(None),
            Err(error) => Err(WriteError::Call(error)),
        },
        Action { desired: Some(desired), base: None } => {
            let made = match in_time(api.create(&parameters, &object(&key, &desired, None))).await {
                Err(CallError::Api(kube::Error::Api(status))) if WriteError::lacks_namespace(&status) => {
                    return Err(WriteError::NamespaceMissing);
                }
                made => made.map_err(WriteError::for_existing)?,
            };
            // Before the status, whose fields would be the largest part.
            let made = clear_managed_fields(&api, &parameters, made).await?;
            replace(&api, &parameters, &key, desired, made.metadata.resource_version).await
        }
        Action { desired: Some(desired), base: Some(version) } => {
            replace(&api, &parameters, &key, desired, version).await
        }
    }
}

/// Replaces the whole status, including fields that others have set.
async fn replace<S: StatusKind>(
    api: &Api<Stored<S>>,
    parameters: &PostParams,
    key: &ObjectKey,
    desired: DesiredObject<S>,
    version: Option<String>,
) -> Outcome<S>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    let mut object = object(key, &desired, version);
    object.status = Some(desired.status);
    let written =
        in_time(api.replace_status(&key.name, parameters, &object)).await.map_err(WriteError::for_existing)?;
    let written = clear_managed_fields(api, parameters, written).await?;
    Ok(Some(ObservedObject::from_stored(&written)))
}

/// Clears the managed fields if only the operator writes the kind. The API server does not track them again until
/// someone applies the object (Kubernetes, Server-Side Apply: clearing managedFields).
async fn clear_managed_fields<S: StatusKind>(
    api: &Api<Stored<S>>,
    parameters: &PostParams,
    mut object: Stored<S>,
) -> Result<Stored<S>, WriteError>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    if !S::OWNED_BY_OPERATOR || object.metadata.managed_fields.is_none() {
        return Ok(object);
    }
    // An empty list would leave the managed fields as they are; a list with one empty entry clears them.
    object.metadata.managed_fields = Some(vec![ManagedFieldsEntry::default()]);
    in_time(api.replace(&object.name_any(), parameters, &object)).await.map_err(WriteError::for_existing)
}

fn object<S: StatusKind>(key: &ObjectKey, desired: &DesiredObject<S>, version: Option<String>) -> Stored<S> {
    let mut object = Stored::new(&key.name, key.namespace.as_deref(), desired.spec.clone());
    let label = ("app.kubernetes.io/managed-by".to_owned(), FIELD_MANAGER.to_owned());
    object.metadata.labels = Some(BTreeMap::from([label]));
    object.metadata.resource_version = version;
    object
}
