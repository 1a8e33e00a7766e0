use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{InvalidObservation, Observation, Place};

/// Name and version of the schema, the value of the field `schema`.
pub const SCHEMA: &str = "landfall.observation/v1";

#[derive(Serialize)]
struct Outgoing<'a> {
    schema: &'static str,
    #[serde(flatten)]
    observation: &'a Observation,
}

#[derive(Deserialize)]
struct Header {
    schema: String,
}

/// Why a line is no observation of this schema.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or not the shape of an observation.
    #[error("field {field}: {problem}")]
    Shape {
        /// Path of the field, `.` for the whole line.
        field: String,
        /// What was expected, without the value that was there instead.
        problem: String,
    },
    /// Another schema or version.
    #[error("field schema: expected \"{SCHEMA}\"")]
    Schema,
    /// Well-formed, but its parts contradict each other.
    #[error(transparent)]
    Invalid(#[from] InvalidObservation),
}

impl From<serde_path_to_error::Error<serde_json::Error>> for DecodeError {
    fn from(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let mut field = error.path().to_string();
        // The key of a map can be anybody's text: only paths of names that the schema may have are printed.
        if !field.bytes().all(|b| b.is_ascii_alphanumeric() || b"._[]?-/".contains(&b)) {
            "a map".clone_into(&mut field);
        }
        Self::Shape { field, problem: without_value(error.inner()) }
    }
}

/// What a JSON error says, without the value it quotes: serde writes ``invalid type: string
/// "…", expected …`` and ``unknown variant `…`, expected …``.
fn without_value(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    if text.starts_with("missing field") || !error.is_data() {
        text.to_owned()
    } else if let Some(expected) = text.find("expected ") {
        text[expected..].to_owned()
    } else {
        "expected a value of another type or range".to_owned()
    }
}

/// One line of NDJSON, without the line break.
pub fn encode(observation: &Observation) -> String {
    serde_json::to_string(&Outgoing { schema: SCHEMA, observation }).expect("every field has a JSON form")
}

/// Reads one line of NDJSON and checks it. Unknown fields are ignored.
pub fn decode(line: &str) -> Result<Observation, DecodeError> {
    let header: Header = read(line)?;
    if header.schema != SCHEMA {
        return Err(DecodeError::Schema);
    }
    let observation: Observation = read(line)?;
    observation.validate()?;
    Ok(observation)
}

/// Reads one line as [`decode`] does, and returns with it the line that may be stored.
///
/// That is the line as it came, with fields that only a newer program reads. If a place in it has a name that is not in
/// the vocabulary, which may be personal data, the line is encoded again from what was read.
pub fn decode_for_storage(line: &str) -> Result<(Observation, Cow<'_, str>), DecodeError> {
    let observation = decode(line)?;
    let findings = [&observation.sent, &observation.received].into_iter().flat_map(|direction| &direction.findings);
    let is_unchanged = findings.count() == 0
        || serde_json::from_str(line).is_ok_and(|written: WrittenPlaces| written.are_read_as_written());
    let kept = if is_unchanged { Cow::Borrowed(line) } else { Cow::Owned(encode(&observation)) };
    Ok((observation, kept))
}

/// The places in a line, as they are written.
#[derive(Deserialize)]
struct WrittenPlaces {
    sent: WrittenDirection,
    received: WrittenDirection,
}

#[derive(Deserialize)]
struct WrittenDirection {
    #[serde(default)]
    findings: Vec<WrittenFinding>,
}

#[derive(Deserialize)]
struct WrittenFinding {
    #[serde(rename = "where")]
    places: Vec<String>,
}

impl WrittenPlaces {
    /// Whether each place would be written as it is.
    fn are_read_as_written(&self) -> bool {
        let findings = self.sent.findings.iter().chain(&self.received.findings);
        findings
            .flat_map(|finding| &finding.places)
            .all(|text| text.parse().is_ok_and(|p: Place| p.to_string() == *text))
    }
}

fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let value = serde_path_to_error::deserialize(&mut deserializer)?;
    deserializer.end().map_err(|error| DecodeError::Shape { field: ".".to_owned(), problem: without_value(&error) })?;
    Ok(value)
}

#[cfg(test)]
mod tests;
