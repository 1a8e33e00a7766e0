use std::fmt;

use landfall_observation::Finding;

use crate::{
    passage::Passage,
    syntax::{Form, Headers, Json},
    tally::Span,
};

/// The syntax of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Plain text, log lines, and everything else.
    Text,
    /// JSON, one document or many.
    Json,
    /// `application/x-www-form-urlencoded`, and the query string of a URL.
    Form,
    /// Header lines of HTTP/1: `Name: value`.
    Headers,
}

/// The record that is being read. It can be used again: [`State::finish`] clears it.
#[derive(Default)]
pub struct State {
    hint: Option<Hint>,
    /// Bytes of the record that were scanned.
    offset: u64,
    passage: Passage,
    json: Json,
    form: Form,
    headers: Headers,
}

/// Reads the next bytes of the record.
///
/// A record may have parts in different syntaxes, such as headers and then a body: a change of the hint ends a part.
/// Two parts with the same hint are separated by [`State::end_part`].
pub fn scan(state: &mut State, chunk: &[u8], hint: Hint) {
    if chunk.is_empty() {
        return;
    }
    if state.hint != Some(hint) {
        state.end_part();
        state.hint = Some(hint);
    }
    let (at, passage) = (state.offset, &mut state.passage);
    match hint {
        Hint::Text => passage.push(chunk, at),
        Hint::Json => state.json.read(chunk, at, passage),
        Hint::Form => state.form.read(chunk, at, passage),
        Hint::Headers => state.headers.read(chunk, at, passage),
    }
    state.offset += chunk.len() as u64;
}

// === impl State ===

impl State {
    /// A state that counts matches.
    pub fn new() -> Self {
        Self::default()
    }

    /// A state that also records where matches are, for [`State::finish_with_spans`].
    ///
    /// Its memory grows with the number of matches.
    pub fn with_spans() -> Self {
        let mut state = Self::new();
        state.passage.tally.want_spans();
        state
    }

    /// Ends a part of the record: no value continues in the next bytes.
    pub fn end_part(&mut self) {
        match self.hint.take() {
            None => {}
            Some(Hint::Text) => self.passage.end(None),
            Some(Hint::Json) => self.json.finish(&mut self.passage),
            Some(Hint::Form) => self.form.finish(&mut self.passage),
            Some(Hint::Headers) => self.headers.finish(&mut self.passage),
        }
    }

    /// Ends the record: one finding per kind of data and certainty, always in the same order.
    pub fn finish(&mut self) -> Vec<Finding> {
        self.finish_with_spans().0
    }

    /// Ends the record, with the byte offsets of the matches since its first byte, in their order.
    ///
    /// The spans are empty unless the state was made by [`State::with_spans`].
    pub fn finish_with_spans(&mut self) -> (Vec<Finding>, Vec<Span>) {
        self.end_part();
        self.offset = 0;
        self.json.reset();
        self.passage.wipe();
        self.passage.tally.take()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("hint", &self.hint).field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.passage.wipe();
    }
}

#[cfg(test)]
mod tests;
