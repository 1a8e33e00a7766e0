//! Schemas of messages: what a message says of its schema, and schemas made ready for decoding.

pub(in crate::kafka) mod avro;
mod fields;
mod id;
pub(in crate::kafka) mod json;
pub(in crate::kafka) mod protobuf;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

pub use id::InvalidSchemaId;
pub(in crate::kafka) use id::hyphenated;

use avro::AvroSchema;
use json::JsonSchema;
use protobuf::ProtobufSchema;

/// Most bytes of a schema with all its references. Registries keep a schema in one Kafka message, of 1 MiB by default.
const MAX_TEXT: usize = 1 << 20;
/// Most schemas that one refers to, directly and through others.
const MAX_REFERENCES: usize = 256;
/// Most references from one schema to the next.
const MAX_REFERENCE_DEPTH: usize = 32;
/// Most types of a schema.
const MAX_TYPES: usize = 1 << 16;

/// What a message says of its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SchemaId {
    /// Four bytes behind the magic byte 0 (Confluent, and Apicurio by default since 3.0). Registries of Apicurio mean
    /// the content by it, or, by setting, the global id.
    Id(u32),
    /// Confluent's framing in headers: the magic byte 1 and a GUID.
    Guid([u8; 16]),
    /// Apicurio's older form, eight bytes behind the magic byte 0, or its header `apicurio.*.globalId`.
    GlobalId(u64),
    /// Apicurio's header `apicurio.*.contentId`.
    ContentId(u64),
    /// The version of a schema in the AWS Glue registry.
    Glue([u8; 16]),
}

/// A language of schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaType {
    /// Apache Avro.
    Avro,
    /// Protocol Buffers: the text of a `.proto` file.
    Protobuf,
    /// JSON Schema.
    Json,
}

/// A schema as a registry gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaSource {
    /// Its language.
    pub schema_type: SchemaType,
    /// Its text.
    pub text: String,
    /// Other schemas that the text names.
    pub references: Vec<SchemaReference>,
}

/// A schema that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaReference {
    /// The name by which it is imported: a full name in Avro, a path in Protobuf, a URL in JSON Schema.
    pub name: String,
    /// The schema itself.
    pub source: SchemaSource,
}

/// A schema that messages can be decoded with.
pub struct Schema {
    types: Types,
    fields: Vec<SchemaField>,
}

/// The types of a schema, in the form in which a message is read.
pub(in crate::kafka) enum Types {
    Avro(AvroSchema),
    Protobuf(ProtobufSchema),
    Json(JsonSchema),
}

/// A field that a schema declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaField {
    /// Names from the top of the message to the field. Arrays, maps and unions have no segment of their own.
    pub path: Vec<String>,
    /// Tags written in the schema itself: `confluent:tags` in Avro and JSON Schema, `(confluent.field_meta).tags` in
    /// Protobuf.
    pub tags: Vec<String>,
}

/// Why there is no schema to read a message with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoSchema {
    /// The registry has none with this id.
    #[error("the registry has no schema with this id")]
    NotFound,
    /// The registry does not answer, or it cannot be asked for such an id.
    #[error("the schema registry does not answer")]
    Unreachable,
    /// It is larger than what is read of a schema.
    #[error("the schema is too large")]
    TooLarge,
    /// It is nested too deeply, refers to too many others, or has too many types.
    #[error("the schema is nested too deeply or has too many types")]
    TooDeep,
    /// It is none of its language.
    #[error("the schema is invalid")]
    Invalid,
}

/// Where schemas are looked up.
pub trait Schemas: Send + Sync {
    /// The schema with this id.
    fn schema(&self, id: &SchemaId) -> Result<Arc<Schema>, NoSchema>;
}

/// Why a schema cannot be used. No text of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SchemaError {
    /// The text with its references has too many bytes.
    #[error("the schema and its references have more than {MAX_TEXT} bytes")]
    TooLarge,
    /// Types are nested too deeply, or there are too many of them.
    #[error("the schema is nested too deeply or has too many types")]
    TooComplex,
    /// The text is not written in its language, or it names a type that there is not.
    #[error("the text is no valid schema of its type")]
    Invalid,
}

/// What is left for a schema and its references before they are read at all.
struct Budget {
    bytes: usize,
    references: usize,
}

// === impl Schema ===

impl Schema {
    /// Makes a schema ready.
    pub fn compile(source: &SchemaSource) -> Result<Self, SchemaError> {
        let mut budget = Budget { bytes: MAX_TEXT, references: MAX_REFERENCES };
        budget.take(source, MAX_REFERENCE_DEPTH)?;
        let (types, fields) = match source.schema_type {
            SchemaType::Avro => {
                let schema = AvroSchema::parse(source)?;
                let fields = fields::list(&schema, [schema.root()]);
                (Types::Avro(schema), fields)
            }
            SchemaType::Protobuf => {
                let schema = ProtobufSchema::compile(source)?;
                let fields = fields::list(&schema, schema.top().iter().copied());
                (Types::Protobuf(schema), fields)
            }
            SchemaType::Json => {
                let schema = JsonSchema::parse(source)?;
                let fields = fields::list(&schema, [schema.root()]);
                (Types::Json(schema), fields)
            }
        };
        Ok(Self { types, fields })
    }

    /// The language that it is written in.
    pub fn schema_type(&self) -> SchemaType {
        match self.types {
            Types::Avro(_) => SchemaType::Avro,
            Types::Protobuf(_) => SchemaType::Protobuf,
            Types::Json(_) => SchemaType::Json,
        }
    }

    /// The fields that it declares, by path, each path once. A type inside itself is not followed again, and of very
    /// large schemas the first 4,096 fields are listed.
    pub fn fields(&self) -> &[SchemaField] {
        &self.fields
    }

    pub(in crate::kafka) fn types(&self) -> &Types {
        &self.types
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (schema_type, fields) = (self.schema_type(), self.fields.len());
        f.debug_struct("Schema").field("schema_type", &schema_type).field("fields", &fields).finish_non_exhaustive()
    }
}

// === impl NoSchema ===

impl From<SchemaError> for NoSchema {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::TooLarge => Self::TooLarge,
            SchemaError::TooComplex => Self::TooDeep,
            SchemaError::Invalid => Self::Invalid,
        }
    }
}

// === impl Budget ===

impl Budget {
    fn take(&mut self, source: &SchemaSource, depth: usize) -> Result<(), SchemaError> {
        self.bytes = self.bytes.checked_sub(source.text.len()).ok_or(SchemaError::TooLarge)?;
        let depth = depth.checked_sub(1).ok_or(SchemaError::TooComplex)?;
        for reference in &source.references {
            if reference.source.schema_type != source.schema_type {
                return Err(SchemaError::Invalid);
            }
            self.references = self.references.checked_sub(1).ok_or(SchemaError::TooComplex)?;
            self.take(&reference.source, depth)?;
        }
        Ok(())
    }
}
