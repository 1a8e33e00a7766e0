//! Inspects one message after the other.

mod schemas;

use std::{borrow::Cow, mem, sync::Arc};

use landfall_detect::{Hint, Span, State, scan};
use landfall_observation::KeyWord;

use super::{
    DecodeError, FieldFinding, Format, Inspected, Limits, Message, MessagePart, PartOutcome,
    embedded::{self, Decompressed, End},
    fields::{self, Declared},
    framing::{self, Framed},
    opaque,
};
use crate::kafka::schema::{SchemaId, Schemas};

/// Most findings of a message; what is beyond is counted at the path of its part.
const MAX_FINDINGS: usize = 512;

/// Inspects messages. It can be used for any number of them.
pub struct Inspector {
    limits: Limits,
    /// Where the schemas are that messages name, if anywhere.
    schemas: Option<Arc<dyn Schemas>>,
    state: State,
    /// What may still be decoded of the present message.
    left: usize,
    /// The schema that the present part names.
    schema: Option<SchemaId>,
    inspected: Inspected,
}

/// Something to read: a part, or what was decoded from one.
struct Source<'a> {
    part: MessagePart,
    path: String,
    bytes: Cow<'a, [u8]>,
    /// How often it was decoded.
    depth: usize,
}

// === impl Inspector ===

impl Inspector {
    /// One that keeps to these limits.
    pub fn new(limits: Limits) -> Self {
        let (state, inspected) = (State::with_spans(), Inspected::default());
        Self { limits, schemas: None, state, left: 0, schema: None, inspected }
    }

    /// The same, reading messages with the schemas that they name.
    #[must_use]
    pub fn with_schemas(self, schemas: Arc<dyn Schemas>) -> Self {
        Self { schemas: Some(schemas), ..self }
    }

    /// Looks at all parts of a message.
    pub fn inspect(&mut self, message: &Message<'_>) -> Inspected {
        self.left = self.limits.decoded;
        for (part, bytes) in [(MessagePart::Key, message.key), (MessagePart::Value, message.value)] {
            self.part(part, part.as_str().to_owned(), bytes, &message.headers);
        }
        for (name, value) in &message.headers {
            if value.is_some_and(|value| framing::is_framing(name, value)) {
                continue;
            }
            let name = fields::shown(name.as_bytes()).map_or("*", KeyWord::as_str);
            self.part(MessagePart::Header, format!("{}.{name}", MessagePart::Header.as_str()), *value, &[]);
        }
        mem::take(&mut self.inspected)
    }

    fn part(&mut self, part: MessagePart, path: String, bytes: Option<&[u8]>, headers: &framing::Headers<'_>) {
        let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return };
        let cut = bytes.get(..self.limits.part).unwrap_or(bytes);
        let mut error = (cut.len() < bytes.len()).then_some(DecodeError::TooLarge);
        self.schema = None;
        let source = Source { part, path, bytes: Cow::Borrowed(cut), depth: 0 };
        let framed = framing::beside(part, cut, headers);
        let read = framed.and_then(|framed| self.framed(&source, framed, &mut error));
        let format = read.unwrap_or_else(|| self.read(source, &mut error));
        self.inspected.parts.push(PartOutcome { part, format, schema: self.schema.take(), error });
    }

    /// Reads a source and what it holds. Keeps the first error.
    fn read(&mut self, source: Source<'_>, error: &mut Option<DecodeError>) -> Format {
        let bytes = &*source.bytes;
        if embedded::is_compressed(bytes) {
            let Some(limit) = self.may_decode(source.depth, error) else { return Format::Binary };
            let Decompressed { bytes, end } = embedded::decompress(bytes, limit);
            match end {
                End::Complete => {}
                End::Cut => keep(error, DecodeError::TooLarge),
                End::Damaged => keep(error, DecodeError::Malformed),
            }
            self.left -= bytes.len();
            let Source { part, path, depth, .. } = source;
            return self.read(Source { part, path, bytes: Cow::Owned(bytes), depth: depth + 1 }, error);
        }
        if let Some(framed) = framing::before(bytes)
            && let Some(format) = self.framed(&source, framed, error)
        {
            return format;
        }
        if embedded::is_json(bytes) {
            self.json(&source, bytes, Declared::Nothing, error);
            return Format::Json;
        }
        if embedded::is_text(bytes) {
            self.text(&source, bytes, error);
            return Format::Text;
        }
        if self.schemas.is_some() && self.protobuf_without_schema(&source, bytes, error) {
            return Format::ProtobufWithoutSchema;
        }
        keep(error, DecodeError::UnknownFormat);
        self.binary(&source, bytes);
        Format::Binary
    }

    fn json(&mut self, source: &Source<'_>, bytes: &[u8], declared: Declared<'_>, error: &mut Option<DecodeError>) {
        let spans = self.detect(&[bytes], Hint::Json);
        let mut spans = spans.into_iter().peekable();
        let mut found: Vec<(String, Found)> = Vec::new();
        let mut held: Vec<(String, Vec<u8>)> = Vec::new();
        let mut last = source.path.clone();
        let is_whole = fields::walk(bytes, declared, |value| {
            let end = u64::try_from(value.range.end).unwrap_or(u64::MAX);
            let start = u64::try_from(value.range.start).unwrap_or(u64::MAX);
            let text = if value.is_string { bytes.get(value.range.clone()) } else { None };
            let decoded = text.and_then(unescaped).and_then(|text| embedded::in_text(&text).map(Cow::into_owned));
            if let Some(decoded) = decoded {
                // What is inside is looked at for itself, and must not count twice.
                while spans.next_if(|found| found.span.start < end).is_some_and(|found| found.span.start < start) {}
                held.push((value.path(&source.path), decoded));
                return;
            }
            if spans.peek().is_some_and(|found| found.span.start < end) {
                last = value.path(&source.path);
                while let Some(match_) = spans.next_if(|found| found.span.start < end) {
                    found.push((last.clone(), match_));
                }
            }
        });
        found.extend(spans.map(|match_| (last.clone(), match_)));
        self.count(source.part, found);
        if !is_whole {
            keep(error, DecodeError::Malformed);
        }
        for (path, bytes) in held {
            let Some(limit) = self.may_decode(source.depth, error) else { return };
            if bytes.len() > limit {
                keep(error, DecodeError::TooLarge);
                continue;
            }
            self.left -= bytes.len();
            self.read(Source { part: source.part, path, bytes: Cow::Owned(bytes), depth: source.depth + 1 }, error);
        }
    }

    fn text(&mut self, source: &Source<'_>, bytes: &[u8], error: &mut Option<DecodeError>) {
        let decoded = std::str::from_utf8(bytes).ok().and_then(embedded::in_text);
        if let Some(decoded) = decoded.filter(|decoded| decoded.len() <= self.left)
            && self.may_decode(source.depth, error).is_some()
        {
            self.left -= decoded.len();
            let (part, path, depth) = (source.part, source.path.clone(), source.depth + 1);
            self.read(Source { part, path, bytes: Cow::Owned(decoded.into_owned()), depth }, error);
            return;
        }
        let found = self.detect(&[bytes], Hint::Text);
        self.count(source.part, found.into_iter().map(|found| (source.path.clone(), found)).collect());
    }

    fn binary(&mut self, source: &Source<'_>, bytes: &[u8]) {
        let texts: Vec<&[u8]> = opaque::texts(bytes).map(str::as_bytes).collect();
        let found = self.detect(&texts, Hint::Text);
        self.count(source.part, found.into_iter().map(|found| (source.path.clone(), found)).collect());
    }

    /// What the detectors find in pieces that have nothing to do with one another, in order.
    fn detect(&mut self, pieces: &[&[u8]], hint: Hint) -> Vec<Found> {
        for piece in pieces {
            scan(&mut self.state, piece, hint);
            self.state.end_part();
            self.inspected.bytes_inspected += u64::try_from(piece.len()).unwrap_or_default();
        }
        let (findings, mut spans) = self.state.finish_with_spans();
        spans.sort();
        let category = |span: &Span| findings.iter().find(|finding| finding.detector == span.detector);
        let found =
            spans.iter().filter_map(|span| Some(Found { span: *span, category: category(span)?.category.clone() }));
        found.collect()
    }

    fn count(&mut self, part: MessagePart, found: Vec<(String, Found)>) {
        let findings = &mut self.inspected.findings;
        for (path, Found { span, category }) in found {
            let same = |path: &str, known: &FieldFinding| {
                known.part == part
                    && known.certainty == span.certainty
                    && known.detector == span.detector
                    && known.path == path
            };
            let path = if findings.len() < MAX_FINDINGS { path } else { part.as_str().to_owned() };
            if let Some(known) = findings.iter_mut().find(|known| same(&path, known)) {
                known.matches += 1;
                continue;
            }
            let (detector, certainty) = (span.detector.to_owned(), span.certainty);
            findings.push(FieldFinding { part, path, category, detector, certainty, matches: 1, messages: 1 });
        }
    }

    /// How much may be decoded from something at this depth.
    fn may_decode(&self, depth: usize, error: &mut Option<DecodeError>) -> Option<usize> {
        if depth >= self.limits.depth {
            keep(error, DecodeError::TooDeep);
            return None;
        }
        if self.left == 0 {
            keep(error, DecodeError::TooLarge);
            return None;
        }
        Some(self.left)
    }
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A match.
struct Found {
    span: Span,
    category: landfall_observation::DataCategory,
}

fn keep(error: &mut Option<DecodeError>, new: DecodeError) {
    error.get_or_insert(new);
}

/// The text of a string of JSON, if it may hold something encoded.
fn unescaped(string: &[u8]) -> Option<Cow<'_, str>> {
    let first = string.iter().find(|byte| !byte.is_ascii_whitespace())?;
    // JSON in a string begins with a brace, a bracket or, in Base64, a letter or a digit.
    if !(matches!(first, b'{' | b'[' | b'\\' | b'+' | b'/') || first.is_ascii_alphanumeric()) {
        return None;
    }
    let text = std::str::from_utf8(string).ok()?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str::<String>(&format!("\"{text}\"")).ok().map(Cow::Owned)
}
