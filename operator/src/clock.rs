//! Where the operator takes its time from: one place.

use jiff::Timestamp;

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
