//! Where the operator takes its time from: one place.
//!
//! A build with debug assertions can be given a file with an offset, so that tests reach the end of a period; a release
//! build knows no such thing.

use jiff::{Timestamp, Unit};

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

    /// From now on the clock is moved by what stands in the file, in seconds.
    pub(crate) fn by(file: PathBuf) {
        // A second start in one process keeps the first file.
        let _ = FILE.set(file);
    }

    /// Read anew each time, so that whoever writes the file need not wait. What does not read, such as a file that is
    /// being written, moves nothing.
    pub(super) fn offset() -> SignedDuration {
        let text = FILE.get().and_then(|file| std::fs::read_to_string(file).ok());
        if let Some(seconds) = text.and_then(|text| text.trim().parse().ok())
            && SECONDS.swap(seconds, Ordering::Relaxed) != seconds
        {
            tracing::warn!(seconds, "The clock is moved, for a test");
        }
        SignedDuration::from_secs(SECONDS.load(Ordering::Relaxed))
    }
}
