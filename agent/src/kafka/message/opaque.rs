//! Bytes in a message of which no schema says what they are.

use super::{DecodeError, embedded, protobuf, rendering::Rendering};

/// The shortest text that is looked for in binary data.
pub(super) const MIN_TEXT: usize = 4;

/// Renders bytes that are a value: a text, compressed data, a message of Protobuf, or the texts among other bytes,
/// whichever fits first.
pub(super) fn render(rendering: &mut Rendering, bytes: &[u8], depth: usize) -> Result<(), DecodeError> {
    // A message that begins with a text of 9 or 10 bytes in field 1 looks like text with an empty line.
    let is_message = bytes.starts_with(b"\n") && protobuf::is_message(bytes);
    if !is_message
        && embedded::is_text(bytes)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return rendering.string(text);
    }
    if embedded::is_compressed(bytes) {
        // What a string holds in Base64 is opened when the fields are walked.
        return rendering.string(&embedded::base64(bytes));
    }
    let before = rendering.checkpoint();
    if is_message || protobuf::is_message(bytes) {
        match protobuf::render_without_schema(rendering, bytes, depth) {
            // Bytes that fit by chance may go deeper than any message does.
            Err(DecodeError::Malformed | DecodeError::TooDeep) => rendering.go_back(before),
            done => return done,
        }
    }
    rendering.open(b'[')?;
    for text in texts(bytes) {
        rendering.string(text)?;
    }
    rendering.close(b']');
    Ok(())
}

/// Printable texts among other bytes, as long as a name at least.
pub(super) fn texts(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let chunks = bytes.utf8_chunks().map(|chunk| chunk.valid());
    chunks.flat_map(|valid| valid.split(char::is_control)).filter(|text| text.len() >= MIN_TEXT)
}
