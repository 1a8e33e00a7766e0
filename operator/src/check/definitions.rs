//! Whether the kinds are defined in the cluster as this program has them.

use anyhow::Context as _;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, Client};
use landfall_api::{VERSION, manifests};
use serde_json::Value;

use super::Fault;

/// How many fields are named.
const MAX_NAMED: usize = 3;

pub(super) async fn faults(client: Client, namespace: &str) -> anyhow::Result<Vec<Fault>> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client);
    let mut faults = Vec::new();
    for expected in manifests() {
        let name = expected["metadata"]["name"].as_str().unwrap_or_default();
        let found = definitions.get_opt(name).await.with_context(|| format!("failed to read {name}"))?;
        let found = found.map(serde_json::to_value).transpose().context("failed to read a definition")?;
        faults.extend(fault(name, &expected, found.as_ref()).map(|what| Fault { what, next: next(namespace) }));
    }
    Ok(faults)
}

/// The command that installs them as well as it upgrades them.
fn next(namespace: &str) -> String {
    format!("helm upgrade --install landfall-crds charts/landfall-crds --namespace {namespace}")
}

/// What is wrong with a definition.
fn fault(name: &str, expected: &Value, found: Option<&Value>) -> Option<String> {
    let Some(found) = found else {
        return Some(format!("CustomResourceDefinition {name} is missing"));
    };
    let mut missing = Vec::new();
    match (schema(expected), schema(found)) {
        (Some(expected), Some(found)) => compare("", expected, found, &mut missing),
        _ => missing.push(format!("version {VERSION}")),
    }
    if missing.is_empty() {
        return None;
    }
    let more = missing.len().saturating_sub(MAX_NAMED);
    missing.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let lacks = missing.join(", ");
    Some(format!("CustomResourceDefinition {name} is older than this program: it lacks {lacks}{more}"))
}

/// The schema of the version that this program uses.
fn schema(definition: &Value) -> Option<&Value> {
    let versions = definition["spec"]["versions"].as_array()?;
    let version = versions.iter().find(|version| version["name"] == VERSION && version["served"] == true)?;
    version.pointer("/schema/openAPIV3Schema")
}

/// Names the fields that `found` lacks; what it has beyond `expected` does no harm.
fn compare(path: &str, expected: &Value, found: &Value, missing: &mut Vec<String>) {
    if let Some(fields) = expected["properties"].as_object() {
        for (name, field) in fields {
            let path = format!("{path}.{name}");
            match found["properties"].get(name) {
                Some(found) => compare(&path, field, found, missing),
                None => missing.push(path),
            }
        }
    }
    for part in ["items", "additionalProperties"] {
        if expected[part].is_object() {
            compare(&format!("{path}[]"), &expected[part], &found[part], missing);
        }
    }
    if let Some(allowed) = expected["enum"].as_array() {
        let known = found["enum"].as_array().map(Vec::as_slice).unwrap_or_default();
        // Where the cluster allows everything, it allows this, too.
        let lacks = |value: &&Value| found.get("enum").is_some() && !known.contains(value);
        missing.extend(allowed.iter().filter(lacks).map(|value| format!("{path}={value}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfers() -> Value {
        manifests().into_iter().find(|it| it["spec"]["names"]["plural"] == "transfers").unwrap()
    }

    fn said(found: Option<&Value>) -> Option<String> {
        fault("transfers.landfall.dev", &transfers(), found)
    }

    #[test]
    fn what_a_cluster_defines_besides_does_no_harm() {
        let mut newer = transfers();
        let schema = newer.pointer_mut("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties").unwrap();
        schema["later"] = serde_json::json!({ "type": "string" });
        assert_eq!((said(Some(&transfers())), said(Some(&newer))), (None, None));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(said(None).as_deref(), Some("CustomResourceDefinition transfers.landfall.dev is missing"));
        let older = "CustomResourceDefinition transfers.landfall.dev is older than this program: it lacks ";
        let mut without = transfers();
        let pointer = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
        without.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove("recipient");
        assert_eq!(said(Some(&without)), Some(format!("{older}.spec.recipient")));
        let mut renamed = transfers();
        renamed["spec"]["versions"][0]["name"] = "v1alpha0".into();
        assert_eq!(said(Some(&renamed)), Some(format!("{older}version v1alpha1")));
    }
}
