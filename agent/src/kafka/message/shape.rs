//! The shape of JSON: which names stand where, and what kinds of values, whatever the values are.

#[cfg(test)]
mod tests;

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::{FoldHasher, RandomState};

use super::fields::end_of_string;

/// Documents that are nested more deeply have no shape.
const MAX_DEPTH: usize = 32;

/// Tells shapes apart, by a hash that is seeded anew in every process: whoever writes messages must not be able to make two shapes
/// that count as one.
#[derive(Debug, Default)]
pub(in crate::kafka) struct Shapes(RandomState);

/// What is read of an object or a list that is open.
struct Level<'s> {
    hasher: FoldHasher<'s>,
    /// Of a list: the shape of its last element. Elements of the same shape count as one.
    last: Option<u64>,
    is_list: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Kind {
    Object = 1,
    List,
    String,
    Number,
    Word,
}

// === impl Shapes ===

impl Shapes {
    /// The shape of a document; none if it is not one whole object or list, or nested too deeply.
    pub(in crate::kafka) fn of(&self, json: &[u8]) -> Option<u64> {
        let mut levels: Vec<Level<'_>> = Vec::with_capacity(8);
        let mut at = 0;
        let mut whole = None;
        while let Some(&byte) = json.get(at) {
            if whole.is_some() && !byte.is_ascii_whitespace() {
                return None;
            }
            at += 1;
            match byte {
                b'"' => {
                    let start = at;
                    let end = end_of_string(json, at)?;
                    at = end + 1;
                    let level = levels.last_mut()?;
                    if !level.is_list && next(json, at) == Some(b':') {
                        level.hasher.write(json.get(start..end)?);
                        level.hasher.write_u8(0);
                    } else {
                        level.add(Kind::String as u64);
                    }
                }
                b'{' | b'[' if levels.len() < MAX_DEPTH => {
                    let is_list = byte == b'[';
                    let mut hasher = self.0.build_hasher();
                    hasher.write_u8(if is_list { Kind::List } else { Kind::Object } as u8);
                    levels.push(Level { hasher, last: None, is_list });
                }
                b'}' | b']' => {
                    let closed = levels.pop().filter(|level| level.is_list == (byte == b']'))?;
                    let shape = closed.hasher.finish();
                    match levels.last_mut() {
                        Some(around) => around.add(shape),
                        None => whole = Some(shape),
                    }
                }
                b'-' | b'0'..=b'9' => {
                    at = end_of_scalar(json, at);
                    levels.last_mut()?.add(Kind::Number as u64);
                }
                b't' | b'f' | b'n' => {
                    at = end_of_scalar(json, at);
                    levels.last_mut()?.add(Kind::Word as u64);
                }
                b':' | b',' | b' ' | b'\t' | b'\n' | b'\r' => {}
                _ => return None,
            }
        }
        whole
    }
}

impl Level<'_> {
    fn add(&mut self, shape: u64) {
        if self.is_list && self.last.replace(shape) == Some(shape) {
            return;
        }
        self.hasher.write_u64(shape);
    }
}

fn end_of_scalar(json: &[u8], at: usize) -> usize {
    let rest = json.get(at..).unwrap_or_default();
    let length = rest.iter().position(|byte| b",]}".contains(byte) || byte.is_ascii_whitespace());
    at + length.unwrap_or(rest.len())
}

fn next(json: &[u8], at: usize) -> Option<u8> {
    json.get(at..)?.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}
