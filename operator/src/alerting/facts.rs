//! What dashboards show about transfers beside their amounts. Pure.

use std::sync::Arc;

use landfall_transfer_law::{HopRecord, LocationRecord, Rung};

use super::transfers::located;
use crate::{
    judging::EdgeView,
    metrics::{ANYWHERE, Hop, PLACE_UNKNOWN, TransferCategory, TransferFacts, TransferPlace},
};

/// The categories of a transfer that are exposed. The object has more of them.
const MAX_CATEGORIES: usize = 32;

/// The facts about all known transfers, active or not: a dashboard looks back further than an alert.
pub(super) fn facts(views: &[Arc<EdgeView>]) -> TransferFacts {
    let mut facts = TransferFacts::default();
    for view in views {
        let EdgeView { edge, verdict } = &**view;
        let transfer = located(&edge.id);
        let outcome = verdict.outcome();
        for (jurisdiction, hop) in places(&verdict.location, &verdict.chain) {
            facts.places.insert(TransferPlace { transfer: transfer.clone(), outcome, jurisdiction, hop });
        }
        let rung = verdict.categories.rung.known().copied().unwrap_or(Rung::None);
        for category in verdict.categories.categories.iter().take(MAX_CATEGORIES) {
            let category = category.to_string();
            facts.categories.insert(TransferCategory { transfer: transfer.clone(), category, rung });
        }
        for (state, bytes) in &edge.volume.payload {
            *facts.payload.entry((edge.id.agreement.clone(), *state)).or_default() += bytes;
        }
        let newest = facts.first_seen.entry((transfer, outcome)).or_insert(edge.first_seen);
        *newest = edge.first_seen.max(*newest);
    }
    facts
}

/// Where the recipient processes, and where those do to whom it passes data on. Each place once, as near as possible.
fn places(first: &LocationRecord, chain: &[HopRecord]) -> Vec<(String, Hop)> {
    let LocationRecord { jurisdictions, anywhere, certainty: _ } = first;
    let mut places: Vec<_> = jurisdictions.iter().map(|place| (place.to_string(), Hop::First)).collect();
    if *anywhere {
        places.push((ANYWHERE.to_owned(), Hop::First));
    } else if jurisdictions.is_empty() {
        places.push((PLACE_UNKNOWN.to_owned(), Hop::First));
    }
    for (position, importer) in chain.iter().enumerate() {
        let hop = if position == 0 { Hop::First } else { Hop::Onward };
        let named = importer.places.iter().map(|place| place.to_string());
        for place in named.chain(importer.anywhere.then(|| ANYWHERE.to_owned())) {
            if places.iter().all(|(known, _)| *known != place) {
                places.push((place, hop));
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use landfall_observation::{JurisdictionSet, PayloadState, Recorded};
    use landfall_transfer_law::{Certainty, Outcome};

    use super::*;
    use crate::{
        fixture::{at, edge_views, observation, published},
        judging::Judge,
    };

    fn hop(places: &str, anywhere: bool) -> HopRecord {
        HopRecord {
            exporter: String::new(),
            importer: String::new(),
            places: places.split_whitespace().map(|place| place.parse().unwrap()).collect(),
            anywhere,
            outcome: Recorded::Known(Outcome::Permitted),
            bases: Vec::new(),
        }
    }

    #[test]
    fn each_place_of_the_chain_counts_once_and_no_place_is_one_too() {
        let location = |jurisdictions, anywhere| LocationRecord {
            jurisdictions,
            anywhere,
            certainty: Recorded::Known(Certainty::Unknown),
        };
        let of =
            |places: &[(&str, Hop)]| places.iter().map(|(place, hop)| ((*place).to_owned(), *hop)).collect::<Vec<_>>();
        let (first, onward) = (Hop::First, Hop::Onward);
        let none = location(JurisdictionSet::EMPTY, false);
        assert_eq!(places(&none, &[]), of(&[("unknown", first)]));
        assert_eq!(places(&location(JurisdictionSet::EMPTY, true), &[hop("", true)]), of(&[("anywhere", first)]));
        let two = location(JurisdictionSet::from_codes("DE IE"), false);
        // The first importer has access from its seat, too.
        let chain = [hop("DE CH", false), hop("US IE", false), hop("US", true)];
        let expected = of(&[("DE", first), ("IE", first), ("CH", first), ("US", onward), ("anywhere", onward)]);
        assert_eq!(places(&two, &chain), expected);
    }

    #[test]
    fn facts_join_with_the_amounts_and_tell_the_newest() {
        let published = published();
        let mut judge = Judge::new(SignedDuration::from_hours(24));
        for (seq, host) in [(0, "leak.one.example"), (1, "eu.api.openai.com"), (2, "leak.two.example")] {
            judge.observe(&published, observation("a", seq, host));
        }
        let views: Vec<_> = edge_views(&judge.judge(&published, at(5))).into_iter().map(Arc::new).collect();
        let facts = facts(&views);
        let stranger = |place: &TransferPlace| place.transfer.recipient == "unregistered";
        let strangers: Vec<_> = facts.places.iter().filter(|place| stranger(place)).collect();
        assert_eq!(strangers.len(), 1, "two of them share their labels");
        assert_eq!((strangers[0].jurisdiction.as_str(), strangers[0].outcome), (PLACE_UNKNOWN, Outcome::Unknown));
        let newest = facts.first_seen[&(strangers[0].transfer.clone(), Outcome::Unknown)];
        assert_eq!(newest, at(2));
        let registered: BTreeSet<_> =
            facts.categories.iter().filter(|it| it.transfer.recipient == "openai").map(|it| it.rung).collect();
        assert_eq!(registered, BTreeSet::from([Rung::Assumed]));
        let sent: Vec<_> = facts.payload.iter().map(|((_, state), bytes)| (*state, *bytes)).collect();
        assert_eq!(sent, [(PayloadState::Encrypted, 300)]);
    }
}
