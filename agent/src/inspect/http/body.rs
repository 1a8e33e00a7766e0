use super::reading::Reading;
use crate::{
    inspect::Shared,
    parse::http1::{Chunked, ChunkedPart, Framing},
};

/// Where the body of a message ends.
#[derive(Debug)]
pub(super) enum Body {
    /// After this number of bytes.
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

/// State of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    More,
    Done,
    Malformed,
}

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Length(len) => Self::Length(len),
            Framing::Chunked => Self::Chunked(Chunked::new()),
            Framing::UntilClose => Self::UntilClose,
        }
    }

    /// Reads the body's part of `bytes`; returns its length.
    pub(super) fn feed(&mut self, bytes: &[u8], reading: &mut Reading, shared: &mut Shared) -> (usize, Progress) {
        match self {
            Self::Length(left) => {
                let take = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= take as u64;
                reading.body(&bytes[..take], shared);
                (take, if *left == 0 { Progress::Done } else { Progress::More })
            }
            Self::UntilClose => {
                reading.body(bytes, shared);
                (bytes.len(), Progress::More)
            }
            Self::Chunked(chunked) => {
                let mut used = 0;
                while used < bytes.len() {
                    match chunked.next(&bytes[used..]) {
                        ChunkedPart::Data(len) => {
                            reading.body(&bytes[used..used + len], shared);
                            used += len;
                        }
                        ChunkedPart::Skip(len) => used += len,
                        ChunkedPart::End(len) => return (used + len, Progress::Done),
                        ChunkedPart::Malformed => return (bytes.len(), Progress::Malformed),
                    }
                }
                (used, Progress::More)
            }
        }
    }

    /// Skips lost bytes.
    pub(super) fn gap(&mut self, len: u64, reading: &mut Reading) -> Progress {
        reading.gap();
        match self {
            Self::Length(left) if len <= *left => {
                *left -= len;
                if *left == 0 { Progress::Done } else { Progress::More }
            }
            Self::Length(_) => Progress::Malformed,
            Self::Chunked(chunked) => {
                if chunked.lost(len) {
                    Progress::More
                } else {
                    Progress::Malformed
                }
            }
            Self::UntilClose => Progress::More,
        }
    }
}
