//! Statements of a judgment, as records hold them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Language, Sentence};

/// A recorded [`Sentence`]: its code and its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedSentence {
    /// One that this version of the program knows.
    Known(Box<Sentence<'static>>),
    /// One that a later version wrote.
    Unknown {
        /// Its code.
        code: String,
        /// Its arguments, by name.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        arguments: Map<String, Value>,
    },
}

impl RecordedSentence {
    /// The sentence in `language`; if it is not known, its code with the arguments.
    pub fn in_language(&self, language: Language) -> String {
        match self {
            Self::Known(sentence) => sentence.in_language(language).to_string(),
            Self::Unknown { code, arguments } => CodeWithArguments { code, arguments }.to_string(),
        }
    }
}

/// A code with its arguments, as data.
struct CodeWithArguments<'a> {
    code: &'a str,
    arguments: &'a Map<String, Value>,
}

impl fmt::Display for CodeWithArguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, arguments } = self;
        // Escaped, because it is printed to terminals.
        write!(f, "{}", code.escape_debug())?;
        for (index, (name, value)) in arguments.iter().enumerate() {
            let between = if index == 0 { ": " } else { ", " };
            write!(f, "{between}{}={}", name.escape_debug(), value.to_string().escape_debug())?;
        }
        Ok(())
    }
}

impl From<&Sentence<'_>> for RecordedSentence {
    fn from(sentence: &Sentence<'_>) -> Self {
        Self::Known(Box::new(sentence.to_static()))
    }
}
