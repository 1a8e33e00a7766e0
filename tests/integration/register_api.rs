//! The register's objects at a real API server: definitions, and files as people apply them.

use std::{path::Path, time::Duration};

use http::{Request, header::CONTENT_TYPE};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
};
use landfall_tests::cluster::ControlPlane;

/// Installs the definitions and waits until the API server serves them.
pub(crate) async fn install(client: &Client) {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let parameters = PatchParams::apply("tests").force();
    for definition in landfall_api::definitions() {
        api.patch(&definition.name_any(), &parameters, &Patch::Apply(&definition)).await.unwrap();
    }
    for definition in landfall_api::definitions() {
        established(&api, &definition.name_any()).await;
    }
}

async fn established(api: &Api<CustomResourceDefinition>, name: &str) {
    for _ in 0..400 {
        let status = api.get(name).await.unwrap().status.unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        if conditions.iter().any(|it| it.type_ == "Established" && it.status == "True") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} was not established");
}

/// Where objects of this text's kind live: `/apis/landfall.dev/v1alpha1/…`.
fn address(text: &str) -> String {
    let kind = text.lines().find_map(|line| line.strip_prefix("kind: ")).unwrap().trim();
    let definitions = landfall_api::definitions();
    let spec = &definitions.iter().find(|definition| definition.spec.names.kind == kind).unwrap().spec;
    let namespace = if spec.scope == "Namespaced" { "namespaces/default/" } else { "" };
    format!("/apis/landfall.dev/v1alpha1/{namespace}{}", spec.names.plural)
}

/// What `kubectl create --dry-run=server --validate=strict` would be answered.
pub(crate) async fn dry_run(client: &Client, text: &str) -> Result<(), kube::core::Status> {
    let uri = format!("{}?dryRun=All&fieldValidation=Strict", address(text));
    let request = Request::post(uri).header(CONTENT_TYPE, "application/yaml").body(text.as_bytes().to_vec()).unwrap();
    match client.request_text(request).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) => Err(*status),
        Err(error) => panic!("{error}"),
    }
}

/// Runs kubectl as the administrator and returns what it prints.
pub(crate) fn kubectl(plane: &ControlPlane, arguments: &[&str], input: &str) -> String {
    plane.kubectl(arguments, input).unwrap()
}

/// Applies the objects of a file or a folder.
pub(crate) fn apply(plane: &ControlPlane, path: &Path) {
    kubectl(plane, &["apply", "--server-side", "-R", "-f", path.to_str().unwrap()], "");
}

/// Applies the objects of a text.
pub(crate) fn apply_text(plane: &ControlPlane, text: &str) {
    kubectl(plane, &["apply", "--server-side", "--force-conflicts", "-f", "-"], text);
}
