//! Which categories an exporter was seen to hold: where, in which direction, and when.
//!
//! A held category counts against every later recipient of the exporter (rung 2 of the ladder). So each is kept with
//! time and place, and a policy can narrow what counts.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{DataCategory, Finding, SeenDirection, Window};
use serde::{Deserialize, Serialize};

use crate::{EdgeId, Exporter, UncertainMatches};

/// How long a category counts as held after it was seen, unless a policy says less.
pub(crate) const HELD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The most places kept for a category of a workload. Sightings at further places are kept without a place, and count
/// under every policy.
const MAX_PLACES: usize = 8;

/// What an exporter was seen to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// Name of the cluster.
    pub cluster: String,
    /// The exporter.
    pub exporter: Exporter,
    /// The categories, and when each was seen.
    pub categories: BTreeMap<DataCategory, Seen>,
    /// Matches that do not suffice to count as seen.
    #[serde(default, skip_serializing_if = "UncertainMatches::is_empty")]
    pub uncertain: UncertainMatches,
    /// Whether it changed since it was last taken.
    #[serde(skip)]
    pub(crate) touched: bool,
}

/// When a category was seen at a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Start of the first window with it.
    pub first: Timestamp,
    /// End of the last window with it.
    pub last: Timestamp,
    /// The sightings by place; empty in records of versions that did not store places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Arc<SeenAt>>,
}

/// When a category was seen at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeenAt {
    /// Start of the first window with it.
    pub first: Timestamp,
    /// End of the last window with it.
    pub last: Timestamp,
    /// Where; `None` if the place was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<SeenPlace>,
}

/// Where a category was seen: the other side of the traffic, and the direction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeenPlace {
    /// The direction, seen from the workload.
    pub direction: SeenDirection,
    /// The other side, by the name that its edge has.
    pub recipient: String,
    /// Name of the endpoint entry, empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub endpoint: String,
    /// Port of the responder: the workload's own if the other side opened the connection. 0 if there is none.
    pub port: u16,
}

/// A category that an edge's workload holds, and one place where it was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Sighting {
    /// The category.
    pub category: DataCategory,
    /// Where and when.
    #[serde(flatten)]
    pub seen: Arc<SeenAt>,
}

/// Which sightings count as held, narrowed by a policy. A sighting must match everything it names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldingRule {
    /// Name of the policy.
    pub policy: String,
    /// Days for which a sighting counts; `None`: 30.
    pub max_age_days: Option<u16>,
    /// The direction; `None`: either.
    pub direction: Option<SeenDirection>,
    /// Where it must have been seen; empty: anywhere.
    pub seen_at: Vec<HoldingPath>,
    /// For which recipients it counts; empty: for all.
    pub counts_for: Vec<HoldingPath>,
}

/// Selects recipients; a field that is not set matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldingPath {
    /// Name of the recipient, as an edge has it.
    pub recipient: Option<String>,
    /// Name of the endpoint entry.
    pub endpoint: Option<String>,
    /// Ports of the responder; empty: all.
    pub ports: Vec<u16>,
}

// === impl Holdings ===

impl Holdings {
    pub(crate) fn new(cluster: &str, exporter: &Exporter) -> Self {
        Self {
            cluster: cluster.to_owned(),
            exporter: exporter.clone(),
            categories: BTreeMap::new(),
            uncertain: UncertainMatches::default(),
            touched: true,
        }
    }

    /// Adds a sighting. Returns whether it changes what the exporter's edges show: a category that it was not known to
    /// hold at that time, or a new place.
    pub(crate) fn see(&mut self, finding: &Finding, place: &SeenPlace, window: Window) -> bool {
        let category = &finding.category;
        if !self.uncertain.admit(finding, self.categories.contains_key(category)) {
            return false;
        }
        let Window { start, end } = window;
        let entry = self.categories.entry(category.clone()).and_modify(Seen::place_old);
        let seen = entry.or_insert_with(|| Seen { first: start, last: end, places: Vec::new() });
        let is_news = start < seen.first || start.duration_since(seen.last) > HELD;
        (seen.first, seen.last) = (seen.first.min(start), seen.last.max(end));
        seen.at(place, window) || is_news
    }
}

// === impl Seen ===

impl Seen {
    /// Adds an unknown place to a record of a version that did not store places.
    fn place_old(&mut self) {
        if self.places.is_empty() {
            self.places.push(Arc::new(SeenAt { first: self.first, last: self.last, place: None }));
        }
    }

    /// Adds a sighting at a place; returns whether the place is new, or was out of date.
    fn at(&mut self, place: &SeenPlace, Window { start, end }: Window) -> bool {
        let is_at = |at: &Arc<SeenAt>, wanted: Option<&SeenPlace>| at.place.as_ref() == wanted;
        let mut position = self.places.iter().position(|at| is_at(at, Some(place)));
        let kept = self.places.iter().filter(|at| at.place.is_some()).count();
        let mut kept_as = Some(place);
        if position.is_none() && kept >= MAX_PLACES {
            kept_as = None;
            position = self.places.iter().position(|at| is_at(at, None));
        }
        let Some(at) = position.and_then(|position| self.places.get_mut(position)) else {
            self.places.push(Arc::new(SeenAt { first: start, last: end, place: kept_as.cloned() }));
            return true;
        };
        let is_news = start < at.first || start.duration_since(at.last) > HELD;
        // Edges that share the old value keep it.
        let at = Arc::make_mut(at);
        (at.first, at.last) = (at.first.min(start), at.last.max(end));
        is_news
    }

    /// The sightings by place; a record of a version that did not store places has one without a place.
    pub(crate) fn sightings(&self) -> impl Iterator<Item = Arc<SeenAt>> + '_ {
        let unplaced = self.places.is_empty();
        let of_old = || Arc::new(SeenAt { first: self.first, last: self.last, place: None });
        unplaced.then(of_old).into_iter().chain(self.places.iter().cloned())
    }
}

impl SeenAt {
    /// Whether it counts for traffic of that time: it was seen before the traffic ended, and not more than `age` before
    /// it began.
    pub(crate) fn is_within(&self, first: Timestamp, last: Timestamp, age: SignedDuration) -> bool {
        self.first <= last && first.duration_since(self.last) <= age
    }
}

// === impl HoldingRule ===

impl HoldingRule {
    /// Whether a sighting counts for an edge whose traffic began at `first`. One without a place always matches the
    /// place: missing evidence never improves a verdict.
    pub(crate) fn counts(&self, seen: &SeenAt, edge: &EdgeId, first: Timestamp) -> bool {
        let age = self.max_age_days.map_or(HELD, |days| SignedDuration::from_hours(24 * i64::from(days)));
        let for_recipient = |path: &HoldingPath| path.is(&edge.recipient, &edge.endpoint, None);
        let matches_place = |place: &SeenPlace| {
            let SeenPlace { direction, recipient, endpoint, port } = place;
            self.direction.is_none_or(|wanted| wanted == *direction)
                && (self.seen_at.is_empty()
                    || self.seen_at.iter().any(|path| path.is(recipient, endpoint, Some(*port))))
        };
        first.duration_since(seen.last) <= age
            && (self.counts_for.is_empty() || self.counts_for.iter().any(for_recipient))
            && seen.place.as_ref().is_none_or(matches_place)
    }
}

impl HoldingPath {
    fn is(&self, recipient: &str, endpoint: &str, port: Option<u16>) -> bool {
        self.recipient.as_ref().is_none_or(|wanted| wanted == recipient)
            && self.endpoint.as_ref().is_none_or(|wanted| wanted == endpoint)
            && (self.ports.is_empty() || port.is_none_or(|port| self.ports.contains(&port)))
    }
}
