/// Size of the window, in bytes.
pub(super) const CAPACITY: usize = 4096;

/// The window's bytes. The buffer has its full size from the first byte on: a buffer that grew would leave copies of
/// the text in memory that it gave back.
#[derive(Default)]
pub(super) struct Text {
    buffer: Vec<u8>,
    len: usize,
}

impl Text {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes as many of `bytes` as there is room for; returns the rest.
    pub(super) fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.buffer.is_empty() {
            self.buffer = vec![0; CAPACITY];
        }
        let (taken, rest) = bytes.split_at(bytes.len().min(CAPACITY - self.len));
        self.buffer[self.len..self.len + taken.len()].copy_from_slice(taken);
        self.len += taken.len();
        rest
    }

    pub(super) fn drop_front(&mut self, len: usize) {
        self.buffer.copy_within(len..self.len, 0);
        self.len -= len;
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Overwrites all of it.
    pub(super) fn wipe(&mut self) {
        self.len = 0;
        self.buffer.fill(0);
        // The fill must not be optimised away before the memory is freed.
        std::hint::black_box(&self.buffer);
    }
}

#[cfg(test)]
impl Text {
    /// Bytes held on the heap.
    pub(super) fn heap_size(&self) -> usize {
        self.buffer.capacity()
    }

    /// Whether nothing of what was read is left.
    pub(super) fn is_wiped(&self) -> bool {
        self.len == 0 && self.buffer.iter().all(|byte| *byte == 0)
    }
}
