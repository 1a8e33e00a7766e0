//! Texts from the network and from other people, made so that they cannot drive a terminal.

use serde_json::Value;

/// A character that stands for itself. Control characters move the cursor; marks of direction and of byte order let a
/// text look like another. A line feed and a tab in a text of several lines are neither.
fn harmless(c: char) -> char {
    let turns = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if turns || (c.is_control() && !matches!(c, '\n' | '\t')) { '\u{fffd}' } else { c }
}

/// All texts of an object, without what could drive a terminal.
pub(super) fn object(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.chars().map(harmless).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(object).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name.chars().map(harmless).collect(), object(value))).collect(),
        ),
        other => other,
    }
}

/// A text in one line, cut to `width` characters.
pub(super) fn line(text: &str, width: usize) -> String {
    let mut letters = text.chars().map(|c| if c.is_whitespace() { ' ' } else { harmless(c) });
    let mut cut: String = letters.by_ref().take(width).collect();
    if letters.next().is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}

/// A text as one word of a shell.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/:=@,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
