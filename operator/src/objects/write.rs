use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kube::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, PostParams},
};
use landfall_api::Stored;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Key, Wanted, Written,
    entries::{Action, Outcome},
};
use crate::{
    FIELD_MANAGER,
    objects::call::{CallError, in_time},
};

/// Why an object was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// Somebody else wrote it meanwhile, or made it.
    #[error("the object has changed meanwhile")]
    Outdated,
    /// Its namespace is gone, or going.
    #[error("the namespace is not there")]
    Homeless,
    #[error(transparent)]
    Call(CallError),
}

/// Writes one object.
pub(super) async fn write<S: Written>(client: Client, key: &Key, action: Action<S>) -> Outcome<S>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    let api: Api<Stored<S>> = Api::namespaced_with(client, &key.namespace, &());
    let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
    match action {
        Action::Delete => match in_time(api.delete(&key.name, &DeleteParams::default())).await {
            Ok(_) => Ok(None),
            Err(CallError::Api(kube::Error::Api(status))) if status.is_not_found() => Ok(None),
            Err(error) => Err(WriteError::Call(error)),
        },
        Action::Create(wanted) => {
            let object = object(key, &wanted, None);
            let made = match in_time(api.create(&parameters, &object)).await {
                Err(CallError::Api(kube::Error::Api(status))) if is_homeless(&status) => {
                    return Err(WriteError::Homeless);
                }
                made => made.map_err(of)?,
            };
            // Before the status, whose fields would be the most.
            let made = without_managers(&api, &parameters, made).await?;
            replace(&api, &parameters, key, &wanted, made.metadata.resource_version).await
        }
        Action::Replace(wanted, version) => replace(&api, &parameters, key, &wanted, version).await,
    }
}

/// The whole status: what others have put into it is gone.
async fn replace<S: Written>(
    api: &Api<Stored<S>>,
    parameters: &PostParams,
    key: &Key,
    wanted: &Wanted<S>,
    version: Option<String>,
) -> Outcome<S>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    let mut object = object(key, wanted, version);
    object.status = Some(wanted.status.clone());
    let written = in_time(api.replace_status(&key.name, parameters, &object)).await.map_err(of)?;
    without_managers(api, parameters, written).await.map(Some)
}

/// Clears who wrote which field, where nobody needs it. At later writes the API server keeps none, either, until
/// somebody applies the object (Kubernetes, Server-Side Apply: clearing managedFields).
async fn without_managers<S: Written>(
    api: &Api<Stored<S>>,
    parameters: &PostParams,
    mut object: Stored<S>,
) -> Result<Stored<S>, WriteError>
where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    if !S::BY_OPERATOR_ALONE || object.metadata.managed_fields.is_none() {
        return Ok(object);
    }
    // An empty list would mean that nothing is said about it.
    object.metadata.managed_fields = Some(vec![ManagedFieldsEntry::default()]);
    in_time(api.replace(&object.name_any(), parameters, &object)).await.map_err(of)
}

fn object<S: Written>(key: &Key, wanted: &Wanted<S>, version: Option<String>) -> Stored<S> {
    let mut object = Stored::new(&key.name, Some(&key.namespace), wanted.spec.clone());
    let label = ("app.kubernetes.io/managed-by".to_owned(), FIELD_MANAGER.to_owned());
    object.metadata.labels = Some(BTreeMap::from([label]));
    object.metadata.resource_version = version;
    object
}

fn is_homeless(status: &kube::core::Status) -> bool {
    // The API server says so in words and in a cause, and in no reason of its own.
    status.is_not_found() || (status.is_forbidden() && status.message.contains("being terminated"))
}

fn of(error: CallError) -> WriteError {
    let CallError::Api(kube::Error::Api(status)) = &error else { return WriteError::Call(error) };
    // One that is not found was deleted after it was read.
    let is_outdated = status.is_conflict() || status.is_already_exists() || status.is_not_found();
    if is_outdated { WriteError::Outdated } else { WriteError::Call(error) }
}
