/// The longest line between chunks: the size with its extensions, or a trailer field.
const MAX_LINE: usize = 8192;
/// Maximum number of bytes of trailer fields that are skipped.
const MAX_TRAILERS: usize = 16 * 1024;

/// Takes a chunked body apart (RFC 9112, 7.1), however it is cut into pieces. Extensions and
/// trailer fields are passed over.
#[derive(Debug, Default)]
pub struct Chunked {
    place: Place,
    /// Of the size line: the number so far. Of a chunk: the bytes that are still to come.
    size: u64,
    /// Bytes of the line so far, or of all trailer fields.
    line: usize,
}

/// What comes next in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkedPart {
    /// So many bytes of the input are data.
    Data(usize),
    /// So many bytes of the input are between the data.
    Skip(usize),
    /// So many bytes of the input belong to the end of the body; what follows is another message.
    End(usize),
    /// This is no chunked body.
    Malformed,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the number.
    #[default]
    Size,
    /// Behind the number, up to the line's end.
    Extension,
    /// In the data.
    Data,
    /// At the line end behind the data.
    DataEnd,
    /// In the trailer section; whether the line has other bytes than its end.
    Trailer { empty: bool },
}

impl Chunked {
    /// A body of which nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the first bytes of `input` are; `input` must not be empty. The caller calls again
    /// with what is left.
    pub fn next(&mut self, input: &[u8]) -> ChunkedPart {
        if self.place == Place::Data {
            let take = usize::try_from(self.size).unwrap_or(usize::MAX).min(input.len());
            self.advance(take as u64);
            return ChunkedPart::Data(take);
        }
        for (index, byte) in input.iter().enumerate() {
            match self.line_byte(*byte) {
                Some(Step::On) if self.place == Place::Data => return ChunkedPart::Skip(index + 1),
                Some(Step::On) => {}
                Some(Step::End) => return ChunkedPart::End(index + 1),
                None => return ChunkedPart::Malformed,
            }
        }
        ChunkedPart::Skip(input.len())
    }

    /// Passes over `len` bytes that were lost. Whether the place in the body is still known: the
    /// loss was within the data of one chunk.
    pub fn lost(&mut self, len: u64) -> bool {
        let within = self.place == Place::Data && len <= self.size;
        if within {
            self.advance(len);
        }
        within
    }

    fn advance(&mut self, len: u64) {
        self.size -= len;
        if self.size == 0 {
            self.place = Place::DataEnd;
        }
    }

    /// One byte outside the data. Line ends of a lone LF are accepted, as recipients do.
    fn line_byte(&mut self, byte: u8) -> Option<Step> {
        self.line += 1;
        match (self.place, byte) {
            (Place::Size, b'\n') if self.line == 1 => return None,
            (Place::Size | Place::Extension, b'\n') => {
                self.line = 0;
                self.place = if self.size == 0 { Place::Trailer { empty: true } } else { Place::Data };
            }
            (Place::Size, b';' | b' ' | b'\t' | b'\r') if self.line > 1 => self.place = Place::Extension,
            (Place::Size, digit) => {
                let digit = char::from(digit).to_digit(16)?;
                self.size = self.size.checked_mul(16)?.checked_add(u64::from(digit))?;
            }
            (Place::Extension, _) | (Place::Trailer { .. }, b'\r') => {}
            (Place::DataEnd, b'\r') if self.line == 1 => {}
            (Place::DataEnd, b'\n') => {
                self.line = 0;
                self.place = Place::Size;
            }
            (Place::DataEnd | Place::Data, _) => return None,
            (Place::Trailer { empty: true }, b'\n') => return Some(Step::End),
            (Place::Trailer { .. }, b'\n') => self.place = Place::Trailer { empty: true },
            (Place::Trailer { .. }, _) => self.place = Place::Trailer { empty: false },
        }
        let limit = if matches!(self.place, Place::Trailer { .. }) { MAX_TRAILERS } else { MAX_LINE };
        (self.line <= limit).then_some(Step::On)
    }
}

enum Step {
    On,
    End,
}
