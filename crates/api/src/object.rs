use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::{AnnotationText, LabelText, NameText, without_null};

/// Group and version of all kinds.
pub const API_VERSION: &str = "landfall.dev/v1alpha1";

/// A kind: the specification type names it.
pub trait Kind: JsonSchema {
    /// The kind's name, such as `SubProcessor`.
    const KIND: &'static str;
    /// Whether its objects live in a namespace.
    const NAMESPACED: bool;
}

/// An object as Kubernetes lays it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Object<S> {
    /// Group and version.
    #[schemars(length(max = 64))]
    pub api_version: String,
    /// Kind.
    #[schemars(length(max = 64))]
    pub kind: String,
    /// Name, namespace and labels.
    pub metadata: Metadata,
    /// What is specified.
    pub spec: S,
}

/// Name, namespace and labels of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// Name, unique within kind and namespace.
    #[schemars(with = "NameText")]
    pub name: String,
    /// Namespace; `default` where a namespaced object names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub namespace: Option<String>,
    /// Labels, which selectors ask for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, LabelText>", extend("maxProperties" = 256))]
    pub labels: BTreeMap<String, String>,
    /// Annotations, which nothing here reads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, AnnotationText>", extend("maxProperties" = 256))]
    pub annotations: BTreeMap<String, String>,
}

impl<S: Kind> Object<S> {
    /// The namespace it lives in: `None` for a kind that lives in no namespace.
    pub fn namespace(&self) -> Option<&str> {
        S::NAMESPACED.then(|| self.metadata.namespace.as_deref().unwrap_or("default"))
    }
}

/// The schema of a kind's objects, with every definition in place.
pub fn schema_of<S: Kind>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<Object<S>>();
    without_null(&mut schema);
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        LegalDevelopmentSpec, ProcessingAgreementSpec, SubProcessorSpec, TransferBasisSpec,
        TransferImpactAssessmentSpec, TransferPolicySpec,
    };

    /// What the API server demands of a structural schema whose CEL rules it must price.
    fn faults(path: &str, schema: &Value, found: &mut Vec<String>) {
        let Some(node) = schema.as_object() else { return };
        for keyword in ["$ref", "$defs", "oneOf", "anyOf", "uniqueItems"] {
            if node.contains_key(keyword) {
                found.push(format!("{path}: {keyword}"));
            }
        }
        let bound = match node.get("type").and_then(Value::as_str) {
            Some("array") => "maxItems",
            Some("string") if !["enum", "format"].iter().any(|keyword| node.contains_key(*keyword)) => "maxLength",
            Some("object") if node.contains_key("additionalProperties") => "maxProperties",
            Some(_) => "type",
            None => "a single type",
        };
        if !node.contains_key(bound) {
            found.push(format!("{path}: without {bound}"));
        }
        for (name, property) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
            faults(&format!("{path}.{name}"), property, found);
        }
        for (key, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
            if let Some(inner) = node.get(key) {
                faults(&format!("{path}{mark}"), inner, found);
            }
        }
    }

    #[test]
    fn schemas_are_structural_and_bounded() {
        let schemas = [
            schema_of::<ProcessingAgreementSpec>(),
            schema_of::<SubProcessorSpec>(),
            schema_of::<TransferBasisSpec>(),
            schema_of::<TransferImpactAssessmentSpec>(),
            schema_of::<LegalDevelopmentSpec>(),
            schema_of::<TransferPolicySpec>(),
        ];
        let mut found = Vec::new();
        for schema in &schemas {
            faults("", schema, &mut found);
        }
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn enumerations_list_their_values() {
        let schema = schema_of::<TransferPolicySpec>();
        assert_eq!(
            schema["properties"]["spec"]["properties"]["enforcement"]["enum"],
            serde_json::json!(["Observe", "Warn", "Deny"])
        );
    }
}
