//! Protobuf's wire format (<https://protobuf.dev/programming-guides/encoding/>), with a schema and without.

use super::{
    DecodeError, opaque,
    reader::{Reader, unzigzag},
    rendering::{MAX_NESTING, Rendering, nested},
};
use crate::kafka::schema::protobuf::{FieldKind, Form, ProtobufSchema};

/// The largest number of a field.
const MAX_NUMBER: u64 = (1 << 29) - 1;

/// Renders one message, to the end of the reader.
pub(super) fn render(
    rendering: &mut Rendering,
    schema: &ProtobufSchema,
    message: usize,
    reader: &mut Reader<'_>,
) -> Result<(), DecodeError> {
    Walk { rendering, schema: Some(schema) }.message(Some(message), reader, None, MAX_NESTING)
}

/// Renders the texts of a message whose schema is not known. Numbers are left out: nearly all are ids, and without a
/// name nothing tells them from numbers of persons.
pub(super) fn render_without_schema(rendering: &mut Rendering, bytes: &[u8], depth: usize) -> Result<(), DecodeError> {
    let mut reader = Reader::new(bytes, false);
    Walk { rendering, schema: None }.message(None, &mut reader, None, depth)
}

/// Whether bytes have the form of a message with at least one field. Numbers that are readable text are none: other data
/// have the form by chance, and their texts must not be lost.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes, false);
    let mut groups = Vec::new();
    while !reader.is_empty() {
        let Ok(Tag { number, wire }) = tag(&mut reader) else { return false };
        let read = match wire {
            Wire::GroupStart if groups.len() < 64 => {
                groups.push(number);
                true
            }
            Wire::GroupStart => false,
            Wire::GroupEnd => groups.pop() == Some(number),
            Wire::Fixed32 => reader.take(4).is_ok_and(|bytes| !is_printable(bytes)),
            Wire::Fixed64 => reader.take(8).is_ok_and(|bytes| !is_printable(bytes)),
            other => skip(&mut reader, other).is_ok(),
        };
        if !read {
            return false;
        }
    }
    !bytes.is_empty() && groups.is_empty()
}

/// How the bytes of a field are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Varint,
    Fixed64,
    Len,
    GroupStart,
    GroupEnd,
    Fixed32,
}

/// What stands before a field.
#[derive(Debug, Clone, Copy)]
struct Tag {
    number: u32,
    wire: Wire,
}

struct Walk<'a> {
    rendering: &'a mut Rendering,
    schema: Option<&'a ProtobufSchema>,
}

// === impl Walk ===

impl Walk<'_> {
    /// Renders a message to the end of the reader, or to the end of its group.
    fn message(
        &mut self,
        message: Option<usize>,
        reader: &mut Reader<'_>,
        group: Option<u32>,
        depth: usize,
    ) -> Result<(), DecodeError> {
        let depth = nested(depth)?;
        let schema = self.schema;
        let message = message.and_then(|message| schema?.get(message));
        let form = message.map_or(Form::Object, |message| message.form);
        let (open, close) = if form == Form::Values { (b'[', b']') } else { (b'{', b'}') };
        self.rendering.open(open)?;
        loop {
            if reader.is_empty() && group.is_none() {
                break;
            }
            let tag = tag(reader)?;
            if tag.wire == Wire::GroupEnd {
                if group != Some(tag.number) {
                    return Err(DecodeError::Malformed);
                }
                break;
            }
            match message.and_then(|message| message.field(tag.number)) {
                Some(known) if fits(known.kind, tag.wire) => {
                    if form == Form::Object {
                        self.rendering.name(&known.name, true)?;
                    }
                    self.known(known.kind, tag, reader, form, depth)?;
                }
                _ => self.unknown(tag, reader, form, depth)?,
            }
        }
        self.rendering.close(close);
        Ok(())
    }

    /// Renders the value of a field in a message of this form.
    fn known(
        &mut self,
        kind: FieldKind,
        tag: Tag,
        reader: &mut Reader<'_>,
        form: Form,
        depth: usize,
    ) -> Result<(), DecodeError> {
        match kind {
            FieldKind::Text => {
                let len = reader.varint()?;
                let text = String::from_utf8_lossy(reader.take(len)?);
                self.rendering.string(&text)
            }
            FieldKind::Bytes => {
                let len = reader.varint()?;
                opaque::render(self.rendering, reader.take(len)?, depth)
            }
            FieldKind::Message(message) => {
                let len = reader.varint()?;
                self.message(Some(message), &mut reader.inner(len)?, None, depth)
            }
            FieldKind::Group(message) => self.message(Some(message), reader, Some(tag.number), depth),
            FieldKind::Map(entry) => {
                let len = reader.varint()?;
                let mut entry_reader = reader.inner(len)?;
                if form == Form::Entries {
                    return self.entry(entry, &mut entry_reader, depth);
                }
                self.rendering.open(b'{')?;
                self.entry(entry, &mut entry_reader, depth)?;
                self.rendering.close(b'}');
                Ok(())
            }
            number if tag.wire == Wire::Len => {
                // Numbers of a repeated field, packed.
                let len = reader.varint()?;
                let mut packed = reader.inner(len)?;
                self.rendering.open(b'[')?;
                while !packed.is_empty() {
                    self.number(number, &mut packed)?;
                }
                self.rendering.close(b']');
                Ok(())
            }
            number => self.number(number, reader),
        }
    }

    /// Renders an entry of a map as a name and its value. Either may be left out, and the last of each counts.
    fn entry(&mut self, entry: usize, reader: &mut Reader<'_>, depth: usize) -> Result<(), DecodeError> {
        let Some(entry) = self.schema.and_then(|schema| schema.get(entry)) else {
            return Err(DecodeError::SchemaInvalid);
        };
        let (mut key, mut value) = (String::new(), None);
        while !reader.is_empty() {
            let at = reader.clone();
            let tag = tag(reader)?;
            match (tag.number, entry.field(tag.number)) {
                (1, Some(known)) if fits(known.kind, tag.wire) => match tag.wire {
                    Wire::Len => {
                        let len = reader.varint()?;
                        key = String::from_utf8_lossy(reader.take(len)?).into_owned();
                    }
                    Wire::Varint => {
                        let number = reader.varint()?;
                        key = match known.kind {
                            FieldKind::Zigzag => unzigzag(number).to_string(),
                            FieldKind::Signed => number.cast_signed().to_string(),
                            _ => number.to_string(),
                        };
                    }
                    other => skip(reader, other)?,
                },
                (2, Some(known)) if fits(known.kind, tag.wire) => {
                    skip(reader, tag.wire)?;
                    value = Some((at, known.kind));
                }
                _ => skip(reader, tag.wire)?,
            }
        }
        self.rendering.name(&key, false)?;
        match value {
            None => self.rendering.literal("null"),
            Some((mut at, kind)) => {
                let tag = tag(&mut at)?;
                self.known(kind, tag, &mut at, Form::Values, depth)
            }
        }
    }

    fn number(&mut self, kind: FieldKind, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        match kind {
            FieldKind::Bool => {
                let value = reader.varint()? != 0;
                self.rendering.literal(value)
            }
            FieldKind::Signed => {
                let value = reader.varint()?.cast_signed();
                self.rendering.literal(value)
            }
            FieldKind::Zigzag => {
                let value = reader.zigzag()?;
                self.rendering.literal(value)
            }
            FieldKind::Fixed32 => {
                let value = u32::from_le_bytes(reader.array()?);
                self.rendering.literal(value)
            }
            FieldKind::SignedFixed32 => {
                let value = i32::from_le_bytes(reader.array()?);
                self.rendering.literal(value)
            }
            FieldKind::Fixed64 => {
                let value = u64::from_le_bytes(reader.array()?);
                self.rendering.literal(value)
            }
            FieldKind::SignedFixed64 => {
                let value = i64::from_le_bytes(reader.array()?);
                self.rendering.literal(value)
            }
            FieldKind::Float => {
                let value = f32::from_le_bytes(reader.array()?);
                self.rendering.float(value.into())
            }
            FieldKind::Double => {
                let value = f64::from_le_bytes(reader.array()?);
                self.rendering.float(value)
            }
            // All others are no numbers; `known` has dealt with them.
            _ => {
                let value = reader.varint()?;
                self.rendering.literal(value)
            }
        }
    }

    /// Renders a field that no schema declares, under a name that says nothing.
    fn unknown(&mut self, tag: Tag, reader: &mut Reader<'_>, form: Form, depth: usize) -> Result<(), DecodeError> {
        let bytes = match tag.wire {
            Wire::Len => {
                let len = reader.varint()?;
                Some(reader.take(len)?)
            }
            Wire::GroupStart => None,
            other => return skip(reader, other),
        };
        if form != Form::Values {
            self.rendering.name("", false)?;
        }
        match bytes {
            Some(bytes) => opaque::render(self.rendering, bytes, depth),
            None => self.message(None, reader, Some(tag.number), depth),
        }
    }
}

/// Reads the tag of a field.
fn tag(reader: &mut Reader<'_>) -> Result<Tag, DecodeError> {
    let tag = reader.varint()?;
    let number = match tag >> 3 {
        number @ 1..=MAX_NUMBER => u32::try_from(number).map_err(|_| DecodeError::Malformed)?,
        _ => return Err(DecodeError::Malformed),
    };
    let wire = match tag & 7 {
        0 => Wire::Varint,
        1 => Wire::Fixed64,
        2 => Wire::Len,
        3 => Wire::GroupStart,
        4 => Wire::GroupEnd,
        5 => Wire::Fixed32,
        _ => return Err(DecodeError::Malformed),
    };
    Ok(Tag { number, wire })
}

fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Skips a field that is no group.
fn skip(reader: &mut Reader<'_>, wire: Wire) -> Result<(), DecodeError> {
    match wire {
        Wire::Varint => reader.varint().map(drop),
        Wire::Fixed64 => reader.take(8).map(drop),
        Wire::Fixed32 => reader.take(4).map(drop),
        Wire::Len => {
            let len = reader.varint()?;
            reader.take(len).map(drop)
        }
        Wire::GroupStart | Wire::GroupEnd => Err(DecodeError::Malformed),
    }
}

/// Whether a field may be written so. Numbers may be packed.
fn fits(kind: FieldKind, wire: Wire) -> bool {
    let own = match kind {
        FieldKind::Text | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Map(_) => return wire == Wire::Len,
        FieldKind::Group(_) => return wire == Wire::GroupStart,
        FieldKind::Bool | FieldKind::Signed | FieldKind::Unsigned | FieldKind::Zigzag => Wire::Varint,
        FieldKind::Fixed32 | FieldKind::SignedFixed32 | FieldKind::Float => Wire::Fixed32,
        FieldKind::Fixed64 | FieldKind::SignedFixed64 | FieldKind::Double => Wire::Fixed64,
    };
    wire == own || wire == Wire::Len
}
