//! Walks through the bytes of JSON and tells of each value where it stands and under which fields. Nothing is built: what
//! is broken is walked through as far as it goes.

use std::{borrow::Cow, ops::Range};

use landfall_observation::KeyWord;

use crate::kafka::{printable::is_printable, schema::json::JsonSchema};

/// Fields deeper than this have the path of the last one that is not.
const MAX_DEPTH: usize = 64;
/// The longest name that is looked up or shown, in bytes: known words are short.
const MAX_NAME: usize = 64;
/// Names that a JSON Schema declares are shown so deep.
const MAX_DECLARED: usize = 32;
/// What stands for a name that is not shown.
const HIDDEN: &str = "*";

/// The names that a schema declares. They are no personal data, and are shown.
#[derive(Clone, Copy)]
pub(super) enum Declared<'a> {
    /// None: there is no schema.
    Nothing,
    /// Those that begin at these places, in order.
    At(&'a [usize]),
    /// Those of this schema.
    Json(&'a JsonSchema),
}

/// A value that holds no others.
pub(super) struct Value<'w> {
    /// Where it is, a string without its quotation marks.
    pub(super) range: Range<usize>,
    pub(super) is_string: bool,
    fields: &'w [Level],
    bytes: &'w [u8],
    declared: Declared<'w>,
}

/// An object or a list that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    List,
    /// With the place of the name of the present field, if there is one.
    Object(Option<(usize, usize)>),
}

impl Value<'_> {
    /// The path of the value below another path.
    pub(super) fn path(&self, base: &str) -> String {
        let mut schemas = match self.declared {
            Declared::Json(schema) => vec![schema.root()],
            Declared::Nothing | Declared::At(_) => Vec::new(),
        };
        let names = self.fields.iter().filter_map(|level| match level {
            Level::List => None,
            Level::Object(name) => Some(*name),
        });
        let mut path = base.to_owned();
        for (depth, name) in names.enumerate() {
            path.push('.');
            let Some((start, end)) = name else {
                path.push_str(HIDDEN);
                continue;
            };
            let name = self.bytes.get(start..end).unwrap_or_default();
            let is_declared = match self.declared {
                Declared::At(places) => places.binary_search(&start).is_ok(),
                Declared::Json(schema) if depth < MAX_DECLARED => {
                    let (below, is_declared) = schema.property(&schemas, &written(name));
                    schemas = below;
                    is_declared
                }
                Declared::Nothing | Declared::Json(_) => false,
            };
            match shown(name) {
                _ if is_declared && name.len() <= MAX_NAME => {
                    path.extend(written(name).chars().filter(|c| is_printable(*c)));
                }
                Some(word) => path.push_str(word.as_str()),
                None => path.push_str(HIDDEN),
            }
        }
        path
    }
}

/// A name without the escapes of JSON.
fn written(name: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(name);
    if !text.contains('\\') {
        return text;
    }
    serde_json::from_str::<String>(&format!("\"{text}\"")).map_or(text, Cow::Owned)
}

/// A known word as it is shown, whatever its case and the dashes in it.
pub(in crate::kafka) fn shown(name: &[u8]) -> Option<KeyWord> {
    if name.len() > MAX_NAME {
        return None;
    }
    let letters = name.iter().filter(|byte| !matches!(byte, b'-' | b'_'));
    KeyWord::find(&letters.map(u8::to_ascii_lowercase).collect::<Vec<_>>())
}

/// Calls `see` for each value in order. Tells whether all that was opened is closed.
pub(super) fn walk(bytes: &[u8], declared: Declared<'_>, mut see: impl FnMut(Value<'_>)) -> bool {
    let mut levels: Vec<Level> = Vec::new();
    // Levels beyond the deepest that is kept.
    let mut beyond = 0_usize;
    let mut is_sound = true;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' if levels.len() >= MAX_DEPTH => beyond += 1,
            b'{' => levels.push(Level::Object(None)),
            b'[' => levels.push(Level::List),
            b'}' | b']' if beyond > 0 => beyond -= 1,
            b'}' | b']' => is_sound &= levels.pop().is_some_and(|level| (level == Level::List) == (byte == b']')),
            b'"' => {
                let start = at + 1;
                let Some(end) = end_of_string(bytes, start) else {
                    see(Value { range: start..bytes.len(), is_string: true, fields: &levels, bytes, declared });
                    return false;
                };
                at = end;
                let is_name = bytes[end + 1..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                match levels.last_mut() {
                    Some(Level::Object(name)) if is_name && beyond == 0 => {
                        *name = Some((start, end));
                        // A match in a name is one of the field.
                    }
                    _ => see(Value { range: start..end, is_string: true, fields: &levels, bytes, declared }),
                }
            }
            b':' | b',' => {}
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest.iter().position(|byte| b",]}".contains(byte) || byte.is_ascii_whitespace());
                let end = length.map_or(bytes.len(), |length| at + length);
                let scalar = bytes.get(at..end).unwrap_or_default();
                is_sound &= is_scalar(scalar);
                see(Value { range: at..end, is_string: false, fields: &levels, bytes, declared });
                at = end.max(at + 1) - 1;
            }
        }
        at += 1;
    }
    is_sound && levels.is_empty() && beyond == 0
}

/// Where the quotation mark is that ends a string.
pub(super) fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = quotation_mark_or_backslash(bytes, at)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Most strings of messages are short. Of such ones, a call of memchr takes longer than eight bytes at once do here.
fn quotation_mark_or_backslash(bytes: &[u8], mut at: usize) -> Option<usize> {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // The lowest bit that is set belongs to the first byte that is zero.
    let zeros = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    for _ in 0..2 {
        let Some(word) = bytes.get(at..)?.first_chunk() else { break };
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ u64::from_le_bytes([b'"'; 8])) | zeros(word ^ u64::from_le_bytes([b'\\'; 8]));
        if found != 0 {
            return Some(at + usize::try_from(found.trailing_zeros() / 8).unwrap_or(0));
        }
        at += 8;
    }
    Some(at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?)
}

fn is_scalar(text: &[u8]) -> bool {
    matches!(text, b"true" | b"false" | b"null")
        || text.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> (Vec<String>, bool) {
        let mut all = Vec::new();
        let is_whole = walk(text.as_bytes(), Declared::Nothing, |value| {
            all.push(format!("{} {}", value.path("value"), &text[value.range]));
        });
        (all, is_whole)
    }

    #[test]
    fn each_value_has_the_path_of_its_fields() {
        let text = r#" {"E-Mail": "a\"b", "kontakte": [{"phone": 12, "x": {"vorname": true}}, "s"], "plz" : null} [1]"#;
        let expected = [
            r#"value.email a\"b"#,
            "value.*.phone 12",
            "value.*.*.vorname true",
            "value.* s",
            "value.plz null",
            "value 1",
        ];
        assert_eq!(paths(text), (expected.map(str::to_owned).to_vec(), true));
    }

    #[test]
    fn a_string_ends_at_its_first_quotation_mark_that_is_not_escaped() {
        for length in 0..40 {
            let text = "x".repeat(length);
            for (rest, end) in [("\"", 0), ("\\\"\"", 2), ("\\\\\", \"", 2), ("\u{a2}!#\"\"", 4)] {
                let whole = format!("{text}{rest} and more, so that eight bytes follow");
                assert_eq!(end_of_string(whole.as_bytes(), 0), Some(length + end), "{whole}");
                let cut = &whole.as_bytes()[..length + end];
                assert_eq!(end_of_string(cut, 0), None, "{whole}");
            }
        }
    }

    #[test]
    fn broken_documents_are_walked_as_far_as_they_go() {
        for text in ["{", "[", "{\"email\": \"a", "{\"email\" \"a\"]", "{a}", "]", "{\"a\": 1]", "\"\\"] {
            assert!(!paths(text).1, "{text}");
        }
        assert_eq!(paths("{\"email\": \"a").0, ["value.email a"]);
        let deep = "[".repeat(1000) + "1" + &"]".repeat(1000);
        assert_eq!(paths(&deep), (vec!["value 1".to_owned()], true));
    }
}
