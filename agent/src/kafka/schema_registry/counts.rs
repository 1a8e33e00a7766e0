//! What a client of a registry did.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use super::error::{RegistryError, RegistryFailure};

/// Counters since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryCounts {
    /// Requests sent, those for references included.
    pub requests: u64,
    /// Questions that needed no request: known, known not to be there, or under way.
    pub hits: u64,
    /// Questions without an answer, since the registry is left alone for a while.
    pub held_back: u64,
    /// Failed look-ups by kind, those that did not fail left out.
    pub failures: BTreeMap<RegistryFailure, u64>,
}

/// The same, counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) requests: AtomicU64,
    pub(super) hits: AtomicU64,
    pub(super) held_back: AtomicU64,
    failures: [AtomicU64; RegistryFailure::ALL.len()],
}

// === impl Counters ===

impl Counters {
    pub(super) fn failed(&self, error: &RegistryError) {
        for (kind, count) in RegistryFailure::ALL.iter().zip(&self.failures) {
            if *kind == error.kind() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn counts(&self) -> RegistryCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let failures = RegistryFailure::ALL.into_iter().zip(self.failures.iter().map(of));
        RegistryCounts {
            requests: of(&self.requests),
            hits: of(&self.hits),
            held_back: of(&self.held_back),
            failures: failures.filter(|(_, count)| *count > 0).collect(),
        }
    }
}
