use crate::FieldPath;

/// An error in a text, and where it is.
#[derive(Debug)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The path of the value; empty for the document.
    pub path: FieldPath,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a YAML text. The message says what was expected and quotes nothing but a bare boolean.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text is not YAML.
    #[error("expected YAML: {0}")]
    Syntax(String),
    /// Values are nested too deeply.
    #[error("expected at most {0} levels")]
    TooDeep(usize),
    /// There are too many values.
    #[error("expected at most {0} values in a file")]
    TooManyValues(usize),
    /// An anchor or alias.
    #[error("expected the value itself; anchors (&) and aliases (*) are not read")]
    Alias,
    /// A tag outside YAML's core schema.
    #[error("expected a value without a tag (!) of its own")]
    Tag,
    /// A number that JSON cannot represent.
    #[error("expected a finite number")]
    NotFinite,
    /// A list or mapping as a key.
    #[error("expected a plain text as the key")]
    Key,
    /// The same key twice in a mapping.
    #[error("expected the key only once; it is already in line {0}")]
    DuplicateKey(usize),
    /// A word that readers of YAML 1.1, Kubernetes among them, take for a boolean.
    #[error("expected {0:?} in quotes, or true or false; Kubernetes reads the bare word as a boolean")]
    BareBoolean(String),
}

impl Problem {
    /// Whether the tree contains everything else in the text, so that further checks make sense.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::BareBoolean(_) | Self::DuplicateKey(_) | Self::NotFinite)
    }
}
