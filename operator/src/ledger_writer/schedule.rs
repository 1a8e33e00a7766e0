//! When the writer does what, and when it ends.

use jiff::SignedDuration;

/// What the writer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Go on.
    Work,
    /// Judge and seal what is there, then end.
    Close,
    /// End at once: another one may write by now.
    Abandon,
}

/// How often, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// How often edges about which something was learnt are judged.
    pub judge: SignedDuration,
    /// How often the cursor moves though nothing was judged.
    pub checkpoint: SignedDuration,
    /// After which time records are sealed, though they are few.
    pub seal: SignedDuration,
    /// How often the traffic of verdicts that stay is written down.
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
