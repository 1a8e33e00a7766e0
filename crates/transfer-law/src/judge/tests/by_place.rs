//! Each place of a transfer has the outcome that the transfer would have if it reached that place alone.

use super::*;

/// The outcomes by place, in words: the codes, and `anywhere`.
fn by_place(verdict: &Verdict<'_>) -> Vec<(Outcome, String)> {
    let words = |it: &PlaceVerdict| {
        let named = it.places.iter().map(|place| place.to_string());
        named.chain(it.anywhere.then(|| "anywhere".to_owned())).collect::<Vec<_>>().join(" ")
    };
    verdict.places.iter().map(|it| (it.outcome, words(it))).collect()
}

fn expected<const N: usize>(outcomes: [(Outcome, &str); N]) -> Vec<(Outcome, String)> {
    outcomes.map(|(outcome, places)| (outcome, places.to_owned())).to_vec()
}

fn onward(entity: Entity, at: &str) -> OnwardRecipient {
    OnwardRecipient { entity, places: Places::Only(places(at)), purpose: "support".into(), recipient: None }
}

/// A German recipient that stores in Switzerland, which is adequate, and in a third place.
fn storing(third: &str) -> Ruleset {
    let mut acme = recipient("Acme GmbH", "DE", "DE FR");
    let storage = places("CH").union(places(third));
    acme.endpoints.get_mut("main").unwrap().storage = Some(Places::Only(storage));
    let mut rules = ruleset(acme);
    rules.bases.push(adequacy("CH"));
    rules
}

#[test]
fn a_lawful_and_an_unlawful_place_have_each_their_own() {
    let verdict = judged(&storing("US"), &to_acme(), now());
    let each = [(Outcome::Unlawful, "US"), (Outcome::Permitted, "CH"), (Outcome::IntraEea, "DE FR")];
    assert_eq!((verdict.outcome, by_place(&verdict)), (Outcome::Unlawful, expected(each)));
    let verdict = judged(&storing("NC"), &to_acme(), now());
    let each = [(Outcome::Unknown, "NC"), (Outcome::Permitted, "CH"), (Outcome::IntraEea, "DE FR")];
    assert_eq!((verdict.outcome, by_place(&verdict)), (Outcome::Unknown, expected(each)));
}

#[test]
fn a_territory_has_the_outcome_of_the_country_as_which_it_is_judged() {
    let mut rules = storing("PR VI IN");
    rules.bases.push(dpf("Acme GmbH"));
    let each = [(Outcome::Unlawful, "IN"), (Outcome::Permitted, "CH PR VI"), (Outcome::IntraEea, "DE FR")];
    assert_eq!(by_place(&judged(&rules, &to_acme(), now())), expected(each));
}

#[test]
fn what_a_recipient_may_reach_beside_named_places_is_judged_alone() {
    let mut rules = ruleset(recipient("Acme Ltd", "GB", "GB"));
    rules.bases.push(adequacy("GB"));
    rules.recipients.get_mut("acme").unwrap().endpoints.get_mut("main").unwrap().processing = Places::Anywhere;
    let each = [(Outcome::Unlawful, "anywhere"), (Outcome::Permitted, "GB")];
    assert_eq!(by_place(&judged(&rules, &to_acme(), now())), expected(each));
}

#[test]
fn a_place_of_several_hops_has_the_worst() {
    let mut acme = recipient("Acme Inc.", "US", "DE");
    acme.onward = Some(vec![onward(entity("Helper Inc.", "US"), "CH")]);
    let mut rules = ruleset(acme);
    rules.bases.push(dpf("Acme Inc."));
    rules.bases.push(adequacy("CH"));
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!(
        verdict.chain.iter().map(|hop| hop.outcome).collect::<Vec<_>>(),
        [Outcome::Permitted, Outcome::Unlawful]
    );
    let each = [(Outcome::Unlawful, "US"), (Outcome::Permitted, "CH"), (Outcome::IntraEea, "DE")];
    assert_eq!(by_place(&verdict), expected(each));
}

#[test]
fn what_speaks_against_the_whole_transfer_does_so_at_each_place() {
    let card = seen(to_acme(), &[DataCategory::CREDIT_CARD_NUMBER]);
    assert_eq!(by_place(&judged(&storing("US"), &card, now())), expected([(Outcome::Unlawful, "CH DE FR US")]));
    let mut rules = storing("US");
    rules.recipients.get_mut("acme").unwrap().categories.clear();
    let each = [(Outcome::Unlawful, "US"), (Outcome::Unknown, "CH DE FR")];
    assert_eq!(by_place(&judged(&rules, &to_acme(), now())), expected(each));
}

#[test]
fn the_policy_forbids_its_places_and_no_others() {
    let mut rules = storing("GB");
    rules.bases.push(Basis { name: "gb".into(), ..adequacy("GB") });
    agreement(&mut rules).policy.allowed_jurisdictions = Some(places("CH DE"));
    let each = [(Outcome::Unlawful, "FR GB"), (Outcome::Permitted, "CH"), (Outcome::IntraEea, "DE")];
    assert_eq!(by_place(&judged(&rules, &to_acme(), now())), expected(each));
    rules.recipients.get_mut("acme").unwrap().endpoints.get_mut("main").unwrap().access = Some(Places::Anywhere);
    let each = [(Outcome::Unlawful, "FR GB anywhere"), (Outcome::Permitted, "CH"), (Outcome::IntraEea, "DE")];
    assert_eq!(by_place(&judged(&rules, &to_acme(), now())), expected(each));
}

#[test]
fn an_unknown_list_of_onward_recipients_counts_where_the_one_is_who_lacks_it() {
    let mut acme = recipient("Acme GmbH", "DE", "DE");
    let helper = OnwardRecipient { recipient: Some("helper".into()), ..onward(entity("Helper AG", "CH"), "CH") };
    acme.onward = Some(vec![helper, onward(entity("Other AG", "CH"), "LI")]);
    let mut rules = ruleset(acme);
    rules.bases.push(adequacy("CH"));
    rules.recipients.insert("helper".into(), Recipient { onward: None, ..recipient("Helper AG", "CH", "CH") });
    let verdict = judged(&rules, &to_acme(), now());
    let each = [(Outcome::Conditional, "CH"), (Outcome::IntraEea, "DE LI")];
    assert_eq!((verdict.outcome, by_place(&verdict)), (Outcome::Conditional, expected(each)));
    rules.recipients.get_mut("acme").unwrap().onward = None;
    assert_eq!(by_place(&judged(&rules, &to_acme(), now())), expected([(Outcome::Conditional, "DE")]));
}

#[test]
fn old_facts_make_the_permitted_places_conditional() {
    for third in ["", "US"] {
        let mut rules = storing(third);
        rules.recipients.get_mut("acme").unwrap().as_of = date(2026, 1, 1);
        let each = [(Outcome::Unlawful, third), (Outcome::Conditional, "CH"), (Outcome::IntraEea, "DE FR")];
        let reached: Vec<_> = expected(each).into_iter().filter(|(_, places)| !places.is_empty()).collect();
        assert_eq!(by_place(&judged(&rules, &to_acme(), now())), reached);
    }
}

#[test]
fn an_international_organisation_has_one_outcome_wherever_it_is() {
    let mut acme = recipient("The Organisation", "BE", "BE FR");
    acme.contracting_entity.kind = EntityKind::InternationalOrganisation;
    assert_eq!(by_place(&judged(&ruleset(acme), &to_acme(), now())), expected([(Outcome::Unlawful, "BE FR")]));
}

#[test]
fn places_without_a_chain_have_the_outcome_of_the_transfer() {
    let rules = american();
    let stranger = seen(located(to_stranger(), Some("DE")), &[DataCategory::NAME]);
    assert_eq!(by_place(&judged(&rules, &stranger, now())), expected([(Outcome::Unlawful, "DE")]));
    assert_eq!(by_place(&judged(&rules, &to_stranger(), now())), expected([]));
    let network = |operator: &str| {
        edge(Counterpart::OwnNetwork { operator: operator.into(), jurisdiction: "SG".parse().unwrap() })
    };
    let own = judged(&rules, &network("Processor GmbH"), now());
    assert_eq!(by_place(&own), expected([(Outcome::NotATransfer, "SG")]));
    let of_others = judged(&rules, &network("Hoster Inc."), now());
    assert_eq!(by_place(&of_others), expected([(Outcome::Unknown, "SG")]));
}
