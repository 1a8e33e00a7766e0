//! The head of a ledger: noted outside the ledger, it lets anybody check later that the ledger still contains it. Like
//! the signed tree head of a transparency log (RFC 9162, 4.10), it commits to everything up to the end of the ledger.

use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::{Digest, KeyId, PublicKey, SignedManifest};

/// The end of the chain. Its text is `NUMBER:RECORDS:HASH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Number of the last segment.
    pub number: u64,
    /// Records of this segment and all before it.
    pub records: u64,
    /// Hash of its manifest, which contains the hash of the previous one.
    pub hash: Digest,
}

/// An earlier head, as it was noted outside the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotedHead {
    /// Number of the segment.
    pub number: u64,
    /// Records of this segment and all before it; unknown from a manifest, which counts only its own.
    pub records: Option<u64>,
    /// Hash of its manifest.
    pub hash: Digest,
}

/// The text is not a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a head, NUMBER:RECORDS:HASH")]
pub struct ParseHeadError;

/// Why a file of noted heads cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotesError {
    /// Too long.
    #[error("longer than {} bytes", NotedHead::MAX_FILE)]
    TooLong,
    /// Nothing is noted.
    #[error("expected heads, one a line, or a manifest")]
    Empty,
    /// A line is not a head.
    #[error("line {line}: expected a head, NUMBER:RECORDS:HASH")]
    Line {
        /// Its number, from 1.
        line: usize,
    },
    /// A manifest of another ledger, or one that was changed.
    #[error("the manifest is not signed with key {0}")]
    Foreign(KeyId),
}

// === impl Head ===

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, records, hash } = self;
        write!(f, "{number}:{records}:{hash}")
    }
}

impl FromStr for Head {
    type Err = ParseHeadError;

    fn from_str(text: &str) -> Result<Self, ParseHeadError> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(ParseHeadError);
        let [number, records] = [next()?, next()?].map(|part| part.parse().map_err(|_| ParseHeadError));
        let head = Self { number: number?, records: records?, hash: next()?.parse().map_err(|_| ParseHeadError)? };
        // Exactly one spelling, without signs and leading zeros; there is no segment 0.
        if head.number > 0 && head.to_string() == text { Ok(head) } else { Err(ParseHeadError) }
    }
}

// === impl NotedHead ===

impl NotedHead {
    /// The longest file of noted heads: one a day for thirty years.
    pub const MAX_FILE: u64 = 1 << 20;

    /// Reads noted heads: one a line, with comments (`#`) and empty lines; or a copy of a manifest signed with `key`,
    /// which is a head as well.
    pub fn read(notes: &[u8], key: &PublicKey) -> Result<Vec<Self>, NotesError> {
        if notes.len() as u64 > Self::MAX_FILE {
            return Err(NotesError::TooLong);
        }
        if let Ok(signed) = SignedManifest::parse(notes) {
            return if signed.is_signed_by(key) {
                Ok(vec![Self { number: signed.manifest.number, records: None, hash: signed.hash }])
            } else {
                Err(NotesError::Foreign(key.id()))
            };
        }
        let mut heads = Vec::new();
        for (line, text) in (1..).zip(notes.split(|byte| *byte == b'\n')) {
            let text = str::from_utf8(text).map_err(|_| NotesError::Line { line })?.trim();
            if !text.is_empty() && !text.starts_with('#') {
                heads.push(text.parse::<Head>().map_err(|ParseHeadError| NotesError::Line { line })?.into());
            }
        }
        if heads.is_empty() { Err(NotesError::Empty) } else { Ok(heads) }
    }
}

impl From<Head> for NotedHead {
    fn from(Head { number, records, hash }: Head) -> Self {
        Self { number, records: Some(records), hash }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Signer, manifest::tests::sample};

    fn head() -> Head {
        Head { number: 12, records: 345, hash: Digest::hash(b"head") }
    }

    #[test]
    fn a_head_is_read_as_it_is_written_and_no_prefix_of_it_is_one() {
        let text = head().to_string();
        assert_eq!(text.parse(), Ok(head()));
        for end in 0..text.len() {
            assert_eq!(text[..end].parse::<Head>(), Err(ParseHeadError), "{end}");
        }
        let hash = head().hash;
        for bad in [
            format!("0:0:{hash}"),
            format!("+12:345:{hash}"),
            format!("012:345:{hash}"),
            format!("12:345:{hash} "),
            format!("12:345:{hash}:"),
            format!("12:{hash}"),
            text.to_uppercase(),
            format!("99999999999999999999:1:{hash}"),
        ] {
            assert_eq!(bad.parse::<Head>(), Err(ParseHeadError), "{bad}");
        }
    }

    #[test]
    fn a_file_of_heads_is_read_to_its_last_whole_line() {
        let key = Signer::generate().unwrap().public();
        let other = Head { number: 13, ..head() };
        let notes = format!("# noted by the office\n{}\r\n\n{other}\n", head());
        let read = |end: usize| NotedHead::read(&notes.as_bytes()[..end], &key);
        assert_eq!(read(notes.len()), Ok(vec![head().into(), other.into()]));
        // The number of bytes from which the noted lines are complete.
        let [first, second] = [notes.find('\r').unwrap(), notes.len() - 1];
        for end in 0..notes.len() {
            let expected = match end {
                _ if end >= second => Ok(vec![head().into(), other.into()]),
                _ if end >= first && notes[first..end].trim().is_empty() => Ok(vec![head().into()]),
                _ if end >= first => Err(NotesError::Line { line: 4 }),
                _ if notes[..end].lines().count() < 2 => Err(NotesError::Empty),
                _ => Err(NotesError::Line { line: 2 }),
            };
            assert_eq!(read(end), expected, "{end}");
        }
        assert_eq!(NotedHead::read(&vec![b'#'; (1 << 20) + 1], &key), Err(NotesError::TooLong));
        assert_eq!(NotedHead::read(b"\xff", &key), Err(NotesError::Line { line: 1 }));
    }

    #[test]
    fn a_manifest_is_a_head_of_whoever_signed_it() {
        let signer = Signer::generate().unwrap();
        let made = sample(&signer).sign(&signer);
        let (bytes, expected) = (made.to_bytes(), NotedHead { number: 1, records: None, hash: made.hash });
        assert_eq!(NotedHead::read(&bytes, &signer.public()), Ok(vec![expected]));
        for end in 0..bytes.len() {
            assert!(NotedHead::read(&bytes[..end], &signer.public()).is_err(), "{end}");
        }
        let stranger = Signer::generate().unwrap().public();
        assert_eq!(NotedHead::read(&bytes, &stranger), Err(NotesError::Foreign(stranger.id())));
    }
}
