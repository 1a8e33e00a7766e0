//! Makes texts from the network and from other people safe to print: they must not control the terminal.

use serde_json::Value;

/// Replaces characters that control a terminal or change how the text around them looks: control characters move the
/// cursor, and marks of direction, of zero width and of byte order disguise a text. Line feeds and tabs are kept.
fn sanitized(c: char) -> char {
    let disguises = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if disguises || (c.is_control() && !matches!(c, '\n' | '\t')) { '\u{fffd}' } else { c }
}

/// Sanitizes all texts of an object.
pub(super) fn object(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.chars().map(sanitized).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(object).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name.chars().map(sanitized).collect(), object(value))).collect(),
        ),
        other => other,
    }
}

/// A sanitized text on one line, cut to `width` characters.
pub(super) fn line(text: &str, width: usize) -> String {
    let mut letters = text.chars().map(|c| if c.is_whitespace() { ' ' } else { sanitized(c) });
    let mut cut: String = letters.by_ref().take(width).collect();
    if letters.next().is_some() {
        cut.pop();
        cut.push('…');
    }
    cut
}

/// A text as one word of a POSIX shell.
pub(super) fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/:=@,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
