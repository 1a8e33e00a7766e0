//! What stands before and beside the data of a part and says which schema they have.
//!
//! Headers come first: a part whose schema a header names has nothing before its data. The rest is told by the first byte,
//! and by ids never being 0, as eight bytes of Kafka's `LongSerializer` begin with 0, too. No text in UTF-8 begins so.

#[cfg(test)]
mod tests;

use super::{MessagePart, reader::Reader};
use crate::kafka::schema::SchemaId;

/// The magic byte of Confluent's framing, which Apicurio uses as well.
const CONFLUENT: u8 = 0;
/// The magic byte before a GUID in a header of Confluent's.
const CONFLUENT_GUID: u8 = 1;
/// The version of AWS Glue's framing; a byte for the compression and sixteen for the version of a schema follow.
const GLUE: u8 = 3;
/// Glue's mark of data compressed by zlib; 0 is for data as they are.
const GLUE_ZLIB: u8 = 5;
/// Most levels of a message index. Messages of Protobuf may be nested 31 times.
const MAX_INDEXES: u64 = 32;

/// The longest header of Confluent's that is taken for one: magic byte, GUID and as many indexes.
const MAX_HEADER: usize = 17 + 33;

/// Headers by name, as a message has them.
pub(super) type Headers<'h> = [(&'h str, Option<&'h [u8]>)];

/// A part with its framing taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Framed<'a> {
    /// The schema that is named.
    pub(super) schema: SchemaId,
    /// What says which message of a Protobuf schema it is.
    pub(super) index: MessageIndex<'a>,
    /// The data.
    pub(super) body: &'a [u8],
    /// Whether the serializer compressed them by zlib (RFC 1950).
    pub(super) is_deflated: bool,
}

/// How the message type is named among those of a Protobuf schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MessageIndex<'a> {
    /// By indexes before the data, or by Apicurio's name before them.
    Before,
    /// By indexes in a header.
    Header(&'a [u8]),
    /// By its name in a header.
    Named(&'a str),
    /// By nothing: it is the first.
    First,
    /// By one number before the data, among all messages of the schema (AWS Glue).
    Flat,
}

/// Takes the framing off that stands before the data, if there is one.
pub(super) fn before(bytes: &[u8]) -> Option<Framed<'_>> {
    match bytes {
        [CONFLUENT, rest @ ..] => {
            let (schema, body) = match (rest.split_first_chunk::<4>(), rest.split_first_chunk::<8>()) {
                (Some((id, body)), _) if *id != [0; 4] => (SchemaId::Id(u32::from_be_bytes(*id)), body),
                (_, Some((id, body))) if *id != [0; 8] => (SchemaId::GlobalId(u64::from_be_bytes(*id)), body),
                _ => return None,
            };
            let index = MessageIndex::Before;
            // Without data it is more likely an integer of five bytes.
            (!body.is_empty()).then_some(Framed { schema, index, body, is_deflated: false })
        }
        [GLUE, compression @ (0 | GLUE_ZLIB), rest @ ..] => {
            let (version, body) = rest.split_first_chunk::<16>()?;
            let is_deflated = *compression == GLUE_ZLIB;
            let schema = SchemaId::Glue(*version);
            (!body.is_empty()).then_some(Framed { schema, index: MessageIndex::Flat, body, is_deflated })
        }
        _ => None,
    }
}

/// The schema that headers name: Confluent's `__value_schema_id`, Apicurio's `apicurio.value.globalId` and
/// `apicurio.value.contentId`; and the same for keys.
pub(super) fn beside<'a>(part: MessagePart, bytes: &'a [u8], headers: &Headers<'a>) -> Option<Framed<'a>> {
    if part == MessagePart::Header {
        return None;
    }
    let mut found = None;
    let mut type_name = None;
    for (name, value) in headers {
        let (Some(value), Some(name)) = (*value, own_name(part, name)) else { continue };
        let number = || value.try_into().ok().map(u64::from_be_bytes);
        match name {
            "_schema_id" => {
                let named = match value {
                    [CONFLUENT_GUID, rest @ ..] => {
                        rest.split_first_chunk().map(|(id, rest)| (SchemaId::Guid(*id), rest))
                    }
                    [CONFLUENT, rest @ ..] => {
                        rest.split_first_chunk().map(|(id, rest)| (SchemaId::Id(u32::from_be_bytes(*id)), rest))
                    }
                    _ => None,
                };
                if let Some((schema, indexes)) = named {
                    let index = if indexes.is_empty() { MessageIndex::First } else { MessageIndex::Header(indexes) };
                    return Some(Framed { schema, index, body: bytes, is_deflated: false });
                }
            }
            "globalId" => found = number().map(SchemaId::GlobalId).or(found),
            "contentId" => found = found.or(number().map(SchemaId::ContentId)),
            "protobuf.type" => type_name = std::str::from_utf8(value).ok(),
            _ => {}
        }
    }
    let index = type_name.map_or(MessageIndex::First, MessageIndex::Named);
    Some(Framed { schema: found?, index, body: bytes, is_deflated: false })
}

/// Whether a header is framing and no data.
pub(super) fn is_framing(name: &str, value: &[u8]) -> bool {
    [MessagePart::Key, MessagePart::Value].into_iter().any(|part| match own_name(part, name) {
        Some("_schema_id") => matches!(value, [CONFLUENT | CONFLUENT_GUID, ..]) && value.len() <= MAX_HEADER,
        Some("globalId" | "contentId") => value.len() == 8,
        _ => false,
    })
}

/// What stands behind the part in the name of a header that frames it.
fn own_name(part: MessagePart, name: &str) -> Option<&str> {
    let part = part.as_str();
    let apicurio = || name.strip_prefix("apicurio.")?.strip_prefix(part)?.strip_prefix('.');
    apicurio().or_else(|| name.strip_prefix("__")?.strip_prefix(part).filter(|rest| *rest == "_schema_id"))
}

/// Reads Confluent's message index: a count and as many indexes, in zigzag form; a count of 0 is the first message.
pub(super) fn read_indexes(reader: &mut Reader<'_>) -> Option<Vec<usize>> {
    match reader.length().ok()? {
        0 => Some(vec![0]),
        count @ 1..=MAX_INDEXES => {
            (0..count).map(|_| reader.length().ok().and_then(|index| usize::try_from(index).ok())).collect()
        }
        _ => None,
    }
}

/// Reads the name of the message type that Apicurio writes before the data: a message with its length, whose field 1 is
/// the name.
pub(super) fn read_name<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let len = reader.varint().ok()?;
    let mut inner = reader.inner(len).ok()?;
    let name = match inner.byte().ok()? {
        0x0a => {
            let len = inner.varint().ok()?;
            std::str::from_utf8(inner.take(len).ok()?).ok()?
        }
        _ => return None,
    };
    inner.is_empty().then_some(name)
}
