//! Explains held categories: since when and where each was seen, and so why it counts against a recipient.

use jiff::Timestamp;
use landfall_observation::{DataCategory, Rung};
use std::borrow::Cow;

use super::{Case, builder::VerdictBuilder};
use crate::{
    SeenPlace, Sentence, Sighting,
    verdict::{Ground, NoteCode},
};

/// The most places that the grounds of a verdict name; its sightings contain all.
const MAX_PLACES: usize = 4;

/// What was seen at one place.
struct AtPlace<'a> {
    place: Option<&'a SeenPlace>,
    since: Timestamp,
    categories: Vec<&'a DataCategory>,
}

impl<'a> Case<'a> {
    /// Adds where the counting categories were seen, and which ones a policy excludes.
    pub(super) fn holding(self, builder: &mut VerdictBuilder<'a>) {
        let policies = &self.agreement.policy.holding;
        if !policies.is_empty() {
            let categories: Vec<_> = self.held.left_out().collect();
            if !categories.is_empty() {
                let policies = policies.iter().map(|rule| rule.policy.as_str().into()).collect();
                let categories = categories.into();
                let says = if self.edge.id.exporter.is_topic() {
                    Sentence::HoldingOfTopicNarrowed { categories, policies }
                } else {
                    Sentence::HoldingNarrowed { categories, policies }
                };
                builder.note(NoteCode::HoldingNarrowed, says);
            }
        }
        if builder.verdict.categories.rung != Rung::Held {
            return;
        }
        let counting: Vec<&Sighting> = self.edge.categories.sightings.iter().filter(|one| self.counts(one)).collect();
        let mut places: Vec<AtPlace<'a>> = Vec::new();
        for Sighting { category, seen } in counting.iter().copied() {
            let place = seen.place.as_ref();
            match places.iter_mut().find(|at| at.place == place) {
                Some(at) => {
                    at.since = at.since.min(seen.first);
                    at.categories.push(category);
                }
                None => places.push(AtPlace { place, since: seen.first, categories: vec![category] }),
            }
        }
        // The earliest sighting first: the workload has held the category since then.
        places.sort_by_key(|at| at.since);
        let more = places.len().saturating_sub(MAX_PLACES);
        for AtPlace { place, since, categories } in places.into_iter().take(MAX_PLACES) {
            builder.trailing_grounds.push(Ground::new(Sentence::HeldSince {
                categories: categories.into(),
                place: place.map(Cow::Borrowed),
                since,
            }));
        }
        if more > 0 {
            builder.trailing_grounds.push(Ground::new(Sentence::HeldElsewhere { places: more }));
        }
        builder.verdict.sightings = counting;
    }

    fn counts(self, sighting: &Sighting) -> bool {
        let policies = &self.agreement.policy.holding;
        let Sighting { category, seen } = sighting;
        self.held.contains(category)
            && (policies.is_empty()
                || policies.iter().any(|rule| rule.counts(seen, &self.edge.id, self.edge.first_seen)))
    }
}
