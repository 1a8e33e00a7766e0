//! Bytes before a message that name its schema.

/// The magic byte of Confluent's framing, which Apicurio uses as well; four bytes follow that name a schema.
const CONFLUENT: u8 = 0;
/// The version of AWS Glue's framing; a byte for the compression and sixteen for the version of a schema follow.
const GLUE: u8 = 3;
/// Glue: not compressed, and zlib.
const GLUE_COMPRESSIONS: [u8; 2] = [0, 5];

/// What stands behind the framing, if there is one. No text in UTF-8 begins with these bytes.
pub(super) fn unframed(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [CONFLUENT, _, _, _, _, rest @ ..] if !rest.is_empty() => Some(rest),
        [GLUE, compression, rest @ ..] if GLUE_COMPRESSIONS.contains(compression) && rest.len() > 16 => rest.get(16..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framings_are_told_from_text() {
        assert_eq!(unframed(&[0, 0, 0, 0, 7, b'x']), Some(&b"x"[..]));
        assert_eq!(unframed(&[0, 0, 0, 0, 7]), None, "an integer of five bytes");
        assert_eq!(unframed(&[&[3, 5][..], &[9; 16], b"x"].concat()), Some(&b"x"[..]));
        assert_eq!(unframed(&[&[3, 1][..], &[9; 16], b"x"].concat()), None);
        assert_eq!(unframed(b"{\"a\": 1}"), None);
    }
}
