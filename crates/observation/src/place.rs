mod key_word;

pub use key_word::{KeyKind, KeyWord};

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where in a payload something was found: under which header or key, never its content.
///
/// Names of keys are written by whoever sends them and may be data of people (`{"mueller": "+49 151 …"}`). So only
/// words of a closed vocabulary are shown, as [`KeyWord`] spells them; every other key reads `key:*`, every other header
/// `header:*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In a payload without keys, or outside all of them.
    Body,
    /// Under this header; `None` for one whose name is not shown.
    Header(Option<KeyWord>),
    /// Under this key of a document or form; `None` for one whose name is not shown, and for what is in a key itself.
    Key(Option<KeyWord>),
    /// In the query string of a request.
    Query,
}

/// The text is no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected \"body\", \"query\", \"header:WORD\" or \"key:WORD\"")]
pub struct ParsePlaceError;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |word: &Option<KeyWord>| word.map_or("*", KeyWord::as_str);
        match self {
            Self::Body => f.write_str("body"),
            Self::Header(name) => write!(f, "header:{}", word(name)),
            Self::Key(name) => write!(f, "key:{}", word(name)),
            Self::Query => f.write_str("query"),
        }
    }
}

/// A name that is not in the vocabulary reads as one that is not shown.
impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = |name: &str| {
            let folded: Vec<u8> = name.bytes().filter(|b| !matches!(b, b'-' | b'_')).collect();
            KeyWord::find(&folded)
        };
        match text.split_once(':') {
            None if text == "body" => Ok(Self::Body),
            None if text == "query" => Ok(Self::Query),
            Some(("header", name)) => Ok(Self::Header(word(name))),
            Some(("key", name)) => Ok(Self::Key(word(name))),
            _ => Err(ParsePlaceError),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads places: those of an unknown kind are left out, and none is listed twice.
pub(crate) fn deserialize_places<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Place>, D::Error> {
    let mut places = Vec::new();
    for text in Vec::<String>::deserialize(deserializer)? {
        if let Ok(place) = text.parse()
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for text in ["body", "header:*", "header:from", "key:*", "key:email", "query"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        let mut sorted: Vec<Place> =
            ["query", "key:email", "key:*", "header:from", "body"].map(|t| t.parse().unwrap()).into();
        sorted.sort();
        assert_eq!(
            sorted.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["body", "header:from", "key:*", "key:email", "query"]
        );
    }

    #[test]
    fn only_words_of_the_vocabulary_are_read() {
        for (text, read) in [
            ("key:mueller", "key:*"),
            ("key:erika@example.org", "key:*"),
            ("key:mueller_phone", "key:*"),
            ("key:EMAIL", "key:*"),
            ("key:", "key:*"),
            ("key:first_name", "key:firstname"),
            ("header:x-mueller", "header:*"),
            ("header:x-forwarded-for", "header:xforwardedfor"),
        ] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), read);
        }
        for text in ["", "mueller", "body:mueller", "path:mueller", "*"] {
            assert_eq!(text.parse::<Place>(), Err(ParsePlaceError));
        }
    }
}
