//! Ids of schemas as text.

#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use super::{SchemaId, SchemaType};

/// Not an id as [`SchemaId`] is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected id:NUMBER, global-id:NUMBER, content-id:NUMBER, guid:UUID or glue:UUID")]
pub struct InvalidSchemaId;

// === impl SchemaId ===

impl fmt::Display for SchemaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Guid(guid) => write!(f, "guid:{}", hyphenated(guid)),
            Self::GlobalId(id) => write!(f, "global-id:{id}"),
            Self::ContentId(id) => write!(f, "content-id:{id}"),
            Self::Glue(version) => write!(f, "glue:{}", hyphenated(version)),
        }
    }
}

impl FromStr for SchemaId {
    type Err = InvalidSchemaId;

    fn from_str(text: &str) -> Result<Self, InvalidSchemaId> {
        let (kind, id) = text.split_once(':').ok_or(InvalidSchemaId)?;
        let number = || id.parse().map_err(|_| InvalidSchemaId);
        match kind {
            "id" => id.parse().map(Self::Id).map_err(|_| InvalidSchemaId),
            "guid" => uuid(id).map(Self::Guid),
            "global-id" => number().map(Self::GlobalId),
            "content-id" => number().map(Self::ContentId),
            "glue" => uuid(id).map(Self::Glue),
            _ => Err(InvalidSchemaId),
        }
    }
}

impl From<SchemaId> for String {
    fn from(id: SchemaId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for SchemaId {
    type Error = InvalidSchemaId;

    fn try_from(text: String) -> Result<Self, InvalidSchemaId> {
        text.parse()
    }
}

// === impl SchemaType ===

impl SchemaType {
    /// The name used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Avro => "avro",
            Self::Protobuf => "protobuf",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for SchemaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A UUID in its usual form (RFC 9562).
pub(in crate::kafka) fn hyphenated(bytes: &[u8; 16]) -> String {
    let digits = u128::from_be_bytes(*bytes);
    let text = format!("{digits:032x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

fn uuid(text: &str) -> Result<[u8; 16], InvalidSchemaId> {
    let lengths = text.split('-').map(str::len);
    let is_digits = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if !lengths.eq([8, 4, 4, 4, 12]) || !text.bytes().all(is_digits) {
        return Err(InvalidSchemaId);
    }
    u128::from_str_radix(&text.replace('-', ""), 16).map(u128::to_be_bytes).map_err(|_| InvalidSchemaId)
}
