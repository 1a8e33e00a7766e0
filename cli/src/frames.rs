//! Says what the frames were that stand in no flow.

use std::fmt;

use landfall_agent::{
    decode::{ENCAPSULATIONS_READ, FrameKinds},
    source::LINK_TYPES_READ,
};

use crate::diagnostics;

/// Frames by what they are, the most frequent first.
struct Listed<'a>(&'a FrameKinds);

/// Says of all frames that carry no IP what they are, and what could be read if none does.
pub(crate) fn tell_not_ip(kinds: &FrameKinds, packets: u64) {
    let total = kinds.total();
    if total == 0 {
        return;
    }
    diagnostics::note(format_args!("{total} frames are not IP, or not as it is read: {}", Listed(kinds)));
    if packets == 0 {
        diagnostics::note(format_args!(
            "no frame carries IP that is read, so there is no flow. Link types that are read: {LINK_TYPES_READ}. \
             Between them and IP: {ENCAPSULATIONS_READ}"
        ));
    }
}

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kinds) = self;
        let mut separator = "";
        for (kind, count) in kinds.by_count() {
            write!(f, "{separator}{count} {kind}")?;
            separator = ", ";
        }
        if kinds.other() > 0 {
            write!(f, "{separator}{} other", kinds.other())?;
        }
        Ok(())
    }
}
