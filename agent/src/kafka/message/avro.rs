//! Avro in its binary encoding (<https://avro.apache.org/docs/1.12.0/specification/#binary-encoding>).

use super::{
    DecodeError, opaque,
    reader::Reader,
    rendering::{MAX_NESTING, Rendering, nested},
};
use crate::kafka::schema::avro::{AvroSchema, AvroType};

/// Renders one datum and leaves the reader behind it.
pub(super) fn render(
    rendering: &mut Rendering,
    schema: &AvroSchema,
    reader: &mut Reader<'_>,
) -> Result<(), DecodeError> {
    Walk { rendering, schema }.value(schema.root(), reader, MAX_NESTING)
}

struct Walk<'a> {
    rendering: &'a mut Rendering,
    schema: &'a AvroSchema,
}

// === impl Walk ===

impl Walk<'_> {
    /// Every value counts against the limit of values, also those that take no bytes: an array may hold any number of
    /// nulls.
    fn value(&mut self, index: usize, reader: &mut Reader<'_>, depth: usize) -> Result<(), DecodeError> {
        let schema = self.schema;
        match schema.get(index).ok_or(DecodeError::SchemaInvalid)? {
            AvroType::Null => self.rendering.literal("null"),
            AvroType::Boolean => {
                let value = match reader.byte()? {
                    0 => "false",
                    1 => "true",
                    _ => return Err(DecodeError::Malformed),
                };
                self.rendering.literal(value)
            }
            AvroType::Integer => {
                let value = reader.zigzag()?;
                self.rendering.literal(value)
            }
            AvroType::Float => {
                let value = f32::from_le_bytes(reader.array()?);
                self.rendering.float(value.into())
            }
            AvroType::Double => {
                let value = f64::from_le_bytes(reader.array()?);
                self.rendering.float(value)
            }
            AvroType::Bytes => {
                let len = reader.length()?;
                opaque::render(self.rendering, reader.take(len)?, depth)
            }
            AvroType::Fixed(size) => opaque::render(self.rendering, reader.take(size_of_fixed(*size))?, depth),
            AvroType::String => {
                let len = reader.length()?;
                let text = std::str::from_utf8(reader.take(len)?).map_err(|_| DecodeError::Malformed)?;
                self.rendering.string(text)
            }
            AvroType::Enum(symbols) => {
                let position = usize::try_from(reader.zigzag()?).ok();
                let symbol = position.and_then(|position| symbols.get(position)).ok_or(DecodeError::Malformed)?;
                self.rendering.string(symbol)
            }
            AvroType::Opaque(inner) => {
                if let Some(AvroType::Integer) = schema.get(*inner) {
                    reader.zigzag()?;
                } else {
                    let len = match schema.get(*inner) {
                        Some(AvroType::Fixed(size)) => size_of_fixed(*size),
                        _ => reader.length()?,
                    };
                    reader.take(len)?;
                }
                self.rendering.literal("null")
            }
            AvroType::Union(variants) => {
                let position = usize::try_from(reader.zigzag()?).ok();
                let variant = position.and_then(|position| variants.get(position)).ok_or(DecodeError::Malformed)?;
                // A union may hold itself through its record only, which counts.
                self.value(*variant, reader, depth)
            }
            AvroType::Array(item) => {
                let depth = nested(depth)?;
                self.rendering.open(b'[')?;
                self.blocks(reader, |walk, reader| walk.value(*item, reader, depth))?;
                self.rendering.close(b']');
                Ok(())
            }
            AvroType::Map(item) => {
                let depth = nested(depth)?;
                self.rendering.open(b'{')?;
                self.blocks(reader, |walk, reader| {
                    let len = reader.length()?;
                    let key = std::str::from_utf8(reader.take(len)?).map_err(|_| DecodeError::Malformed)?;
                    walk.rendering.name(key, false)?;
                    walk.value(*item, reader, depth)
                })?;
                self.rendering.close(b'}');
                Ok(())
            }
            AvroType::Record(fields) => {
                let depth = nested(depth)?;
                self.rendering.open(b'{')?;
                for declared in fields {
                    self.rendering.name(&declared.name, true)?;
                    self.value(declared.index, reader, depth)?;
                }
                self.rendering.close(b'}');
                Ok(())
            }
        }
    }

    /// Reads the blocks of an array or map: a count, or its negative and the size of the block, then the items.
    fn blocks<'b>(
        &mut self,
        reader: &mut Reader<'b>,
        mut item: impl FnMut(&mut Self, &mut Reader<'b>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        loop {
            let count = reader.zigzag()?;
            if count < 0 {
                reader.length()?;
            }
            match count.unsigned_abs() {
                0 => return Ok(()),
                count => (0..count).try_for_each(|_| item(self, reader))?,
            }
        }
    }
}

/// The size of a `fixed` as lengths are read.
fn size_of_fixed(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
