//! Where the operator takes its time from: one place.
//!
//! A build with debug assertions can be given a file with an offset, so that tests reach the end of a period; a release
//! build knows no such thing.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    #[cfg(debug_assertions)]
    return Timestamp::now() + moved::offset();
    #[cfg(not(debug_assertions))]
    Timestamp::now()
}

/// The nearest second, as objects show instants.
pub(crate) fn second(at: Timestamp) -> Timestamp {
    at.round(Unit::Second).unwrap_or(at)
}

/// The second that has begun last.
pub(crate) fn second_before(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor)).unwrap_or(at)
}

#[cfg(debug_assertions)]
pub(crate) mod moved {
    use std::{
        path::Path,
        sync::atomic::{AtomicI64, Ordering},
        time::Duration,
    };

    use jiff::SignedDuration;

    static SECONDS: AtomicI64 = AtomicI64::new(0);

    pub(super) fn offset() -> SignedDuration {
        SignedDuration::from_secs(SECONDS.load(Ordering::Relaxed))
    }

    /// Reads the offset from a file, in seconds, again and again. What does not read moves nothing.
    pub(crate) async fn follow(file: &Path) {
        loop {
            let read = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
            if let Some(seconds) = read
                && SECONDS.swap(seconds, Ordering::Relaxed) != seconds
            {
                tracing::warn!(seconds, "The clock is moved, for a test");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
