//! What exporters were seen to hold: which category, where it was seen, which way it went, and when.
//!
//! A category that is held counts against every later recipient of the exporter (rung 2 of the ladder), so each says
//! since when and where it was seen, and a policy can narrow what counts.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{DataCategory, Finding, SeenDirection, Window};
use serde::{Deserialize, Serialize};

use crate::{EdgeId, Exporter, UncertainMatches};

/// How long a category counts as held after it was seen, unless a policy says less.
pub(crate) const HELD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Most places that are kept apart for a category of a workload. What is seen at others counts wherever a policy looks.
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
    /// What was matched, and not so that it counts as seen.
    #[serde(default, skip_serializing_if = "UncertainMatches::is_empty")]
    pub uncertain: UncertainMatches,
    /// Whether nobody has taken note of the last change yet.
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
    /// The same by place; empty of what was kept before places were.
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
    /// Where; `None` of what is not kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<SeenPlace>,
}

/// Where a category was seen: with whom the workload spoke, and which way it went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeenPlace {
    /// Which way, from the workload.
    pub direction: SeenDirection,
    /// Who the other side was, by the name that an edge with it has.
    pub recipient: String,
    /// Name of the endpoint entry, empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub endpoint: String,
    /// Port of the responder: the workload's own where the other side began. 0 where there is none.
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

/// Which sightings count as held, as a policy narrows it. All that it names must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldingRule {
    /// Name of the policy.
    pub policy: String,
    /// Days for which a sighting counts; `None`: 30.
    pub max_age_days: Option<u16>,
    /// Which way it must have gone; `None`: either.
    pub direction: Option<SeenDirection>,
    /// Where it must have been seen; empty: anywhere.
    pub seen_at: Vec<HoldingPath>,
    /// For which recipients it counts; empty: for all.
    pub counts_for: Vec<HoldingPath>,
}

/// Recipients, by what is named of them.
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

    /// Takes a sighting in; whether it is news for the edges of the exporter: one of a category that it was not known
    /// to hold then, or at a place where it was not known to get it.
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
    /// Gives what was kept before places were a place that is not known.
    fn place_old(&mut self) {
        if self.places.is_empty() {
            self.places.push(Arc::new(SeenAt { first: self.first, last: self.last, place: None }));
        }
    }

    /// Whether the place is new, or was forgotten.
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
        // Edges that look at it as it was keep it so.
        let at = Arc::make_mut(at);
        (at.first, at.last) = (at.first.min(start), at.last.max(end));
        is_news
    }

    /// Where it was seen; of what was kept before places were, one that is not known.
    pub(crate) fn sightings(&self) -> impl Iterator<Item = Arc<SeenAt>> + '_ {
        let unplaced = self.places.is_empty();
        let of_old = || Arc::new(SeenAt { first: self.first, last: self.last, place: None });
        unplaced.then(of_old).into_iter().chain(self.places.iter().cloned())
    }
}

impl SeenAt {
    /// Whether it counts for traffic of that time: it was seen before the end of it or in it, and not longer before its
    /// start than `age`.
    pub(crate) fn is_within(&self, first: Timestamp, last: Timestamp, age: SignedDuration) -> bool {
        self.first <= last && first.duration_since(self.last) <= age
    }
}

// === impl HoldingRule ===

impl HoldingRule {
    /// Whether a sighting counts for an edge whose traffic began at `first`. What is not known of the place does not
    /// let it drop: absent evidence never makes a verdict better.
    pub(crate) fn counts(&self, seen: &SeenAt, edge: &EdgeId, first: Timestamp) -> bool {
        let age = self.max_age_days.map_or(HELD, |days| SignedDuration::from_hours(24 * i64::from(days)));
        let for_recipient = |path: &HoldingPath| path.is(&edge.recipient, &edge.endpoint, None);
        let was_there = |place: &SeenPlace| {
            let SeenPlace { direction, recipient, endpoint, port } = place;
            self.direction.is_none_or(|wanted| wanted == *direction)
                && (self.seen_at.is_empty()
                    || self.seen_at.iter().any(|path| path.is(recipient, endpoint, Some(*port))))
        };
        first.duration_since(seen.last) <= age
            && (self.counts_for.is_empty() || self.counts_for.iter().any(for_recipient))
            && seen.place.as_ref().is_none_or(was_there)
    }
}

impl HoldingPath {
    fn is(&self, recipient: &str, endpoint: &str, port: Option<u16>) -> bool {
        self.recipient.as_ref().is_none_or(|wanted| wanted == recipient)
            && self.endpoint.as_ref().is_none_or(|wanted| wanted == endpoint)
            && (self.ports.is_empty() || port.is_none_or(|port| self.ports.contains(&port)))
    }
}
