//! Ids of schemas as text.

use std::fmt;

use super::{SchemaId, SchemaType};

// === impl SchemaId ===

impl fmt::Display for SchemaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Guid(guid) => write_uuid(f, "guid", guid),
            Self::GlobalId(id) => write!(f, "global-id:{id}"),
            Self::ContentId(id) => write!(f, "content-id:{id}"),
            Self::Glue(version) => write_uuid(f, "glue", version),
        }
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

/// Writes `KIND:` and a UUID in its usual form (RFC 9562).
fn write_uuid(f: &mut fmt::Formatter<'_>, kind: &str, bytes: &[u8; 16]) -> fmt::Result {
    write!(f, "{kind}:")?;
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}
