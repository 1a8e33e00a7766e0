use std::collections::BTreeMap;

use super::{Buffer, Piece, cut, piece_len};

/// Memory of a part in addition to its bytes: its entry in the tree and its allocation.
const OVERHEAD: usize = 96;

/// Parts of a stream that arrived early. They never overlap.
#[derive(Debug, Default)]
pub(super) struct Early {
    parts: BTreeMap<u64, Held>,
    cost: usize,
}

/// A buffered part.
#[derive(Debug)]
pub(super) enum Held {
    Data(Buffer),
    /// This number of bytes was not captured.
    Gap(u64),
}

impl Held {
    pub(super) fn piece(&self) -> Piece<'_> {
        match self {
            Self::Data(buffer) => Piece::Data(buffer.as_slice()),
            Self::Gap(len) => Piece::Gap(*len),
        }
    }

    fn cost(&self) -> usize {
        match self {
            Self::Data(buffer) => OVERHEAD + buffer.heap_bytes(),
            Self::Gap(_) => OVERHEAD,
        }
    }
}

impl Early {
    /// Buffers the parts of `piece` that are not buffered yet.
    pub(super) fn hold(&mut self, start: u64, piece: Piece<'_>) {
        let end = start + piece_len(&piece);
        let mut at = start;
        // The preceding part may overlap this one.
        if let Some((first, held)) = self.parts.range(..=start).next_back() {
            at = at.max(first + piece_len(&held.piece()));
        }
        while at < end {
            let following = self.parts.range(at..).next().map(|(first, held)| (*first, piece_len(&held.piece())));
            let until = following.map_or(end, |(first, _)| first.min(end));
            if at < until {
                self.insert(at, &cut(&piece, at - start, until - start));
            }
            at = following.map_or(end, |(first, len)| first + len);
        }
    }

    fn insert(&mut self, at: u64, piece: &Piece<'_>) {
        let held = match piece {
            Piece::Data(bytes) => Held::Data(Buffer::copy_of(bytes)),
            Piece::Gap(len) => Held::Gap(*len),
            Piece::End => return,
        };
        self.cost += held.cost();
        self.parts.insert(at, held);
    }

    /// Offset of the first part.
    pub(super) fn first(&self) -> Option<u64> {
        self.parts.first_key_value().map(|(first, _)| *first)
    }

    /// Removes and returns the part that begins at `at`.
    pub(super) fn take(&mut self, at: u64) -> Option<Held> {
        let held = self.parts.remove(&at)?;
        self.cost -= held.cost();
        Some(held)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Memory in use, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.cost
    }
}
