use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::schema::{AnnotationText, LabelText, NameText, NamespaceText, exact_times, without_null};

/// Group of all kinds.
pub const GROUP: &str = "landfall.dev";
/// Version of all kinds.
pub const VERSION: &str = "v1alpha1";
/// Group and version of all kinds.
pub const API_VERSION: &str = "landfall.dev/v1alpha1";

/// A kind: the specification type names it.
pub trait Kind: JsonSchema {
    /// The kind's name, such as `Recipient`.
    const KIND: &'static str;
    /// Its name in addresses, such as `recipients`.
    const PLURAL: &'static str;
    /// Its short name at the command line, such as `sub`.
    const SHORT_NAME: &'static str;
    /// Whether its objects are namespaced.
    const NAMESPACED: bool;
    /// Names that its objects may not have, because such a name has another meaning where objects are referred to.
    const RESERVED: &'static [&'static str] = &[];
    /// What `kubectl get` shows between name and age.
    const COLUMNS: &'static [Column];
    /// What the operator says about its objects.
    type Status: JsonSchema;
}

/// A column of `kubectl get`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub name: &'static str,
    /// The type of what it shows, in the words of OpenAPI.
    pub r#type: &'static str,
    /// The JSON path of the value in the object.
    pub path: &'static str,
    /// Whether it shows only with `-o wide`.
    pub wide: bool,
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
    #[schemars(with = "Option<NamespaceText>")]
    pub namespace: Option<String>,
    /// Labels, which selectors ask for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, LabelText>", extend("maxProperties" = 256))]
    #[schemars(extend("x-kubernetes-validations" = label_rules()))]
    pub labels: BTreeMap<String, String>,
    /// Annotations, which nothing here reads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, AnnotationText>", extend("maxProperties" = 256))]
    #[schemars(extend("x-kubernetes-validations" = [key_rule()]))]
    pub annotations: BTreeMap<String, String>,
}

impl<S: Kind> Object<S> {
    /// Its namespace; `None` for a kind that is not namespaced.
    pub fn namespace(&self) -> Option<&str> {
        S::NAMESPACED.then(|| self.metadata.namespace.as_deref().unwrap_or("default"))
    }
}

impl Column {
    /// Whether the object is in order.
    pub(crate) const READY: Self = Self::condition("Ready", r#".status.conditions[?(@.type=="Ready")].status"#);
    /// Why it is not.
    pub(crate) const MESSAGE: Self =
        Self::condition("Message", r#".status.conditions[?(@.type=="Ready")].message"#).wide();
    /// How many errors lint finds.
    pub(crate) const ERRORS: Self = Self::count("Errors", ".status.findings.errors");
    /// How many warnings lint finds.
    pub(crate) const WARNINGS: Self = Self::count("Warnings", ".status.findings.warnings");
    /// The worst that lint finds.
    pub(crate) const FINDING: Self =
        Self::condition("Finding", r#".status.conditions[?(@.type=="LintClean")].message"#).wide();

    pub(crate) const fn text(name: &'static str, path: &'static str) -> Self {
        Self { name, r#type: "string", path, wide: false }
    }

    pub(crate) const fn count(name: &'static str, path: &'static str) -> Self {
        Self { name, r#type: "integer", path, wide: false }
    }

    pub(crate) const fn age(name: &'static str, path: &'static str) -> Self {
        Self { name, r#type: "date", path, wide: false }
    }

    pub(crate) const fn condition(name: &'static str, path: &'static str) -> Self {
        Self::text(name, path)
    }

    pub(crate) const fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}

/// The API server's requirements for the keys of labels and annotations.
fn key_rule() -> Value {
    json!({
        "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
        "message": "expected keys such as \"app.kubernetes.io/name\"",
    })
}

/// Its further requirements for labels.
fn label_rules() -> Value {
    let values = json!({
        "rule": "self.all(key, self[key].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))",
        "message": "expected values of letters, digits, '-', '_' and '.', with a letter or digit at both ends",
    });
    json!([key_rule(), values])
}

/// The schema of a kind's objects, with every definition in place.
pub fn schema_of<S: Kind>() -> Value {
    let mut schema = root_schema::<Object<S>>();
    let name = &mut schema["properties"]["metadata"]["properties"]["name"];
    if let (Some(rule), Some(rules)) = (reserved::<S>("self"), name["x-kubernetes-validations"].as_array_mut()) {
        rules.push(rule);
    }
    schema
}

/// The CEL rule that rejects reserved names of an object; `name` is the expression for the name.
pub(crate) fn reserved<S: Kind>(name: &str) -> Option<Value> {
    let names: Vec<_> = S::RESERVED.iter().map(|reserved| format!("'{reserved}'")).collect();
    (!names.is_empty()).then(|| {
        json!({
            "rule": format!("!({name} in [{}])", names.join(", ")),
            "message": format!("expected a name other than {}, which stand for something else", S::RESERVED.join(", ")),
        })
    })
}

/// The schema of a type, with every definition in place.
pub(crate) fn root_schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    without_null(&mut schema);
    exact_times(&mut schema);
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        IncidentSpec, IncidentStatus, LegalDevelopmentSpec, MessageBusSpec, ProcessingAgreementSpec, RecipientSpec,
        RegisterStatus, TransferBasisSpec, TransferImpactAssessmentSpec, TransferPolicySpec, TransferSpec,
        TransferStatus,
    };

    /// The bounds that the API server needs to estimate the cost of CEL rules.
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
            schema_of::<RecipientSpec>(),
            schema_of::<TransferBasisSpec>(),
            schema_of::<TransferImpactAssessmentSpec>(),
            schema_of::<LegalDevelopmentSpec>(),
            schema_of::<TransferPolicySpec>(),
            schema_of::<TransferSpec>(),
            schema_of::<IncidentSpec>(),
            schema_of::<MessageBusSpec>(),
            root_schema::<RegisterStatus>(),
            root_schema::<TransferStatus>(),
            root_schema::<IncidentStatus>(),
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
