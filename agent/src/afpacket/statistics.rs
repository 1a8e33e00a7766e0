//! Counters of the capture and of the kernel.

use super::ring::KernelCounts;

/// Frames by outcome. Only `yielded` and `dropped` concern captured traffic that counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaptureStatistics {
    /// Frames that were yielded.
    pub yielded: u64,
    /// Frames that the kernel dropped because the ring was full. Their bytes are not accounted.
    pub dropped: u64,
    /// Times that the ring was full.
    pub freezes: u64,
    /// Frames that count at another captured interface.
    pub copies: u64,
    /// Frames of interfaces that are not captured, which passed the filter before it was updated.
    pub unwanted: u64,
    /// Frames in damaged blocks.
    pub damaged: u64,
    /// Interfaces that are captured now.
    pub interfaces: u64,
    /// Interfaces that are configured by name and do not exist.
    pub absent: u64,
}

impl CaptureStatistics {
    /// Adds what the kernel counted since it was last asked.
    pub(super) fn add(&mut self, counts: KernelCounts) {
        let KernelCounts { frames: _, drops, freezes } = counts;
        self.dropped += u64::from(drops);
        self.freezes += u64::from(freezes);
    }
}
