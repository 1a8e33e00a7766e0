//! The kinds as resources of the Kubernetes client.

use std::borrow::Cow;

use kube::{Resource, core::ObjectMeta, core::object::HasStatus};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
    ser::SerializeStruct as _,
};
use serde_json::Value;

use crate::{API_VERSION, GROUP, Kind, Metadata, Object, VERSION};

/// An object as the API server keeps it: with its metadata, and with what the operator says about it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(bound = "S: DeserializeOwned, S::Status: DeserializeOwned")]
pub struct Stored<S: Kind> {
    /// Name, generation and the rest that the API server keeps.
    #[serde(default)]
    pub metadata: ObjectMeta,
    /// What is specified. An error names the field and never its value.
    #[serde(deserialize_with = "located")]
    pub spec: S,
    /// What the operator says. A status that this version cannot read, because a newer one wrote it, is ignored, so
    /// that it does not hide the object.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<S::Status>,
}

impl<S: Kind> Stored<S> {
    /// A new object.
    pub fn new(name: &str, namespace: Option<&str>, spec: S) -> Self {
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            ..ObjectMeta::default()
        };
        Self { metadata, spec, status: None }
    }
}

impl<S: Kind + Clone> Stored<S> {
    /// The object as a register holds it.
    pub fn object(&self) -> Object<S> {
        let ObjectMeta { name, namespace, labels, annotations, .. } = &self.metadata;
        Object {
            api_version: API_VERSION.to_owned(),
            kind: S::KIND.to_owned(),
            metadata: Metadata {
                name: name.clone().unwrap_or_default(),
                namespace: namespace.clone(),
                labels: labels.clone().unwrap_or_default(),
                annotations: annotations.clone().unwrap_or_default(),
            },
            spec: self.spec.clone(),
        }
    }
}

impl<S: Kind> Resource for Stored<S> {
    type DynamicType = ();
    /// Some kinds are namespaced and some are not, as [`Kind::NAMESPACED`] says. An `Api` in a namespace is created
    /// with `Api::namespaced_with`.
    type Scope = kube::core::DynamicResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        S::KIND.into()
    }

    fn group((): &()) -> Cow<'_, str> {
        GROUP.into()
    }

    fn version((): &()) -> Cow<'_, str> {
        VERSION.into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        S::PLURAL.into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<S: Kind> HasStatus for Stored<S> {
    type Status = S::Status;

    fn status(&self) -> Option<&S::Status> {
        self.status.as_ref()
    }

    fn status_mut(&mut self) -> &mut Option<S::Status> {
        &mut self.status
    }
}

impl<S: Kind + Serialize> Serialize for Stored<S>
where
    S::Status: Serialize,
{
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Self { metadata, spec, status } = self;
        let mut object = serializer.serialize_struct("Stored", if status.is_some() { 5 } else { 4 })?;
        object.serialize_field("apiVersion", API_VERSION)?;
        object.serialize_field("kind", S::KIND)?;
        object.serialize_field("metadata", metadata)?;
        object.serialize_field("spec", spec)?;
        match status {
            Some(status) => object.serialize_field("status", status)?,
            None => object.skip_field("status")?,
        }
        object.end()
    }
}

fn located<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = format!("spec.{}", error.path());
        let at = at.trim_end_matches('.').to_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '[' | ']' | '-' | '_');
        let at = if at.len() <= 200 && at.chars().all(is_plain) { at } else { "spec".to_owned() };
        // Only the text of this error contains nothing but the name of a field.
        let inner = error.into_inner().to_string();
        let missing = inner.strip_prefix("missing field ");
        D::Error::custom(match missing {
            Some(field) => format!("expected the field {field} in {at}"),
            None => format!("expected another value at {at}"),
        })
    })
}

fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{TransferImpactAssessmentSpec, TransferPolicySpec};

    fn policy(status: &Value) -> Value {
        json!({
            "apiVersion": "landfall.dev/v1alpha1",
            "kind": "TransferPolicy",
            "metadata": { "name": "p", "namespace": "privacy", "labels": { "a": "b" }, "generation": 3 },
            "spec": { "enforcement": "Warn", "severity": "Warning", "opaque": "Ladder", "incidentOnUnknown": false },
            "status": status,
        })
    }

    #[test]
    fn an_object_reads_as_it_is_written() {
        let value = policy(&json!({ "observedGeneration": 3 }));
        let stored: Stored<TransferPolicySpec> = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&stored).unwrap(), value);
        let object = stored.object();
        assert_eq!((object.metadata.name.as_str(), object.namespace()), ("p", Some("privacy")));
        assert_eq!(object.metadata.labels["a"], "b");
    }

    #[test]
    fn fields_and_statuses_of_later_versions_hide_no_object() {
        let mut value = policy(&json!({ "observedGeneration": "three", "conditions": 4 }));
        value["spec"]["later"] = json!({ "field": [1] });
        let stored: Stored<TransferPolicySpec> = serde_json::from_value(value).unwrap();
        assert_eq!(stored.status, None);
        assert_eq!(stored.spec.enforcement, crate::Enforcement::Warn);
    }

    #[test]
    fn addresses_are_those_of_the_definitions() {
        type Policy = Stored<TransferPolicySpec>;
        type Assessment = Stored<TransferImpactAssessmentSpec>;
        let expected = "/apis/landfall.dev/v1alpha1/namespaces/privacy/transferpolicies";
        assert_eq!(Policy::url_path(&(), Some("privacy")), expected);
        assert_eq!(Assessment::url_path(&(), None), "/apis/landfall.dev/v1alpha1/transferimpactassessments");
    }
}
