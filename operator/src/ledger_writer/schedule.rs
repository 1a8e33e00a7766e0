//! Intervals of the writer, and the commands that end it.

use jiff::SignedDuration;

/// A command to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Keep running.
    Work,
    /// Judge and seal everything that is left, then end.
    Close,
    /// End at once: another writer may have taken over.
    Abandon,
}

/// Intervals and retention.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// How often edges with new facts are judged.
    pub judge: SignedDuration,
    /// How often the cursor is written even if there is nothing to record.
    pub checkpoint: SignedDuration,
    /// Maximum age of unsealed records.
    pub seal: SignedDuration,
    /// How often the traffic under unchanged verdicts is rolled up.
    pub roll_up: SignedDuration,
    /// How long an edge without traffic is kept.
    pub keep: SignedDuration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            judge: SignedDuration::from_secs(1),
            checkpoint: SignedDuration::from_secs(10),
            seal: SignedDuration::from_mins(5),
            roll_up: SignedDuration::from_hours(24),
            keep: SignedDuration::from_hours(30 * 24),
        }
    }
}
