//! The ways bytes are written: each reader cuts them into passages under their keys.
//!
//! A reader takes chunks of any size, keeps no text itself, and reads on whatever is broken.

mod form;
mod headers;
mod json;

pub(crate) use form::Form;
pub(crate) use headers::Headers;
pub(crate) use json::Json;
