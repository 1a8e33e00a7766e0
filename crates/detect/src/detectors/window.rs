//! What detectors look at, and what they say.

use std::ops::Range;

use landfall_observation::{FindingCertainty, KeyKind};

use super::{DetectorId, context::AbsentWords};
use crate::meaning::Meaning;

/// Text and what is known about it.
pub(crate) struct Window<'a> {
    pub(super) text: &'a [u8],
    /// Matches start here or later; what is before is context.
    pub(super) from: usize,
    /// Matches start before this.
    pub(super) limit: usize,
    /// What is before belongs to a match that was found earlier.
    pub(super) claimed: usize,
    pub(super) meaning: Meaning,
    /// Whether the text is a key.
    pub(super) is_key: bool,
    /// What is known of the words before the last candidate.
    pub(super) absent_words: AbsentWords,
}

/// What a detector found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What it rests on. `None`: it is certainly something else, and no other detector may look into it.
    pub(super) certainty: Option<FindingCertainty>,
}

/// A match, or a stretch that is known to be something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What it is and on what that rests; `None`: nothing of interest.
    pub(crate) finding: Option<(DetectorId, FindingCertainty)>,
}

// === impl Window ===

impl<'a> Window<'a> {
    /// A window of `text` whose matches start in `starts`.
    pub(crate) fn new(text: &'a [u8], starts: Range<usize>, claimed: usize, meaning: Meaning, is_key: bool) -> Self {
        let absent_words = AbsentWords::default();
        Self { text, from: starts.start, limit: starts.end, claimed, meaning, is_key, absent_words }
    }

    /// All of a text that has no key.
    #[cfg(test)]
    pub(super) fn without_key(text: &'a str) -> Self {
        Self::new(text.as_bytes(), 0..text.len(), 0, Meaning::default(), false)
    }

    /// Whether the key of the text is one for values of this kind.
    pub(super) fn is_under(&self, kind: KeyKind) -> bool {
        self.meaning.value == Some(kind)
    }
}

// === impl Found ===

impl Found {
    /// The match of the detector that found it.
    pub(super) fn by(self, detector: DetectorId) -> Match {
        let Self { start, end, certainty } = self;
        Match { start, end, finding: certainty.map(|certainty| (detector, certainty)) }
    }
}
