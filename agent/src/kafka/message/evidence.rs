//! Whether what was found of a category is enough to say that it is there.

use landfall_observation::FindingCertainty;

/// In how many messages contextual matches suffice (design, ladder of categories).
const ENOUGH_MESSAGES: u64 = 3;

/// What was found of one category in one place.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::kafka) struct Evidence {
    is_validated: bool,
    contextual_messages: u64,
}

// === impl Evidence ===

impl Evidence {
    /// Adds matches of a certainty, in so many messages.
    pub(in crate::kafka) fn add(&mut self, certainty: FindingCertainty, messages: u64) {
        match certainty {
            FindingCertainty::Validated => self.is_validated = true,
            FindingCertainty::Contextual => {
                self.contextual_messages = self.contextual_messages.saturating_add(messages);
            }
            FindingCertainty::Heuristic => {}
        }
    }

    /// One validated match is, and so are contextual ones in three messages.
    pub(in crate::kafka) fn is_enough(self) -> bool {
        self.is_validated || self.contextual_messages >= ENOUGH_MESSAGES
    }
}
