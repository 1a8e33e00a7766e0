//! Reports the frames that belong to no flow.

use std::fmt;

use landfall_agent::{
    decode::{ENCAPSULATIONS_READ, FrameKinds},
    source::LINK_TYPES_READ,
};

use crate::diagnostics;

/// Kinds of frames, the most frequent first.
struct FrameList<'a>(&'a FrameKinds);

/// Prints the kinds of frames without IP; if no frame carries IP, also which link types can be read.
pub(crate) fn print_frames_without_ip(kinds: &FrameKinds, packets: u64) {
    let total = kinds.total();
    if total == 0 {
        return;
    }
    diagnostics::note(format_args!("{total} frames are not IP, or not in a readable form: {}", FrameList(kinds)));
    if packets == 0 {
        diagnostics::note(format_args!(
            "no frame carries readable IP, so there is no flow. Link types that can be read: {LINK_TYPES_READ}. \
             Encapsulations between link layer and IP: {ENCAPSULATIONS_READ}"
        ));
    }
}

impl fmt::Display for FrameList<'_> {
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
