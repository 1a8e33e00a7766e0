use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the text of an agreement says something: lines or clauses as the text counts them, such as `L36`,
/// `L175, L176-L178` or `§ 4(2)`. Every agreement counts in its own way, so any text is one; it is shown as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Citation(String);

impl Citation {
    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Joins several in their order, without immediate repetitions; `None` if there are none.
    pub fn joined<'a>(citations: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut all: Vec<&str> = citations.into_iter().map(Self::as_str).collect();
        all.dedup();
        (!all.is_empty()).then(|| Self(all.join(", ")))
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<String> for Citation {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Citation {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citation_is_kept_as_the_text_counts() {
        for text in ["L36", "L175, L176-L178", "§ 4(2)", ""] {
            let citation = Citation::from(text);
            assert_eq!((citation.as_str(), citation.to_string()), (text, text.to_owned()));
            let json = serde_json::to_string(&citation).unwrap();
            assert_eq!(json, serde_json::to_string(text).unwrap());
            assert_eq!(serde_json::from_str::<Citation>(&json).unwrap(), citation);
        }
    }

    #[test]
    fn several_are_joined_in_their_order() {
        let [one, other] = ["L9", "L12"].map(Citation::from);
        assert_eq!(Citation::joined([&one, &one, &other, &one]), Some("L9, L12, L9".into()));
        assert_eq!(Citation::joined([]), None);
    }
}
