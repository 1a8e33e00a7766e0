//! Where the first hop processes: what is attested, and whether evidence agrees.

use super::*;

#[test]
fn the_place_of_a_stranger_is_observed_or_hinted() {
    let rules = american();
    let mut hint = located(to_stranger(), Some("US"));
    hint.location[0].method = LocationMethod::CountryDb;
    hint.location[0].confidence = Confidence::Low;
    let certainty = |edge: &Edge| judged(&rules, edge, now()).location.certainty;
    assert_eq!(certainty(&located(to_stranger(), Some("US"))), Certainty::Observed);
    assert_eq!(certainty(&hint), Certainty::Hint);
    assert_eq!(certainty(&to_stranger()), Certainty::Unknown);
}

#[test]
fn evidence_conflicts_only_when_it_is_worse_and_then_the_worse_counts() {
    let in_germany = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let verdict = judged(&in_germany, &located(to_acme(), Some("US")), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::Unlawful, vec![NoteCode::LocationConflict]));
    assert_eq!((verdict.location.certainty, verdict.location.jurisdictions), (Certainty::Conflict, places("DE US")));

    let mut hint = located(to_acme(), Some("US"));
    hint.location[0].method = LocationMethod::CountryDb;
    assert_eq!(outcome(&in_germany, &hint), Outcome::IntraEea);
    let edge_of_a_network = judged(&in_germany, &located(to_acme(), None), now());
    assert_eq!(
        (edge_of_a_network.outcome, notes(&edge_of_a_network)),
        (Outcome::IntraEea, vec![NoteCode::LocationUncorroborated])
    );
    let another_member_state = judged(&in_germany, &located(to_acme(), Some("FR")), now());
    assert_eq!(
        (another_member_state.location.certainty, notes(&another_member_state)),
        (Certainty::Uncorroborated, vec![NoteCode::LocationUncorroborated])
    );

    let mut american = american();
    american.bases.push(scc("Acme Inc."));
    assert_eq!(outcome(&american, &located(to_acme(), Some("DE"))), Outcome::Permitted);
    // A third country that the assessment does not cover.
    assert_eq!(outcome(&american, &located(to_acme(), Some("IN"))), Outcome::Conditional);
}

#[test]
fn an_adequate_country_is_worse_than_the_eea_and_better_than_the_rest() {
    let mut british = ruleset(recipient("Acme Ltd", "GB", "GB"));
    british.bases.push(adequacy("GB"));
    british.bases.push(Basis { name: "ch".into(), ..adequacy("CH") });
    let notes_for = |place: &str| notes(&judged(&british, &located(to_acme(), Some(place)), now()));
    assert_eq!(notes_for("CH"), [NoteCode::LocationUncorroborated]);
    assert_eq!(notes_for("US"), [NoteCode::LocationConflict]);
    let mut german = ruleset(recipient("Acme GmbH", "DE", "DE"));
    german.bases.push(adequacy("GB"));
    let verdict = judged(&german, &located(to_acme(), Some("GB")), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::Permitted, vec![NoteCode::LocationConflict]));
}

#[test]
fn areas_that_a_person_must_look_at_are_unknown() {
    let verdict = judged(&ruleset(recipient("Acme SAS", "FR", "NC")), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unknown, vec![ReasonCode::TerritoryReview]));
}
