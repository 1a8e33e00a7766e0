use std::fmt;

use serde::{Deserialize, Serialize};

/// A value in a record: one that this version of the program knows, or the text of one that a later version wrote. So no
/// record becomes unreadable because the program that reads it is older.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recorded<T> {
    /// A known value.
    Known(T),
    /// The text of an unknown one, as it is in the record.
    Unknown(String),
}

impl<T> Recorded<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Whether it is known and equals `value`.
    pub fn is(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.known() == Some(value)
    }
}

impl<T> From<T> for Recorded<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: fmt::Display> fmt::Display for Recorded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            // The text may come from anybody and is written to terminals.
            Self::Unknown(text) => text.escape_debug().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Confidence {
        #[serde(rename = "high")]
        High,
    }

    #[test]
    fn what_a_later_version_wrote_is_kept_as_it_stands() {
        let read = |text: &str| serde_json::from_str::<Recorded<Confidence>>(text).unwrap();
        assert_eq!(read("\"high\""), Recorded::Known(Confidence::High));
        assert_eq!(read("\"beyond-doubt\""), Recorded::Unknown("beyond-doubt".to_owned()));
        assert_eq!(serde_json::to_string(&read("\"beyond-doubt\"")).unwrap(), "\"beyond-doubt\"");
        assert!(serde_json::from_str::<Recorded<Confidence>>("7").is_err());
    }
}
