//! The operator's clock, the only place that reads the time.
//!
//! A build with debug assertions can read an offset from a file, so that tests reach the end of a period. A release build
//! cannot.

use jiff::{Timestamp, Unit};

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    #[cfg(debug_assertions)]
    return Timestamp::now() + moved::offset();
    #[cfg(not(debug_assertions))]
    Timestamp::now()
}

/// Rounded to the second, the precision of objects.
pub(crate) fn second(at: Timestamp) -> Timestamp {
    at.round(Unit::Second).unwrap_or(at)
}

#[cfg(debug_assertions)]
pub(crate) mod moved {
    use std::{
        path::PathBuf,
        sync::{
            OnceLock,
            atomic::{AtomicI64, Ordering},
        },
    };

    use jiff::SignedDuration;

    static FILE: OnceLock<PathBuf> = OnceLock::new();
    static SECONDS: AtomicI64 = AtomicI64::new(0);

    /// From now on the clock is offset by the number of seconds in the file.
    pub(crate) fn by(file: PathBuf) {
        // A second start in the same process keeps the first file.
        let _ = FILE.set(file);
    }

    /// Reads the file each time, so that a change takes effect at once. If it cannot be read, for instance while it is being
    /// written, the previous offset stays.
    pub(super) fn offset() -> SignedDuration {
        let text = FILE.get().and_then(|file| std::fs::read_to_string(file).ok());
        if let Some(seconds) = text.and_then(|text| text.trim().parse().ok())
            && SECONDS.swap(seconds, Ordering::Relaxed) != seconds
        {
            tracing::warn!(seconds, "The clock is offset for a test");
        }
        SignedDuration::from_secs(SECONDS.load(Ordering::Relaxed))
    }
}
