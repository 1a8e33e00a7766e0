//! The state of an edge: its verdict, since when it holds, and the traffic not yet in any record.

use std::sync::Arc;

use jiff::Timestamp;
use landfall_evidence::Digest;
use landfall_transfer_law::{EdgeId, Interval, Outcome, RollupRecord, Traffic, VerdictRecord};
use serde::{Deserialize, Serialize};

/// The state of an edge, in addition to the facts gathered about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeState {
    /// The verdict's outcome.
    #[serde(rename = "outcome")]
    pub(super) outcome: Outcome,
    /// Digest of the verdict's content.
    #[serde(rename = "fingerprint")]
    pub(super) fingerprint: Fingerprint,
    /// The time for which the verdict holds so far.
    #[serde(rename = "interval")]
    pub(super) interval: Interval,
    /// The traffic of that time.
    #[serde(rename = "intervalTraffic")]
    pub(super) interval_traffic: Traffic,
    /// All traffic of the edge that was judged.
    #[serde(rename = "total")]
    pub(super) total: Traffic,
    /// The part of `total` that is in no record yet, and since when.
    #[serde(rename = "unrecorded")]
    unrecorded: Traffic,
    #[serde(rename = "unrecordedSince")]
    unrecorded_since: Timestamp,
    /// When the edge was last recorded, by the operator's clock.
    #[serde(rename = "recordedAt")]
    pub(super) recorded_at: Timestamp,
}

/// Tells whether two verdicts have the same content, regardless of time and ruleset version. It is kept over restarts,
/// so it is a digest of the record's JSON and not of the value in memory. If another version of the program writes the
/// same content differently, the only consequence is one more judgment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint(Digest);

impl Fingerprint {
    pub(super) fn from_verdict(verdict: &VerdictRecord) -> Self {
        let VerdictRecord { outcome, bases, reasons, missing, notes, categories, location, chain, places, .. } =
            verdict;
        let content = (outcome, bases, reasons, missing, notes, categories, location, chain, places);
        Self(Digest::hash(&serde_json::to_vec(&content).expect("a verdict's keys are texts")))
    }
}

impl EdgeState {
    /// The state after the first judgment of an edge, whose record covers all of `traffic`.
    pub(super) fn new(
        outcome: Outcome,
        fingerprint: Fingerprint,
        interval: Interval,
        traffic: Traffic,
        now: Timestamp,
    ) -> Self {
        Self {
            outcome,
            fingerprint,
            interval,
            interval_traffic: traffic,
            total: traffic,
            unrecorded: Traffic::default(),
            unrecorded_since: interval.until,
            recorded_at: now,
        }
    }

    /// Adds traffic under the same verdict; `all` is the edge's total.
    pub(super) fn add_traffic(&mut self, all: Traffic, until: Timestamp) {
        let new_traffic = all.since(self.total);
        self.unrecorded = self.unrecorded.plus(new_traffic);
        self.interval_traffic = self.interval_traffic.plus(new_traffic);
        self.interval.until = self.interval.until.max(until);
        self.total = all;
    }

    /// The roll-up of the unrecorded traffic; `None` if there is none.
    pub(super) fn roll_up(&mut self, edge: &Arc<EdgeId>, now: Timestamp) -> Option<RollupRecord> {
        self.recorded_at = now;
        if self.unrecorded.is_none() {
            return None;
        }
        let interval = Interval { from: self.unrecorded_since.min(self.interval.until), until: self.interval.until };
        let rollup = RollupRecord::new(Arc::clone(edge), interval, std::mem::take(&mut self.unrecorded), self.outcome);
        self.unrecorded_since = interval.until;
        Some(rollup)
    }

    /// Begins a new interval; its judgment covers `traffic`.
    pub(super) fn start_interval(&mut self, interval: Interval, traffic: Traffic) {
        self.interval = interval;
        self.interval_traffic = traffic;
        self.unrecorded_since = interval.until;
    }

    /// Sets a verdict with other content.
    pub(super) fn set_verdict(&mut self, outcome: Outcome, fingerprint: Fingerprint, all: Traffic, now: Timestamp) {
        self.outcome = outcome;
        self.fingerprint = fingerprint;
        self.total = all;
        self.recorded_at = now;
    }
}
