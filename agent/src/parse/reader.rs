/// Reads big-endian fields and length-prefixed vectors off the front of a slice. `None` means
/// that the slice is too short; nothing is consumed then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    /// A vector behind a length of one byte.
    pub(super) fn vec8(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let len = ahead.u8()?;
        let taken = ahead.take(usize::from(len))?;
        *self = ahead;
        Some(taken)
    }

    /// A vector behind a length of two bytes.
    pub(super) fn vec16(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let len = ahead.u16()?;
        let taken = ahead.take(usize::from(len))?;
        *self = ahead;
        Some(taken)
    }
}
