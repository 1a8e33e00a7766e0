use super::{text, timestamp};
use crate::Column;

/// Another key signs.
pub(super) const KEY_CHANGE: &[Column] = &[
    timestamp("event_at", "at", "when"),
    text("from_key", "from", "id of the key that signed before"),
    text("to_key", "to", "id of the key that signs from then on"),
    text("reason", "reason", "`superseded` or `key-compromise`"),
];

/// A node was not observed.
pub(super) const GAP: &[Column] = &[
    text("node", "node", "the node"),
    timestamp("interval_from", "from", "from when on it was not observed"),
    timestamp("interval_until", "to", "until when; null: ongoing"),
    text("cause", "why", "`agent-absent`, `agent-silent`, `observations-lost`"),
];
