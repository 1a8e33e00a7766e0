//! The syntaxes: each reader cuts bytes into passages under their keys.
//!
//! A reader takes chunks of any size and keeps no text itself. It reads on where the input is broken.

mod form;
mod headers;
mod json;

pub(crate) use form::Form;
pub(crate) use headers::Headers;
pub(crate) use json::Json;

/// The value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}
