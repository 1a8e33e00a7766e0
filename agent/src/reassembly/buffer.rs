use std::fmt;

/// Bytes of a payload, which are overwritten before they are freed. Its `Debug` shows only the length.
#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// A copy of `bytes`.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }

    /// An empty buffer with this capacity.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// Appends `more`. If the bytes are reallocated, the old allocation is overwritten too.
    pub fn extend(&mut self, more: &[u8]) {
        let needed = self.bytes.len() + more.len();
        if needed > self.bytes.capacity() && !self.bytes.is_empty() {
            let mut moved = Vec::with_capacity(needed.next_power_of_two());
            moved.extend_from_slice(&self.bytes);
            self.wipe();
            self.bytes = moved;
        }
        self.bytes.extend_from_slice(more);
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Memory in use, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    fn wipe(&mut self) {
        self.bytes.fill(0);
        // Keeps the compiler from optimising the overwriting away.
        std::hint::black_box(&self.bytes);
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.bytes.len())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_appended_in_order_and_not_shown() {
        let mut buffer = Buffer::default();
        for part in ["erika", "@", "example.org"] {
            buffer.extend(part.as_bytes());
        }
        assert_eq!(buffer.as_slice(), b"erika@example.org");
        assert_eq!(format!("{buffer:?}"), "[17 bytes]");
        assert!(buffer.heap_bytes() >= buffer.len());
    }
}
