//! How deep the text of a Protobuf schema is nested: `prost-reflect` reads the values of options by recursion without a
//! bound of its own.

use crate::kafka::schema::SchemaError;

/// Most brackets that are open at the same time. Messages may be nested 31 times (`protoc` says so, too).
const MAX_NESTING: usize = 64;

/// Refuses a text with more brackets inside each other. Strings and comments are skipped.
pub(super) fn check(text: &str) -> Result<(), SchemaError> {
    let mut rest = text.as_bytes();
    let mut open: usize = 0;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'{' | b'[' | b'(' | b'<' => {
                open += 1;
                if open > MAX_NESTING {
                    return Err(SchemaError::TooComplex);
                }
            }
            b'}' | b']' | b')' | b'>' => open = open.saturating_sub(1),
            b'"' | b'\'' => rest = behind_string(rest, *byte),
            b'#' => rest = behind(rest, b"\n"),
            b'/' => match rest {
                [b'/', ..] => rest = behind(rest, b"\n"),
                [b'*', comment @ ..] => rest = behind(comment, b"*/"),
                _ => {}
            },
            _ => {}
        }
    }
    Ok(())
}

/// What follows a string; strings end with their line, too.
fn behind_string(mut rest: &[u8], quote: u8) -> &[u8] {
    while let [byte, after @ ..] = rest {
        rest = match (byte, after) {
            (b'\\', [_, after @ ..]) => after,
            _ => after,
        };
        if *byte == quote || *byte == b'\n' {
            break;
        }
    }
    rest
}

/// What follows the first `end`.
fn behind<'a>(rest: &'a [u8], end: &[u8]) -> &'a [u8] {
    memchr::memmem::find(rest, end).map_or(&[], |at| &rest[at + end.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let text = format!("// {0}\n/* {0} */ option a = \"\\\"{0}\"; # {0}\nmessage A {{}}", "{".repeat(100));
        assert_eq!(check(&text), Ok(()));
        let text = format!("/* a */ {}", "{[(<".repeat(17));
        assert_eq!(check(&text), Err(SchemaError::TooComplex));
        assert_eq!(check(&"{}".repeat(1000)), Ok(()));
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        for text in ["\"", "'\\", "/*", "//", "#", "/", ""] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }
}
