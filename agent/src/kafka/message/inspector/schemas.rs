//! Reads parts with the schemas that they name.

use std::borrow::Cow;

use super::{
    super::{
        avro,
        framing::MessageIndex,
        protobuf,
        reader::Reader,
        rendering::{MAX_NESTING, Rendering},
    },
    Declared, DecodeError, Decompressed, End, Format, Framed, Inspector, Source, embedded, framing, keep,
};
use crate::kafka::schema::{Types, protobuf::ProtobufSchema};

impl Inspector {
    /// Reads a part with its schema, or as far as it goes without. `None` if a header names the schema and it does not
    /// help: the part is to be read as it is.
    pub(super) fn framed(
        &mut self,
        source: &Source<'_>,
        framed: Framed<'_>,
        error: &mut Option<DecodeError>,
    ) -> Option<Format> {
        self.schema.get_or_insert(framed.schema);
        let schema = match &self.schemas {
            Some(schemas) => schemas.schema(&framed.schema).map_err(DecodeError::from),
            None => Err(DecodeError::SchemaNotRead),
        };
        let body = self.body(&framed, source.depth, error);
        match schema {
            Ok(schema) => {
                if let Some(format) = self.with_schema(source, schema.types(), framed.index, &body, error) {
                    return Some(format);
                }
                keep(error, DecodeError::Malformed);
            }
            Err(reason) => keep(error, reason),
        }
        if !matches!(framed.index, MessageIndex::Before | MessageIndex::Flat) {
            return None;
        }
        // JSON Schema's messages are JSON; of the others the texts are looked at.
        if embedded::is_json(&body) {
            self.json(source, &body, Declared::Nothing, error);
        } else if self.schemas.is_some()
            && let Some(message) = behind_index(framed.index, &body)
            && self.protobuf_without_schema(source, message, error)
        {
            return Some(Format::ProtobufWithoutSchema);
        } else {
            self.binary(source, &body);
        }
        Some(Format::SchemaFramed)
    }

    /// The data behind the framing, decompressed.
    fn body<'a>(&mut self, framed: &Framed<'a>, depth: usize, error: &mut Option<DecodeError>) -> Cow<'a, [u8]> {
        if !framed.is_deflated {
            return Cow::Borrowed(framed.body);
        }
        let Some(limit) = self.may_decode(depth, error) else { return Cow::Borrowed(framed.body) };
        let Decompressed { bytes, end } = embedded::inflate(framed.body, limit);
        match end {
            End::Complete => {}
            End::Cut => keep(error, DecodeError::TooLarge),
            End::Damaged => keep(error, DecodeError::Malformed),
        }
        self.left -= bytes.len();
        Cow::Owned(bytes)
    }

    /// `None` if the data do not fit the schema.
    fn with_schema(
        &mut self,
        source: &Source<'_>,
        types: &Types,
        index: MessageIndex<'_>,
        body: &[u8],
        error: &mut Option<DecodeError>,
    ) -> Option<Format> {
        // What was cut off may end anywhere.
        let is_cut = *error == Some(DecodeError::TooLarge);
        let mut reader = Reader::new(body, is_cut);
        let mut rendering = Rendering::new(self.left);
        let (format, rendered) = match types {
            Types::Json(schema) => {
                if !embedded::is_json(body) {
                    return None;
                }
                self.json(source, body, Declared::Json(schema), error);
                return Some(Format::JsonSchema);
            }
            Types::Avro(schema) => {
                let rendered = avro::render(&mut rendering, schema, &mut reader);
                // Bytes behind a datum say that it was not written with this schema.
                let end = if reader.is_empty() { Ok(()) } else { Err(DecodeError::Malformed) };
                (Format::Avro, rendered.and(end))
            }
            Types::Protobuf(schema) => {
                let message = message_type(index, schema, &mut reader)?;
                (Format::Protobuf, protobuf::render(&mut rendering, schema, message, &mut reader))
            }
        };
        match rendered {
            Ok(()) => {}
            Err(limit @ (DecodeError::TooLarge | DecodeError::TooDeep)) => keep(error, limit),
            Err(_) => return None,
        }
        self.rendered(source, &rendering, error);
        Some(format)
    }

    /// Reads bytes as a message of Protobuf whose schema is not known, if they have its form.
    pub(super) fn protobuf_without_schema(
        &mut self,
        source: &Source<'_>,
        bytes: &[u8],
        error: &mut Option<DecodeError>,
    ) -> bool {
        if !protobuf::is_message(bytes) {
            return false;
        }
        let mut rendering = Rendering::new(self.left);
        match protobuf::render_without_schema(&mut rendering, bytes, MAX_NESTING) {
            Ok(()) => {}
            Err(limit @ DecodeError::TooLarge) => keep(error, limit),
            Err(_) => return false,
        }
        self.rendered(source, &rendering, error);
        true
    }

    fn rendered(&mut self, source: &Source<'_>, rendering: &Rendering, error: &mut Option<DecodeError>) {
        let text = rendering.text();
        self.left = self.left.saturating_sub(text.len());
        self.json(source, text, Declared::At(rendering.declared()), error);
    }
}

/// Which message type of a schema it is; takes off what says so.
fn message_type(index: MessageIndex<'_>, schema: &ProtobufSchema, reader: &mut Reader<'_>) -> Option<usize> {
    match index {
        MessageIndex::First => schema.by_indexes(&[0]),
        MessageIndex::Named(name) => schema.by_name(name),
        MessageIndex::Header(bytes) => schema.by_indexes(&framing::read_indexes(&mut Reader::new(bytes, false))?),
        MessageIndex::Flat => {
            let number = reader.varint().ok()?;
            schema.by_number(usize::try_from(number).ok()?)
        }
        MessageIndex::Before => {
            let mut named = reader.clone();
            if let Some(message) = framing::read_name(&mut named).and_then(|name| schema.by_name(name)) {
                *reader = named;
                return Some(message);
            }
            schema.by_indexes(&framing::read_indexes(reader)?)
        }
    }
}

/// What follows a message index, if it has the form of a message.
fn behind_index<'a>(index: MessageIndex<'_>, body: &'a [u8]) -> Option<&'a [u8]> {
    let mut reader = Reader::new(body, false);
    match index {
        MessageIndex::Before => drop(framing::read_indexes(&mut reader)?),
        MessageIndex::Flat => drop(reader.varint().ok()?),
        MessageIndex::Header(_) | MessageIndex::Named(_) | MessageIndex::First => {}
    }
    Some(reader.rest()).filter(|rest| protobuf::is_message(rest))
}
