//! Custom resource definitions, from the same schemas that the folder loader checks.

#[cfg(feature = "crd")]
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

use crate::{
    Column, GROUP, IncidentSpec, Kind, LegalDevelopmentSpec, MessageBusSpec, ProcessingAgreementSpec, RecipientSpec,
    TransferBasisSpec, TransferImpactAssessmentSpec, TransferPolicySpec, TransferSpec, VERSION,
    object::{reserved, root_schema, schema_of},
};

/// All kinds together, as in `kubectl get landfall`.
const CATEGORY: &str = "landfall";

/// The definitions of all kinds, by plural, as JSON.
pub fn manifests() -> Vec<Value> {
    vec![
        manifest::<IncidentSpec>(),
        manifest::<LegalDevelopmentSpec>(),
        manifest::<MessageBusSpec>(),
        manifest::<ProcessingAgreementSpec>(),
        manifest::<RecipientSpec>(),
        manifest::<TransferBasisSpec>(),
        manifest::<TransferImpactAssessmentSpec>(),
        manifest::<TransferPolicySpec>(),
        manifest::<TransferSpec>(),
    ]
}

/// The definitions of all kinds, by plural.
#[cfg(feature = "crd")]
pub fn definitions() -> Vec<CustomResourceDefinition> {
    let typed = |manifest| serde_json::from_value(manifest).expect("generated from types, and covered by tests");
    manifests().into_iter().map(typed).collect()
}

fn manifest<S: Kind>() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": format!("{}.{GROUP}", S::PLURAL) },
        "spec": {
            "group": GROUP,
            "names": {
                "categories": [CATEGORY],
                "kind": S::KIND,
                "listKind": format!("{}List", S::KIND),
                "plural": S::PLURAL,
                "shortNames": [S::SHORT_NAME],
                "singular": S::KIND.to_lowercase(),
            },
            "scope": if S::NAMESPACED { "Namespaced" } else { "Cluster" },
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "schema": { "openAPIV3Schema": schema::<S>() },
                "subresources": { "status": {} },
                "additionalPrinterColumns": columns(S::COLUMNS),
            }],
        },
    })
}

/// Age is the last of the columns that are always shown, as usual in Kubernetes.
fn columns(columns: &[Column]) -> Vec<Value> {
    let age = Column::age("Age", ".metadata.creationTimestamp");
    let (wide, narrow): (Vec<_>, Vec<_>) = columns.iter().copied().partition(|column| column.wide);
    let all = narrow.into_iter().chain([age]).chain(wide);
    all.map(|column| {
        let Column { name, r#type, path, wide } = column;
        let mut value = json!({ "name": name, "type": r#type, "jsonPath": path });
        if wide {
            value["priority"] = json!(1);
        }
        value
    })
    .collect()
}

/// Specification and status; `metadata` is the API server's own.
fn schema<S: Kind>() -> Value {
    let object = schema_of::<S>();
    let description = root_schema::<S>().get("description").cloned().unwrap_or_default();
    let mut schema = json!({
        "type": "object",
        "description": description,
        "required": ["spec"],
        "properties": { "spec": object["properties"]["spec"], "status": root_schema::<S::Status>() },
    });
    // A rule about `metadata` must be at the root, and may use only its name.
    if let Some(mut rule) = reserved::<S>("self.metadata.name") {
        rule["fieldPath"] = json!(".metadata.name");
        schema["x-kubernetes-validations"] = json!([rule]);
        schema["properties"]["metadata"] = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    }
    adapt(&mut schema);
    schema
}

/// Translates a schema into the formats that the API server supports: it does not know Landfall's own formats, which
/// CEL rules also express, and integers have 32 or 64 bits.
fn adapt(schema: &mut Value) {
    match schema {
        Value::Object(node) => {
            node.remove("title");
            let format = node.get("format").and_then(Value::as_str);
            let known = match format {
                Some("uint8" | "uint16") => Some("int32"),
                Some("uint32" | "uint64") => Some("int64"),
                Some(known @ ("int32" | "int64" | "date" | "date-time" | "cidr")) => Some(known),
                _ => None,
            };
            match known.map(str::to_owned) {
                Some(known) => node.insert("format".to_owned(), Value::String(known)),
                None => node.remove("format"),
            };
            for (key, inner) in node {
                match (key.as_str(), inner) {
                    ("properties", Value::Object(properties)) => properties.values_mut().for_each(adapt),
                    ("items" | "additionalProperties", inner) => adapt(inner),
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(adapt),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text(manifest: &Value, pointer: &str) -> String {
        manifest.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
    }

    #[test]
    fn names_and_scopes_are_as_designed() {
        let short: BTreeSet<_> = manifests().iter().map(|it| text(it, "/spec/names/shortNames/0")).collect();
        assert_eq!(short, ["agr", "bus", "inc", "ld", "rcp", "tb", "tia", "tp", "tr"].map(str::to_owned).into());
        let cluster: BTreeSet<_> = manifests()
            .iter()
            .filter(|it| text(it, "/spec/scope") == "Cluster")
            .map(|it| text(it, "/spec/names/kind"))
            .collect();
        let expected = ["LegalDevelopment", "Recipient", "TransferBasis", "TransferImpactAssessment"];
        assert_eq!(cluster, expected.map(str::to_owned).into());
    }

    #[cfg(feature = "crd")]
    #[test]
    fn the_types_of_the_api_server_hold_all_of_it() {
        /// Bounds are floating in those types.
        fn floating(value: Value) -> Value {
            match value {
                Value::Object(fields) => fields.into_iter().map(|(key, field)| (key, floating(field))).collect(),
                Value::Array(items) => items.into_iter().map(floating).collect(),
                Value::Number(number) => json!(number.as_f64()),
                other => other,
            }
        }
        for (typed, manifest) in definitions().iter().zip(manifests()) {
            let same = floating(serde_json::to_value(typed).unwrap()) == floating(manifest);
            assert!(same, "{} loses something", typed.spec.names.kind);
        }
    }

    #[test]
    fn every_field_is_explained() {
        fn silent(path: &str, node: &Value, found: &mut Vec<String>) {
            let fields = node["properties"].as_object().into_iter().flatten();
            // Only the API server describes `metadata`.
            for (name, inner) in fields.filter(|(name, _)| !(path.is_empty() && *name == "metadata")) {
                let path = format!("{path}.{name}");
                if inner["description"].as_str().is_none_or(str::is_empty) {
                    found.push(path.clone());
                }
                silent(&path, inner, found);
                silent(&format!("{path}[]"), &inner["items"], found);
            }
        }
        let mut found = Vec::new();
        for manifest in manifests() {
            let mut of_kind = Vec::new();
            silent("", &manifest["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut of_kind);
            let kind = text(&manifest, "/spec/names/kind");
            found.extend(of_kind.into_iter().map(|path| format!("{kind}{path}")));
        }
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn formats_are_those_that_the_api_server_knows() {
        let mut schema = json!({
            "type": "object",
            "properties": {
                "format": { "type": "string", "format": "jurisdiction" },
                "port": { "type": "integer", "format": "uint16" },
                "days": { "type": "array", "items": { "type": "string", "format": "date" } },
            },
        });
        adapt(&mut schema);
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": {
                    "format": { "type": "string" },
                    "port": { "type": "integer", "format": "int32" },
                    "days": { "type": "array", "items": { "type": "string", "format": "date" } },
                },
            })
        );
    }
}
