//! The state of an edge: its verdict, since when it holds, and the traffic that no record holds yet.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_evidence::Digest;
use landfall_transfer_law::{EdgeId, Interval, Outcome, RollupRecord, Traffic, VerdictRecord};
use serde::{Deserialize, Serialize};

/// The state of an edge, beside the facts that were gathered about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EdgeState {
    /// What the verdict comes to.
    pub(super) outcome: Outcome,
    /// What the verdict says.
    pub(super) fingerprint: Fingerprint,
    /// The time for which it holds so far.
    pub(super) stretch: Interval,
    /// The traffic of that time.
    pub(super) stretch_traffic: Traffic,
    /// All traffic of the edge that was looked at.
    pub(super) seen: Traffic,
    /// The part of it that no record holds yet, and since when.
    outstanding: Traffic,
    outstanding_from: Timestamp,
    /// When it was last written down, by the operator's clock.
    pub(super) rolled_up: Timestamp,
}

/// Tells verdicts apart by what they say, whenever and under whichever ruleset. Another version of the program may
/// say the same differently; the only consequence is one judgment more. It is remembered over restarts, and so it is a
/// digest of what stands in the record and not of how that is held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint(Digest);

impl Fingerprint {
    pub(super) fn from_verdict(verdict: &VerdictRecord) -> Self {
        let VerdictRecord { outcome, bases, reasons, missing, notes, categories, location, chain, .. } = verdict;
        let said = (outcome, bases, reasons, missing, notes, categories, location, chain);
        Self(Digest::of(&serde_json::to_vec(&said).expect("a verdict's keys are texts")))
    }
}

impl EdgeState {
    /// After the first judgment of an edge, which stands for all of `traffic`.
    pub(super) fn new(
        outcome: Outcome,
        fingerprint: Fingerprint,
        stretch: Interval,
        traffic: Traffic,
        now: Timestamp,
    ) -> Self {
        Self {
            outcome,
            fingerprint,
            stretch,
            stretch_traffic: traffic,
            seen: traffic,
            outstanding: Traffic::default(),
            outstanding_from: stretch.until,
            rolled_up: now,
        }
    }

    /// More traffic under the same verdict.
    pub(super) fn see(&mut self, all: Traffic, until: Timestamp) {
        let fresh = all.since(self.seen);
        self.outstanding = self.outstanding.plus(fresh);
        self.stretch_traffic = self.stretch_traffic.plus(fresh);
        self.stretch.until = self.stretch.until.max(until);
        self.seen = all;
    }

    /// Writes down what is outstanding; `None` if nothing is.
    pub(super) fn roll_up(&mut self, edge: &Arc<EdgeId>, now: Timestamp) -> Option<RollupRecord> {
        self.rolled_up = now;
        if self.outstanding.is_none() {
            return None;
        }
        let interval = Interval { from: self.outstanding_from.min(self.stretch.until), until: self.stretch.until };
        let rollup = RollupRecord::new(Arc::clone(edge), interval, std::mem::take(&mut self.outstanding), self.outcome);
        self.outstanding_from = interval.until;
        Some(rollup)
    }

    /// A new stretch, whose first traffic stands in the judgment that opens it.
    pub(super) fn begin(&mut self, stretch: Interval, traffic: Traffic) {
        self.stretch = stretch;
        self.stretch_traffic = traffic;
        self.outstanding_from = stretch.until;
    }

    /// Another verdict.
    pub(super) fn judged(&mut self, outcome: Outcome, fingerprint: Fingerprint, all: Traffic, now: Timestamp) {
        self.outcome = outcome;
        self.fingerprint = fingerprint;
        self.seen = all;
        self.rolled_up = now;
    }
}
