//! Messages of a bus: what personal data their keys, values and headers hold, by field.
//!
//! ```text
//! part ─► framing ─► decompress ─► JSON, text or binary ─► detect, with offsets ─► field of each match
//!                        ▲                │
//!                        └─ JSON, Base64 and compressed data in a string
//! ```
//!
//! No output holds a value. Of the name of a field only known words are shown ([`KeyWord`]), since a key may itself be
//! personal data; every other one reads `*`: `value.kontakte.email` reads `value.*.email`.
//!
//! # Untrusted input
//!
//! Whatever the bytes are, an inspection ends, takes memory in proportion to [`Limits`] and does not panic. What is beyond a
//! limit is left out, and the part says so.

mod embedded;
mod fields;
mod framing;
mod inspector;
#[cfg(test)]
mod tests;

use std::fmt;

#[cfg(doc)]
use landfall_observation::KeyWord;
use landfall_observation::{DataCategory, FindingCertainty};
use serde::{Deserialize, Serialize};

pub(super) use fields::shown;
pub use inspector::Inspector;

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
    /// It names a schema of a registry: of Confluent's, Apicurio's or AWS Glue's.
    SchemaFramed,
    /// None of these. The texts in it are looked at.
    Binary,
}

/// Why a part was not, or not wholly, decoded. What can be read of it is looked at all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodeError {
    /// The schema that it names is not read.
    SchemaNotRead,
    /// The format is none that is known.
    UnknownFormat,
    /// It begins as what it is not: JSON that ends early, damaged compression.
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
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::SchemaFramed => "schema-framed",
            Self::Binary => "binary",
        }
    }
}

impl DecodeError {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SchemaNotRead => "schema-not-read",
            Self::UnknownFormat => "unknown-format",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
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
