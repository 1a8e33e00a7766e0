//! Finds personal data in bytes as they pass: which kinds, how often and under which keys.
//!
//! ```text
//! bytes ─► syntax (Text, Json, Form, Headers) ─► passages ─► detectors: by text, by key ─► tally ─► Finding
//! ```
//!
//! # Terms
//!
//! * A *record* is what one [`State::finish`] closes: a message, or a request with its headers and body.
//! * A *passage* is decoded text that belongs together: one string, one form value, one header
//!   value, or a whole plain text. A detector never looks across two passages.
//! * A *place* says where a match was, by a known word for its key or header. Other names of keys are not shown:
//!   they are data of whoever sends them.
//! * A value is *judged by its key* (`vorname`, `telefon`, `street`) where the value alone would prove nothing.
//!
//! Nothing is parsed into a tree: keys are found in the bytes, so that broken, cut and concatenated documents are read,
//! too. The result depends on the bytes and not on how they were cut into chunks. A new detector is a file and a row in
//! the table of `detectors.rs`, which says how.
//!
//! # Example
//!
//! ```
//! use landfall_detect::{Hint, State, scan};
//!
//! let mut state = State::new();
//! scan(&mut state, br#"{"customer": {"email": "erika@exam"#, Hint::Json);
//! scan(&mut state, br#"ple.org", "vorname": "Erika"}}"#, Hint::Json);
//! let findings = state.finish();
//!
//! let seen: Vec<_> = findings.iter().map(|f| (f.detector.as_str(), f.places[0].to_string())).collect();
//! assert_eq!(seen, [("email", "key:email".to_owned()), ("name", "key:vorname".to_owned())]);
//! ```
//!
//! # Untrusted input
//!
//! Detectors never fail: they find or they do not. No input makes them panic. A [`State`] holds at
//! most some tens of KiB whatever the stream is: passages are read through a window of fixed size,
//! nesting is followed to a fixed depth, keys of up to 64 bytes are read, and at most 16 places are
//! kept for a finding. Time is linear in the bytes, and no bytes take much longer than those of dense text
//! (docs/performance.md). No finding, span or `Debug` output holds a matched value or the name of a
//! key; a key that is no known word reads `key:*`. Buffers are overwritten when a record
//! is finished and when the state is dropped.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod detectors;
mod key;
mod meaning;
mod passage;
mod siblings;
mod state;
mod syntax;
mod tally;

pub use detectors::detectors;
pub use state::{Hint, State, scan};
pub use tally::Span;
