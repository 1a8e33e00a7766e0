//! The parts of a datagram.

use std::collections::BTreeMap;

use crate::{packet::Fragment, reassembly::Buffer};

/// The longest datagram, without a jumbogram's length (RFC 791, RFC 8200).
const MAX_LENGTH: u32 = 65_535;
/// Most parts of a datagram: 65,535 bytes over links of 576 are 119. Tiny parts serve evasion alone.
const MAX_PARTS: usize = 128;
/// What keeping one part costs beside its bytes: its place in the tree and its allocation.
const PART: usize = 96;

/// An incomplete datagram.
#[derive(Debug)]
pub(super) struct Datagram {
    /// Distinguishes it from earlier and later datagrams with the same key.
    pub(super) number: u64,
    /// When its first part arrived, in milliseconds.
    pub(super) since: i64,
    /// The parts by where they begin, which never overlap; `None` once it is given up, for the rest of its time.
    parts: Option<BTreeMap<u32, Buffer>>,
    /// Its length, once its last part was seen.
    length: Option<u32>,
    /// Bytes in `parts`.
    held: u32,
    memory_bytes: usize,
}

/// The result of adding a part.
#[derive(Debug)]
pub(super) enum Placed {
    Held,
    /// The datagram is complete.
    Complete(Buffer),
    /// The datagram is abandoned because of the part.
    Refused,
    /// The datagram is abandoned because the part was truncated by the capture.
    Cut,
    /// The datagram was already abandoned.
    GivenUp,
}

impl Datagram {
    pub(super) fn begin(number: u64, since: i64) -> Self {
        Self { number, since, parts: Some(BTreeMap::new()), length: None, held: 0, memory_bytes: 0 }
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.parts.is_none()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Gives the datagram up, unless it was before.
    pub(super) fn refuse(&mut self) -> Placed {
        self.give_up(Placed::Refused)
    }

    pub(super) fn place(&mut self, part: &Fragment<'_>) -> Placed {
        let &Fragment { id: _, protocol_number: _, offset, more, body, body_len } = part;
        let end = offset.saturating_add(body_len);
        if body.len() < body_len as usize {
            return self.give_up(Placed::Cut);
        }
        let Some(parts) = &mut self.parts else { return Placed::GivenUp };
        let is_odd = more && !body_len.is_multiple_of(8);
        let is_last_again = !more && self.length.is_some_and(|length| length != end);
        let is_beyond = end > self.length.unwrap_or(MAX_LENGTH);
        if body_len == 0 || is_odd || is_last_again || is_beyond {
            return self.refuse();
        }
        if let Some((begin, before)) = parts.range(..end).next_back() {
            // The same part once more is what a repeated packet brings, and takes nothing away (RFC 8200, 4.5).
            if *begin == offset && before.as_slice() == body {
                return Placed::Held;
            }
            if begin + u32::try_from(before.len()).unwrap_or(u32::MAX) > offset {
                return self.refuse();
            }
        }
        if !more && parts.last_key_value().is_some_and(|(begin, _)| *begin > offset) || parts.len() == MAX_PARTS {
            return self.refuse();
        }
        if !more {
            self.length = Some(end);
        }
        self.held += body_len;
        if Some(self.held) == self.length {
            return Placed::Complete(joined(parts, offset, body, self.held as usize));
        }
        let buffer = Buffer::copy_of(body);
        self.memory_bytes += PART + buffer.heap_bytes();
        parts.insert(offset, buffer);
        Placed::Held
    }

    fn give_up(&mut self, why: Placed) -> Placed {
        if self.parts.take().is_none() {
            return Placed::GivenUp;
        }
        self.memory_bytes = 0;
        why
    }
}

/// All parts one behind the other, `body` at `offset` among them.
fn joined(parts: &BTreeMap<u32, Buffer>, offset: u32, body: &[u8], length: usize) -> Buffer {
    let mut whole = Buffer::with_capacity(length);
    for (_, part) in parts.range(..offset) {
        whole.extend(part.as_slice());
    }
    whole.extend(body);
    for (_, part) in parts.range(offset..) {
        whole.extend(part.as_slice());
    }
    whole
}
