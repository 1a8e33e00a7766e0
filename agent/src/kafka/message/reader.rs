//! Bytes that are read from front to back.

use super::DecodeError;

/// The rest of some bytes.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// What it means that they end too early.
    end: DecodeError,
}

// === impl Reader ===

impl<'a> Reader<'a> {
    /// Bytes of which `cut` says that there were more, which are not read.
    pub(super) fn new(bytes: &'a [u8], cut: bool) -> Self {
        Self { rest: bytes, end: if cut { DecodeError::TooLarge } else { DecodeError::Malformed } }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// A part of these bytes as a reader of its own.
    pub(super) fn inner(&mut self, len: u64) -> Result<Self, DecodeError> {
        Ok(Self { rest: self.take(len)?, end: DecodeError::Malformed })
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let (byte, rest) = self.rest.split_first().ok_or(self.end)?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(super) fn take(&mut self, len: u64) -> Result<&'a [u8], DecodeError> {
        let len = usize::try_from(len).map_err(|_| DecodeError::Malformed)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(self.end)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.end)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A number of variable length, seven bits a byte with the lowest first.
    pub(super) fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::Malformed)
    }

    /// A signed number of variable length in zigzag form.
    pub(super) fn zigzag(&mut self) -> Result<i64, DecodeError> {
        self.varint().map(unzigzag)
    }

    /// A zigzag number that is a length or a count.
    pub(super) fn length(&mut self) -> Result<u64, DecodeError> {
        u64::try_from(self.zigzag()?).map_err(|_| DecodeError::Malformed)
    }
}

/// The number that a zigzag form stands for: 0, -1, 1, -2 and so on.
pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_variable_length_are_read() {
        let read = |bytes: &[u8]| Reader::new(bytes, false).varint();
        assert_eq!(read(&[0x96, 0x01]), Ok(150));
        assert_eq!(read(&[0xff; 10]), Err(DecodeError::Malformed));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Ok(u64::MAX));
        assert_eq!(read(&[0x80]), Err(DecodeError::Malformed));
        assert_eq!(Reader::new(&[0x80], true).varint(), Err(DecodeError::TooLarge));
        let numbers = [0, 1, 2, 3, u64::MAX - 1, u64::MAX].map(unzigzag);
        assert_eq!(numbers, [0, -1, 1, -2, i64::MAX, i64::MIN]);
    }

    #[test]
    fn a_length_beyond_the_end_takes_nothing() {
        let mut reader = Reader::new(b"abc", false);
        assert_eq!(reader.take(u64::MAX), Err(DecodeError::Malformed));
        assert_eq!(reader.take(4), Err(DecodeError::Malformed));
        assert_eq!(reader.take(3), Ok(&b"abc"[..]));
        assert!(reader.is_empty());
    }
}
