//! What dashboards show about transfers beside their amounts. Pure.

use std::sync::Arc;

use landfall_transfer_law::{Outcome, PlaceRecord, Rung, VerdictRecord};

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
        for (jurisdiction, hop, outcome) in places(verdict) {
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

/// Where the recipient processes, and where those do to whom it passes data on, each with the verdict of that place. Each
/// place once, as near as possible.
fn places(verdict: &VerdictRecord) -> Vec<(String, Hop, Outcome)> {
    let VerdictRecord { location, chain, places, .. } = verdict;
    if places.is_empty() {
        return vec![(PLACE_UNKNOWN.to_owned(), Hop::First, verdict.outcome())];
    }
    let importer = chain.first();
    let is_near = |place| {
        location.jurisdictions.contains(place) || importer.is_some_and(|importer| importer.places.contains(place))
    };
    let anywhere_is_near = location.anywhere || importer.is_some_and(|importer| importer.anywhere);
    let hop = |is_near| if is_near { Hop::First } else { Hop::Onward };
    let each = |group: &PlaceRecord| {
        let outcome = group.outcome();
        let named = group.places.iter().map(|place| (place.to_string(), hop(is_near(place)), outcome));
        let unnamed = group.anywhere.then(|| (ANYWHERE.to_owned(), hop(anywhere_is_near), outcome));
        named.chain(unnamed).collect::<Vec<_>>()
    };
    places.iter().flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use landfall_observation::{JurisdictionSet, PayloadState, Recorded};
    use landfall_transfer_law::{Bases, HopRecord, LocationRecord, Places};

    use super::*;
    use crate::{
        fixture::{at, edge_views, observation, published},
        judging::Judge,
        register::Published,
    };

    fn hop(places: &str, anywhere: bool) -> HopRecord {
        HopRecord {
            exporter: String::new(),
            importer: String::new(),
            places: set(places),
            anywhere,
            outcome: Recorded::Known(Outcome::Permitted),
            bases: Vec::new(),
        }
    }

    fn set(places: &str) -> JurisdictionSet {
        places.split_whitespace().map(|place| place.parse().unwrap()).collect()
    }

    /// What is known of the edges to which hosts were seen.
    fn views(published: &Published, hosts: &[&str]) -> Vec<Arc<EdgeView>> {
        let mut judge = Judge::new(SignedDuration::from_hours(24));
        for (seq, host) in (0..).zip(hosts) {
            judge.observe(published, observation("a", seq, host));
        }
        edge_views(&judge.judge(published, at(5))).into_iter().map(Arc::new).collect()
    }

    #[test]
    fn each_place_has_its_own_verdict_and_the_hop_that_is_nearest() {
        let of = |location: &str, chain: &[HopRecord], verdicts: &[(Outcome, &str, bool)]| {
            let place = |&(outcome, places, anywhere): &(Outcome, &str, bool)| PlaceRecord {
                outcome: Recorded::Known(outcome),
                places: set(places),
                anywhere,
            };
            let views = views(&published(), &["leak.one.example"]);
            let verdict = VerdictRecord {
                location: LocationRecord { jurisdictions: set(location), ..views[0].verdict.location.clone() },
                chain: chain.to_vec(),
                places: verdicts.iter().map(place).collect(),
                ..(*views[0].verdict).clone()
            };
            places(&verdict)
        };
        let expected = |places: &[(&str, Hop, Outcome)]| {
            places.iter().map(|(place, hop, outcome)| ((*place).to_owned(), *hop, *outcome)).collect::<Vec<_>>()
        };
        let (first, onward) = (Hop::First, Hop::Onward);
        assert_eq!(of("", &[], &[]), expected(&[("unknown", first, Outcome::Unknown)]));
        let verdicts = [(Outcome::Unlawful, "", true)];
        assert_eq!(of("", &[hop("", true)], &verdicts), expected(&[("anywhere", first, Outcome::Unlawful)]));
        // The first importer has access from its seat, too; one behind it is in the place of the first as well.
        let chain = [hop("DE CH", false), hop("US IE", false), hop("US", true)];
        let verdicts =
            [(Outcome::Unlawful, "US", true), (Outcome::Permitted, "CH", false), (Outcome::IntraEea, "DE IE", false)];
        let places = [
            ("US", onward, Outcome::Unlawful),
            ("anywhere", onward, Outcome::Unlawful),
            ("CH", first, Outcome::Permitted),
            ("DE", first, Outcome::IntraEea),
            ("IE", first, Outcome::IntraEea),
        ];
        assert_eq!(of("DE IE", &chain, &verdicts), expected(&places));
    }

    #[test]
    fn a_transfer_to_a_lawful_and_an_unlawful_place_shows_each_with_its_own() {
        let mut published = (*published()).clone();
        let mut ruleset = (*published.ruleset).clone();
        let openai = ruleset.recipients.get_mut("openai").unwrap();
        openai.onward = Some(Vec::new());
        openai.contracting_entity.seat = "IE".parse().unwrap();
        for entry in openai.endpoints.values_mut() {
            entry.processing = Places::Only(set("DE"));
            (entry.storage, entry.access) = (Some(Places::Only(set("IN"))), None);
        }
        // Nothing carries a transfer to a third country.
        ruleset.bases = Bases::default();
        published.ruleset = Arc::new(ruleset);
        let facts = facts(&views(&published, &["eu.api.openai.com"]));
        let places: Vec<_> = facts.places.iter().map(|it| (it.jurisdiction.as_str(), it.hop, it.outcome)).collect();
        let expected = [("DE", Outcome::IntraEea), ("IE", Outcome::IntraEea), ("IN", Outcome::Unlawful)];
        assert_eq!(places, expected.map(|(place, outcome)| (place, Hop::First, outcome)));
        // The transfer has one verdict.
        let outcomes: Vec<_> = facts.first_seen.keys().map(|(_, outcome)| *outcome).collect();
        assert_eq!(outcomes, [Outcome::Unlawful]);
    }

    #[test]
    fn facts_join_with_the_amounts_and_tell_the_newest() {
        let facts = facts(&views(&published(), &["leak.one.example", "eu.api.openai.com", "leak.two.example"]));
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
