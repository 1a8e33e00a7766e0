use serde::{Deserialize, Serialize};

use crate::{InvalidObservation, Observation};

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

/// A line that is no observation of this schema.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or not the shape of an observation. The parser's text is kept only as far as it
    /// names fields and positions.
    #[error("column {column}: expected an observation, {problem}")]
    Shape {
        /// Column in the line, from 1.
        column: usize,
        /// What is wrong, without the value.
        problem: String,
    },
    /// Another schema or version.
    #[error("field schema: expected \"{SCHEMA}\"")]
    Schema,
    /// Well-formed, but its parts contradict each other.
    #[error(transparent)]
    Invalid(#[from] InvalidObservation),
}

impl DecodeError {
    fn from_json(error: &serde_json::Error) -> Self {
        // serde quotes the offending value for a wrong type (`invalid type: string "…"`); what
        // it names after "expected" or in back-quotes is ours, the rest could be data.
        let text = error.to_string();
        let problem = if let Some(rest) = text.strip_prefix("missing field ") {
            format!("missing field {}", rest.split(" at line").next().unwrap_or_default())
        } else if let Some((_, expected)) = text.split_once(", expected ") {
            format!(
                "a value of another type or range where {} belongs",
                expected.split(" at line").next().unwrap_or_default()
            )
        } else if error.is_data() {
            "a value out of its range".to_owned()
        } else {
            text.split(" at line").next().unwrap_or_default().to_owned()
        };
        Self::Shape { column: error.column(), problem }
    }
}

/// One line of NDJSON, without the line break.
pub fn encode(observation: &Observation) -> String {
    serde_json::to_string(&Outgoing { schema: SCHEMA, observation }).expect("every field has a JSON form")
}

/// Reads one line of NDJSON and checks it. Unknown fields are ignored.
pub fn decode(line: &str) -> Result<Observation, DecodeError> {
    let header: Header = serde_json::from_str(line).map_err(|error| DecodeError::from_json(&error))?;
    if header.schema != SCHEMA {
        return Err(DecodeError::Schema);
    }
    let observation: Observation = serde_json::from_str(line).map_err(|error| DecodeError::from_json(&error))?;
    observation.validate()?;
    Ok(observation)
}

#[cfg(test)]
mod tests;
