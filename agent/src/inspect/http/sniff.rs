//! Detects the type of a body without a usable media type.

use landfall_detect::Hint;

use crate::parse::http1::Content;

/// Number of bytes that are examined.
const LOOKED_AT: usize = 512;

/// Judges by the first bytes: JSON by its first character, text by the absence of control
/// characters.
pub(super) fn sniff(text: &[u8]) -> Content {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let looked_at = &text[..text.len().min(LOOKED_AT)];
    if looked_at.iter().any(|b| b.is_ascii_control() && !b.is_ascii_whitespace()) || !mostly_text(looked_at) {
        return Content::Binary;
    }
    match text.trim_ascii_start().first() {
        Some(b'{' | b'[') => Content::Text(Hint::Json),
        _ => Content::Text(Hint::Text),
    }
}

/// Whether the bytes are UTF-8, or ISO 8859 with letters of Western languages here and there.
fn mostly_text(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => return true,
        Err(error) => error.valid_up_to(),
    };
    let beyond_ascii = bytes.iter().filter(|b| !b.is_ascii()).count();
    // The last character may be incomplete.
    bytes.len() - valid < 4 || beyond_ascii * 8 < bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_text_and_binary_are_told_apart() {
        let json = Content::Text(Hint::Json);
        let text = Content::Text(Hint::Text);
        let cases: [(&[u8], Content); 9] = [
            (b"{\"a\": 1}", json),
            (b"\xef\xbb\xbf\r\n [1]", json),
            (b"a=b&c=d", text),
            ("Grüße aus Köln".as_bytes(), text),
            (b"Gr\xfc\xdfe aus K\xf6ln, und noch viel mehr Text", text),
            (&"Grü".as_bytes()[..3], text),
            (b"\x89PNG\r\n\x1a\n\0\0", Content::Binary),
            (b"\x08\x96\x01", Content::Binary),
            (b"\xff\xd8\xff\xe0\xaa\xbb\xcc", Content::Binary),
        ];
        for (bytes, content) in cases {
            assert_eq!(sniff(bytes), content, "{}", bytes.escape_ascii());
        }
    }
}
