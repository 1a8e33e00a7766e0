/// Maps positions in the window to offsets in the record; kept only where spans are wanted.
#[derive(Default)]
pub(super) struct Offsets {
    /// Position and offset of each run in which both advance together.
    runs: Vec<(usize, u64)>,
    /// The offset after the last byte.
    next: u64,
}

impl Offsets {
    /// Records that the byte at `position` comes from `offset` in the record, and the next one from `next`.
    pub(super) fn add(&mut self, position: usize, offset: u64, next: u64) {
        if self.runs.is_empty() || self.next != offset || self.at(position) != offset {
            self.runs.push((position, offset));
        }
        self.next = next;
    }

    /// The offset of the byte at `position`.
    pub(super) fn at(&self, position: usize) -> u64 {
        let index = self.runs.partition_point(|(start, _)| *start <= position);
        match self.runs.get(index.wrapping_sub(1)) {
            Some((start, offset)) => offset + (position - start) as u64,
            None => 0,
        }
    }

    /// The offset after the byte before `end`, in a window of `len` bytes.
    pub(super) fn after(&self, end: usize, len: usize) -> u64 {
        if end >= len { self.next } else { self.at(end) }
    }

    pub(super) fn clear(&mut self) {
        self.runs.clear();
    }

    /// Forgets the first `by` bytes of the window.
    pub(super) fn shift(&mut self, by: usize) {
        let first = self.at(by);
        self.runs.retain_mut(|(start, _)| {
            let stays = *start > by;
            *start = start.saturating_sub(by);
            stays
        });
        self.runs.insert(0, (0, first));
    }
}

#[cfg(test)]
impl Offsets {
    /// Bytes held on the heap.
    pub(super) fn heap_size(&self) -> usize {
        self.runs.capacity() * size_of::<(usize, u64)>()
    }
}
