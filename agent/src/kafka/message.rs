//! Messages of a bus: what personal data their keys, values and headers hold, by field.
//!
//! ```text
//! part ─► framing ─► decompress ─► JSON, text or binary ─► detect, with offsets ─► field of each match
//!            │              ▲                │    ▲
//!            │              └─ JSON, Base64 and compressed data in a string
//!            └─► schema ─► Avro, Protobuf ─► rendered as JSON
//! ```
//!
//! No output holds a value. Of the name of a field only what a schema declares and known words are shown ([`KeyWord`]),
//! since a key may itself be personal data; every other one reads `*`: `value.kontakte.email` reads `value.*.email`.
//!
//! What a schema describes is rendered as JSON, so that names, and the names beside them, mean the same to the detectors
//! everywhere. Libraries compile schemas at most; the bytes of messages are walked here, with bounds on all that a hostile
//! message could make large.
//!
//! # Untrusted input
//!
//! Whatever the bytes are, an inspection ends, takes memory in proportion to [`Limits`] and does not panic. What is beyond a
//! limit is left out, and the part says so.

mod avro;
mod embedded;
mod evidence;
mod fields;
mod framing;
mod inspector;
mod opaque;
mod protobuf;
mod reader;
mod rendering;
#[cfg(feature = "kafka")]
mod shape;
#[cfg(test)]
mod tests;

use std::fmt;

#[cfg(doc)]
use landfall_observation::KeyWord;
use landfall_observation::{DataCategory, FindingCertainty};
use serde::{Deserialize, Serialize};

pub(super) use evidence::Evidence;
#[cfg(feature = "kafka")]
pub(super) use fields::shown;
pub use inspector::Inspector;
#[cfg(feature = "kafka")]
pub(super) use shape::Shapes;

use super::schema::{NoSchema, SchemaId};

/// A message as a consumer gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message<'a> {
    pub key: Option<&'a [u8]>,
    /// None: the message deletes its key.
    pub value: Option<&'a [u8]>,
    /// Names and values, in order.
    pub headers: Vec<(&'a str, Option<&'a [u8]>)>,
}

/// How much of a message is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a key, a value or a header, as they are in the message.
    pub part: usize,
    /// Bytes that are decoded from all parts of a message together: decompressed, and read from strings.
    pub decoded: usize,
    /// How often something decoded may hold something else to decode.
    pub depth: usize,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessagePart {
    Key,
    Value,
    Header,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON, one document or several.
    Json,
    /// UTF-8.
    Text,
    /// It names a schema of a registry, of Confluent's, Apicurio's or AWS Glue's, with which it could not be read.
    SchemaFramed,
    /// Avro, read with its schema.
    Avro,
    /// Protobuf, read with its schema.
    Protobuf,
    /// JSON that names a JSON Schema, which is known.
    JsonSchema,
    /// It has the form of a message of Protobuf. The names of its fields are not known.
    ProtobufWithoutSchema,
    /// None of these. The texts in it are looked at.
    Binary,
}

/// Why a part was not, or not wholly, decoded. What can be read of it is looked at all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodeError {
    /// The schema that it names is not read: there is no registry to ask.
    SchemaNotRead,
    /// The registry has no schema with this id.
    SchemaNotFound,
    /// The registry does not answer.
    RegistryUnreachable,
    /// The schema is larger than what is read of one.
    SchemaTooLarge,
    /// The schema is nested too deeply, refers to too many others, or has too many types.
    SchemaTooDeep,
    /// The schema is none of its language.
    SchemaInvalid,
    /// The format is none that is known.
    UnknownFormat,
    /// It does not fit its schema, or it begins as what it is not: JSON that ends early, damaged compression.
    Malformed,
    /// It is larger than the limits, before or after it was decoded.
    TooLarge,
    /// Too much is encoded in one another.
    TooDeep,
}

/// Personal data in a field of a message, or of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldFinding {
    pub part: MessagePart,
    /// The part and the names of the fields, with dots between: `value.*.email`. Elements of lists have none.
    pub path: String,
    pub category: DataCategory,
    /// The name of the detector, such as `email`.
    pub detector: String,
    pub certainty: FindingCertainty,
    /// Matches in all messages.
    pub matches: u64,
    /// Messages with at least one match in this field.
    pub messages: u64,
}

/// How a part was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOutcome {
    pub part: MessagePart,
    pub format: Format,
    /// The schema that it names.
    pub schema: Option<SchemaId>,
    pub error: Option<DecodeError>,
}

/// What an inspection found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspected {
    /// Each part, path, category, detector and certainty once.
    pub findings: Vec<FieldFinding>,
    /// Of each part that is there, in order.
    pub parts: Vec<PartOutcome>,
    /// Bytes that went through the detectors.
    pub bytes_inspected: u64,
}

impl Default for Limits {
    /// 1 MiB of each part, 4 MiB decoded, 4 deep.
    fn default() -> Self {
        Self { part: 1 << 20, decoded: 4 << 20, depth: 4 }
    }
}

/// What a message is like, and nothing of what it says.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, headers } = self;
        f.debug_struct("Message")
            .field("key_bytes", &key.map(<[u8]>::len))
            .field("value_bytes", &value.map(<[u8]>::len))
            .field("headers", &headers.len())
            .finish()
    }
}

impl MessagePart {
    /// The first segment of a path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Header => "header",
        }
    }
}

impl Format {
    /// Whether it was read with a schema.
    pub fn is_of_schema(self) -> bool {
        matches!(self, Self::Avro | Self::Protobuf | Self::JsonSchema)
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::SchemaFramed => "schema-framed",
            Self::Avro => "avro",
            Self::Protobuf => "protobuf",
            Self::JsonSchema => "json-schema",
            Self::ProtobufWithoutSchema => "protobuf-without-schema",
            Self::Binary => "binary",
        }
    }
}

impl DecodeError {
    /// All reasons.
    pub const ALL: [Self; 10] = [
        Self::SchemaNotRead,
        Self::SchemaNotFound,
        Self::RegistryUnreachable,
        Self::SchemaTooLarge,
        Self::SchemaTooDeep,
        Self::SchemaInvalid,
        Self::UnknownFormat,
        Self::Malformed,
        Self::TooLarge,
        Self::TooDeep,
    ];

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SchemaNotRead => "schema-not-read",
            Self::SchemaNotFound => "schema-not-found",
            Self::RegistryUnreachable => "registry-unreachable",
            Self::SchemaTooLarge => "schema-too-large",
            Self::SchemaTooDeep => "schema-too-deep",
            Self::SchemaInvalid => "schema-invalid",
            Self::UnknownFormat => "unknown-format",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
        }
    }
}

impl From<NoSchema> for DecodeError {
    fn from(reason: NoSchema) -> Self {
        match reason {
            NoSchema::NotFound => Self::SchemaNotFound,
            NoSchema::Unreachable => Self::RegistryUnreachable,
            NoSchema::TooLarge => Self::SchemaTooLarge,
            NoSchema::TooDeep => Self::SchemaTooDeep,
            NoSchema::Invalid => Self::SchemaInvalid,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
