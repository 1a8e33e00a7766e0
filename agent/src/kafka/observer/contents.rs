//! What was read of a topic.

use jiff::Timestamp;
use landfall_observation::{Direction, Finding, Place, Window};

use crate::{
    inspect::add_finding,
    kafka::{
        message::{FieldFinding, MessagePart, shown},
        sampler::{Counts, Progress},
    },
};

/// What was read of a topic in a window.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    window: Option<Window>,
    /// Messages that were written while the topic was observed.
    counts: Counts,
    inspected_bytes: u64,
    findings: Vec<Finding>,
}

// === impl Contents ===

impl Contents {
    pub(super) fn is_empty(&self) -> bool {
        self.window.is_none()
    }

    pub(super) fn window(&self) -> Option<Window> {
        self.window
    }

    /// Adds what was read. What was there before the topic was observed (`is_old`) shows what it holds, and is no traffic.
    pub(super) fn add(&mut self, progress: &Progress, is_old: bool, now: Timestamp) {
        let Counts { inspected, not_sampled, crashed, .. } = progress.counts;
        if inspected + not_sampled + crashed == 0 {
            // Nothing was written that anybody could read.
            return;
        }
        self.window.get_or_insert(Window::at(now)).include(now);
        self.inspected_bytes += progress.counts.inspected_bytes;
        if !is_old {
            self.counts += progress.counts;
        }
        for found in &progress.findings {
            add_finding(&mut self.findings, finding(found));
        }
    }

    /// Whether there is a kind of data in it, or a greater certainty of one, that `known` lacks.
    pub(super) fn brings_more_than(&self, known: &[Finding]) -> bool {
        let is_known =
            |new: &Finding| known.iter().any(|old| old.category == new.category && old.certainty >= new.certainty);
        !self.findings.iter().all(is_known)
    }

    pub(super) fn add_to(&self, known: &mut Vec<Finding>) {
        for finding in &self.findings {
            add_finding(known, finding.clone());
        }
    }

    /// What each party is taken to have got: what was written, by the size of the messages that were read.
    pub(super) fn direction(&self) -> Direction {
        let Counts { inspected, not_sampled, crashed, bytes, .. } = self.counts;
        let messages = inspected + not_sampled + crashed;
        let estimate = u128::from(bytes) * u128::from(messages) / u128::from(inspected.max(1));
        Direction {
            bytes: u64::try_from(estimate).unwrap_or(u64::MAX),
            estimated: true,
            packets: 0,
            connections: 0,
            messages,
            findings: self.findings.clone(),
            payload_bytes_seen: self.inspected_bytes,
        }
    }
}

/// A finding by field as one by the last name of its path.
fn finding(found: &FieldFinding) -> Finding {
    let FieldFinding { part, path, category, detector, certainty, matches, messages } = found;
    let last = path.split_once('.').map(|(_, names)| names.rsplit('.').next().unwrap_or(names));
    let word = |name: &str| shown(name.as_bytes());
    let place = match (part, last) {
        (MessagePart::Header, name) => Place::Header(name.and_then(word)),
        (MessagePart::Key | MessagePart::Value, None) => Place::Body,
        (MessagePart::Key | MessagePart::Value, Some(name)) => Place::Key(word(name)),
    };
    Finding {
        category: category.clone(),
        detector: detector.clone(),
        certainty: *certainty,
        matches: *matches,
        records: *messages,
        places: vec![place],
    }
}
