//! Reads the answers of registries. Every byte of them is untrusted.

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;

use super::{
    api::{Api, Place},
    contract::Contract,
    error::RegistryError,
};
use crate::kafka::{schema::SchemaType, service::http::Answer};

/// The header with the type of a schema, if it is not in the body (Apicurio's own interface).
const ARTIFACT_TYPE: &str = "X-Registry-ArtifactType";
/// Of the status 404: the registry has no such path, unlike 40401 to 40403, for a subject, version or schema.
const NO_PATH: i64 = 404;

/// A schema as a registry keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its language.
    pub schema_type: SchemaType,
    /// Its text.
    pub text: String,
    /// Schemas that it names, which are to be fetched.
    pub references: Vec<Reference>,
    /// Its tags and rules.
    pub contract: Contract,
    /// Its id and version, if it was asked for by its subject.
    pub id: Option<u32>,
    pub version: Option<u32>,
}

/// Another schema that one builds on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Reference {
    #[serde(rename_all = "camelCase")]
    Version { name: String, subject: String, version: u64 },
    /// In Apicurio's own interface.
    #[serde(rename_all = "camelCase")]
    Artifact {
        name: String,
        #[serde(default)]
        group_id: Option<String>,
        artifact_id: String,
        version: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    schema: String,
    schema_type: Option<String>,
    references: Option<Vec<Reference>>,
    metadata: Option<Value>,
    rule_set: Option<Value>,
    id: Option<u32>,
    version: Option<u32>,
}

// === impl Document ===

impl Document {
    /// Reads a schema in an object.
    pub fn read(status: u16, body: &[u8]) -> Result<Self, RegistryError> {
        check(status, body)?;
        let Body { schema, schema_type, references, metadata, rule_set, id, version } = json(body)?;
        // Confluent's registry leaves the type of its first format out.
        let schema_type = schema_type.map_or(Ok(SchemaType::Avro), |name| schema_type_of(&name))?;
        let contract = Contract::read(metadata.as_ref(), rule_set.as_ref());
        Ok(Self { schema_type, text: schema, references: references.unwrap_or_default(), contract, id, version })
    }

    /// Reads a schema as such. `known_type`: that of the schema that refers to it.
    pub(super) fn read_content(answer: &Answer, known_type: Option<SchemaType>) -> Result<Self, RegistryError> {
        check(answer.status, &answer.body)?;
        let text = String::from_utf8(answer.body.clone()).map_err(|_| RegistryError::Form)?;
        let schema_type = match (answer.header(ARTIFACT_TYPE), known_type) {
            (Some(name), _) => schema_type_of(name)?,
            (None, Some(known)) => known,
            (None, None) => guessed(answer.header("Content-Type").unwrap_or_default(), &text)?,
        };
        Ok(Self { schema_type, text, references: Vec::new(), contract: Contract::default(), id: None, version: None })
    }
}

/// Reads a list of references.
pub(super) fn references(answer: &Answer) -> Result<Vec<Reference>, RegistryError> {
    check(answer.status, &answer.body)?;
    json(&answer.body)
}

// === impl Reference ===

impl Reference {
    /// The name by which the schema refers to it.
    pub(super) fn name(&self) -> &str {
        let (Self::Version { name, .. } | Self::Artifact { name, .. }) = self;
        name
    }

    /// Where it is; `None` if the registry has no such place.
    pub(super) fn place(&self, api: &Api) -> Option<Place> {
        match self {
            Self::Version { subject, version, .. } => Some(api.version(subject, &version.to_string())),
            Self::Artifact { group_id, artifact_id, version, .. } => {
                api.artifact(group_id.as_deref().unwrap_or("default"), artifact_id, version)
            }
        }
    }
}

/// Whether the status promises what was asked for.
fn check(status: u16, body: &[u8]) -> Result<(), RegistryError> {
    match status {
        200 => Ok(()),
        401 => Err(RegistryError::Unauthorized),
        403 => Err(RegistryError::Forbidden),
        404 => match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(body)) if body.get("error_code").and_then(Value::as_i64) == Some(NO_PATH) => {
                Err(RegistryError::NoInterface)
            }
            // Apicurio's answer for the same.
            Ok(Value::Object(body)) if body.get("name").and_then(Value::as_str) == Some("NotFoundException") => {
                Err(RegistryError::NoInterface)
            }
            Ok(Value::Object(_)) => Err(RegistryError::NotFound),
            _ => Err(RegistryError::NoInterface),
        },
        status @ 300..=399 => Err(RegistryError::Redirected { status }),
        status => Err(RegistryError::Status { status }),
    }
}

fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, RegistryError> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => RegistryError::Form,
        _ => RegistryError::NotJson,
    })
}

/// Of the names that Confluent and Apicurio have.
fn schema_type_of(name: &str) -> Result<SchemaType, RegistryError> {
    match name {
        "AVRO" => Ok(SchemaType::Avro),
        "PROTOBUF" => Ok(SchemaType::Protobuf),
        "JSON" => Ok(SchemaType::Json),
        _ => Err(RegistryError::Invalid),
    }
}

/// The type of a schema that comes without: Protobuf has a content type of its own, and what is JSON is a JSON schema
/// unless it is of a form that only Avro has.
fn guessed(content_type: &str, text: &str) -> Result<SchemaType, RegistryError> {
    if content_type.contains("proto") {
        return Ok(SchemaType::Protobuf);
    }
    let schema: Value = serde_json::from_str(text).map_err(|_| RegistryError::NotJson)?;
    let named = schema.get("type").and_then(Value::as_str);
    let is_avro = match &schema {
        // The name of a primitive type, or a union.
        Value::String(_) | Value::Array(_) => true,
        Value::Object(object) if object.contains_key("$schema") => false,
        Value::Object(object) => match named {
            Some("record" | "fixed" | "map" | "bytes" | "int" | "long" | "float" | "double") => true,
            Some("enum") => object.contains_key("symbols"),
            Some("array") => object.get("items").is_some_and(Value::is_string),
            _ => false,
        },
        _ => return Err(RegistryError::Form),
    };
    Ok(if is_avro { SchemaType::Avro } else { SchemaType::Json })
}
