//! Properties of a Kafka client from a file: credentials and TLS, in librdkafka's names.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, fs, io, mem, path::Path};

use serde::{Deserialize, Serialize};

/// What a client of ours decides itself, with the reason.
const OWN: [(&str, &str); 11] = [
    ("bootstrap.servers", "it is given as an argument"),
    ("client.id", "it names the agent, so that a quota can be set for it"),
    ("client.rack", "it is given as an argument"),
    ("group.id", "nothing is committed to a group"),
    ("group.instance.id", "nothing is committed to a group"),
    ("enable.auto.commit", "nothing is committed to a group"),
    ("enable.auto.offset.store", "nothing is committed to a group"),
    ("auto.offset.reset", "an offset that does not exist is reported, not skipped"),
    ("allow.auto.create.topics", "no topic is ever created"),
    ("isolation.level", "messages of aborted transactions are never read"),
    ("check.crcs", "a damaged batch is reported"),
];

/// What makes librdkafka load code.
const LOADS_CODE: [&str; 3] = ["plugin.library.paths", "ssl.engine.location", "ssl.providers"];

/// Names and values, as librdkafka takes them (its CONFIGURATION.md). No output shows a value: some are passwords.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(BTreeMap<String, String>);

/// Why properties were not taken.
#[derive(Debug, thiserror::Error)]
pub enum PropertiesError {
    /// The file was not read.
    #[error("failed to read {file}")]
    Read { file: String, source: io::Error },
    /// A line is no `NAME=VALUE`, comment or empty line.
    #[error("{file}:{line}: expected NAME=VALUE or a comment that begins with #")]
    Line { file: String, line: usize },
    /// A name stands twice.
    #[error("{file}:{line}: {name} is already set")]
    Twice { file: String, line: usize, name: String },
    /// Landfall sets this property.
    #[error("{file}:{line}: {name} cannot be set: {reason}")]
    Own { file: String, line: usize, name: String, reason: &'static str },
}

// === impl Properties ===

impl Properties {
    /// Reads a file of lines `NAME=VALUE`. Spaces around name and value do not count; empty lines and lines that begin
    /// with `#` are skipped.
    pub fn read(file: &Path) -> Result<Self, PropertiesError> {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|source| PropertiesError::Read { file: name.clone(), source })?;
        Self::parse(&name, &text)
    }

    /// Parses such lines; `file` stands in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, PropertiesError> {
        let mut properties = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line_text = line.trim();
            if line_text.is_empty() || line_text.starts_with('#') {
                continue;
            }
            let place = || (file.to_owned(), number);
            let Some((name, value)) = line_text.split_once('=').map(|(name, value)| (name.trim(), value.trim())) else {
                let (file, line) = place();
                return Err(PropertiesError::Line { file, line });
            };
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
                let (file, line) = place();
                return Err(PropertiesError::Line { file, line });
            }
            if let Some(reason) = refused(name) {
                let (file, line) = place();
                return Err(PropertiesError::Own { file, line, name: name.to_owned(), reason });
            }
            if properties.insert(name.to_owned(), value.to_owned()).is_some() {
                let (file, line) = place();
                return Err(PropertiesError::Twice { file, line, name: name.to_owned() });
            }
        }
        Ok(Self(properties))
    }

    /// From names and values that a program has made, for example from a Secret.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Takes away what begins with a prefix, such as `connect.`, and returns it without that prefix: what a service beside
    /// the brokers needs stands in the same file.
    #[must_use]
    pub fn take(&mut self, prefix: &str) -> Self {
        let is_of = |name: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty()).map(str::to_owned);
        let mut taken = BTreeMap::new();
        self.0.retain(|name, value| match is_of(name) {
            Some(rest) => {
                taken.insert(rest, mem::take(value));
                false
            }
            None => true,
        });
        Self(taken)
    }

    /// All names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a property cannot be set by the user.
fn refused(name: &str) -> Option<&'static str> {
    if LOADS_CODE.contains(&name) {
        return Some("it loads code");
    }
    OWN.iter().find(|(own, _)| *own == name).map(|(_, reason)| *reason)
}
