//! Instruments are of one entity, one relation and one time.

use super::*;

fn back_to(controller: &str, place: &str) -> Edge {
    edge(Counterpart::OwnNetwork { operator: controller.into(), jurisdiction: place.parse().unwrap() })
}

#[test]
fn the_parents_instruments_do_not_serve_the_contracting_entity() {
    for basis in [dpf("Acme Inc."), scc("Acme Inc.")] {
        let mut acme = recipient("Acme Ireland", "IE", "US");
        acme.legal_entity = entity("Acme Inc.", "US");
        let mut rules = ruleset(acme);
        rules.assessments.insert("tia".to_owned(), tia("Acme Inc."));
        rules.bases.push(basis);
        let verdict = judged(&rules, &to_acme(), now());
        assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::NoBasis]));
    }
}

#[test]
fn clauses_with_the_controller_are_module_four() {
    let with = |module: u8| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        rules.bases.push(Basis { instrument: clauses(&[module]), ..scc("Controller AG") });
        rules.assessments.insert("tia".to_owned(), Assessment { countries: places("CH"), ..tia("Controller AG") });
        let verdict = judged(&rules, &back_to("Controller AG", "CH"), now());
        (verdict.outcome, codes(&verdict))
    };
    assert_eq!(with(4), (Outcome::Permitted, vec![]));
    assert_eq!(with(3), (Outcome::Unlawful, vec![ReasonCode::BasisDoesNotFit]));
}

#[test]
fn an_assessment_that_forbids_the_transfer_forbids_it_anywhere() {
    // A seat in the EEA, so that only the unnamed place requires a basis.
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    rules.bases.push(scc("Acme GmbH"));
    let refused = Assessment { outcome: AssessmentOutcome::NotAcceptable, ..tia("Acme GmbH") };
    rules.assessments.insert("tia".to_owned(), refused);
    rules.recipients.get_mut("acme").unwrap().endpoints.get_mut("main").unwrap().processing = Places::Anywhere;
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::AssessmentNotAcceptable]));
}

#[test]
fn an_assessment_vouches_for_no_transfer_before_it() {
    let mut rules = american();
    rules.bases.push(scc("Acme Inc."));
    let before = judged(&rules, &to_acme(), at("2026-02-27T12:00:00Z"));
    assert_eq!((before.outcome, missing(&before)), (Outcome::Conditional, vec![MissingCode::ImpactAssessment]));
    assert_eq!(judged(&rules, &to_acme(), at("2026-03-01T12:00:00Z")).outcome, Outcome::Permitted);
}

#[test]
fn territories_of_the_united_states_are_judged_as_the_united_states() {
    let mut rules = ruleset(recipient("Acme Inc.", "US", "PR"));
    rules.bases.push(dpf("Acme Inc."));
    assert_eq!(outcome(&rules, &to_acme()), Outcome::Permitted);
    assert_eq!(judged(&rules, &located(to_acme(), Some("US")), now()).location.certainty, Certainty::Uncorroborated);
}

#[test]
fn what_carries_is_cited_with_its_article() {
    let mut rules = american();
    agreement(&mut rules).clauses.insert(Obligation::TrfGate, "L12".into());
    for (basis, article) in [
        (dpf("Acme Inc."), "Art. 45(3) GDPR, (EU) 2023/1795"),
        (scc("Acme Inc."), "Art. 46(2)(c) GDPR, (EU) 2021/914"),
        (adequacy("US"), "Art. 45(3) GDPR"),
    ] {
        rules.bases = acts();
        rules.bases.push(basis);
        let verdict = judged(&rules, &to_acme(), now());
        let cited: Vec<_> = verdict
            .grounds
            .iter()
            .map(|ground| (ground.article, ground.obligation, ground.clause.map(Citation::as_str)))
            .collect();
        assert_eq!(cited, [(Some(article), Some(Obligation::TrfGate), Some("L12"))]);
    }
}

#[test]
fn clauses_do_not_fall_by_the_article_on_adequacy() {
    let fallen = |basis: Basis| {
        let mut rules = american();
        let validity = Validity { suspended: Some(at("2026-11-20T00:00:00Z")), ..Validity::default() };
        rules.bases.push(Basis { validity, ..basis });
        judged(&rules, &to_acme(), now()).reasons[0].ground.article
    };
    assert_eq!(fallen(dpf("Acme Inc.")), Some("Art. 45(5) GDPR"));
    assert_eq!(fallen(scc("Acme Inc.")), Some("Art. 46(2)(c) GDPR, (EU) 2021/914 clause 16"));
}

#[test]
fn several_bases_carry_the_categories_together_and_each_says_which() {
    let only = |name: &str, category: DataCategory| {
        let categories = Some(BTreeSet::from([category]));
        Basis { name: name.to_owned(), categories, ..scc("Acme Inc.") }
    };
    let mut rules = american();
    rules.bases.push(only("names", DataCategory::NAME));
    let half = judged(&rules, &to_acme(), now());
    assert_eq!((half.outcome, codes(&half)), (Outcome::Unlawful, vec![ReasonCode::BasisDoesNotFit]));

    rules.bases.push(only("mail", DataCategory::EMAIL_ADDRESS));
    let whole = judged(&rules, &to_acme(), now());
    assert_eq!((whole.outcome, whole.bases.to_vec()), (Outcome::Permitted, vec!["names", "mail"]));
    let statements: Vec<_> = whole.grounds.iter().map(|ground| ground.says.to_string()).collect();
    assert!(
        statements[0].ends_with("as far as pd:Name goes") && statements[1].ends_with("as far as pd:EmailAddress goes"),
        "{statements:?}"
    );

    // If one of the bases lacks something, the combination does.
    let mut unsigned = only("mail", DataCategory::EMAIL_ADDRESS);
    if let Instrument::StandardContractualClauses { signed, .. } = &mut unsigned.instrument {
        *signed = None;
    }
    rules.bases = acts();
    rules.bases.push(only("names", DataCategory::NAME));
    rules.bases.push(unsigned);
    let lacking = judged(&rules, &to_acme(), now());
    assert_eq!((lacking.outcome, missing(&lacking)), (Outcome::Conditional, vec![MissingCode::Signature]));
}
