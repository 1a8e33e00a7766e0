use super::*;
use crate::{Decision, MissingCode, NoteCode, Outcome, ReasonCode, fixture::*};

fn annulled() -> Development {
    hitting_the_framework(BasisEffect::Annulled { at: at("2026-11-20T00:00:00Z"), maintained_until: None })
}

/// Clauses and a listing side by side.
fn both() -> Ruleset {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    rules.bases.push(scc("Acme Inc."));
    rules
}

#[test]
fn an_act_falls_with_everything_that_rests_on_it_and_nothing_else() {
    let rules = both();
    let hits = annulled().hits(&rules);
    assert_eq!((hits.bases, hits.resting), (BTreeSet::from(["framework".into()]), BTreeSet::from(["dpf".into()])));
    let mut listing_alone = american();
    listing_alone.bases.push(dpf("Acme Inc."));
    let verdict = judged(&annulled().apply(&listing_alone), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::BasisFallen]));
    assert_eq!(verdict.reasons[0].ground.instrument, Some("dpf"));
    assert!(verdict.reasons[0].ground.says.to_string().ends_with("(fall)"));
    assert_eq!(judged(&annulled().apply(&rules), &to_acme(), now()).outcome, Outcome::Permitted);
}

#[test]
fn an_act_that_is_not_registered_takes_what_rests_on_it_along() {
    let mut rules = american();
    rules.bases = Bases::from(vec![dpf("Acme Inc.")]);
    assert_eq!(judged(&rules, &to_acme(), now()).outcome, Outcome::Conditional);
    assert_eq!(judged(&annulled().apply(&rules), &to_acme(), now()).outcome, Outcome::Unlawful);
}

#[test]
fn an_assessment_that_rests_on_what_changed_must_be_made_again() {
    let rules = both();
    let hit = |target, effect| Development { assessments: vec![AssessmentHit { target, effect }], ..annulled() };
    let of_law = |law: &str| AssessmentTarget::Input(law.to_owned());
    let after = |development: &Development, instant: &str| {
        let verdict = judged(&development.apply(&rules), &to_acme(), at(instant));
        (verdict.outcome, missing(&verdict), codes(&verdict))
    };
    let refresh = hit(of_law("test law"), AssessmentEffect::Refresh);
    assert_eq!(refresh.hits(&rules).assessments, BTreeSet::from(["tia".to_owned()]));
    assert_eq!(after(&refresh, "2026-11-23T00:00:00Z").1, [MissingCode::AssessmentRefresh]);
    assert_eq!(after(&refresh, "2026-11-19T00:00:00Z").0, Outcome::Permitted);
    assert_eq!(
        after(&hit(of_law("another law"), AssessmentEffect::Refresh), "2026-11-23T00:00:00Z").0,
        Outcome::Permitted
    );

    let must_end = hit(AssessmentTarget::Name("tia".into()), AssessmentEffect::NotAcceptable);
    let (outcome, _, reasons) = after(&must_end, "2026-11-23T00:00:00Z");
    assert_eq!(outcome, Outcome::Unlawful);
    assert!(reasons.contains(&ReasonCode::AssessmentNotAcceptable));
    // A hit that forbids the transfer is not weakened by one that only requires a review, whichever comes first.
    let both_ways = refresh.apply(&must_end.apply(&rules));
    assert_eq!(judged(&both_ways, &to_acme(), now()).outcome, Outcome::Unlawful);
    let other_way = must_end.apply(&refresh.apply(&rules));
    assert_eq!(judged(&other_way, &to_acme(), now()).outcome, Outcome::Unlawful);
}

#[test]
fn a_sub_processor_can_end() {
    let rules = both();
    let ended = vec![EndedEngagement { recipient: "acme".into(), from: at("2026-11-20T00:00:00Z") }];
    let development = Development { bases: Vec::new(), ended, ..annulled() };
    assert_eq!(development.hits(&rules).ended, BTreeSet::from(["acme".to_owned()]));
    let verdict = judged(&development.apply(&rules), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::EngagementEnded]));
    let before = judged(&development.apply(&rules), &to_acme(), at("2026-11-19T00:00:00Z"));
    assert_eq!(before.outcome, Outcome::Permitted);
}

#[test]
fn the_first_end_counts_and_the_ruleset_before_stays() {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    let repeal = |instant: &str| hitting_the_framework(BasisEffect::Repealed(at(instant)));
    let twice = repeal("2026-12-24T00:00:00Z").apply(&repeal("2026-11-20T00:00:00Z").apply(&rules));
    assert_eq!(judged(&twice, &to_acme(), now()).outcome, Outcome::Unlawful);
    assert_eq!(judged(&rules, &to_acme(), now()).outcome, Outcome::Permitted);
    assert_eq!((twice.version.as_str(), twice.developments.len()), ("test+fall+fall", 2));
    let dates: Vec<_> = twice.developments.iter().map(|one| one.pronounced).collect();
    assert!(dates.is_sorted());
}

#[test]
fn a_transition_is_noted_and_is_no_basis() {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    let decided = |fundamental| {
        let decision = Decision {
            fundamental,
            reasons: "test".into(),
            decided_by: "test".into(),
            decided_at: now(),
            not_lawful_since: None,
        };
        let after = Development { decision: Some(decision), ..annulled() }.apply(&rules);
        let verdict = judged(&after, &to_acme(), now());
        (verdict.outcome, notes(&verdict).contains(&NoteCode::TransitionIsNoBasis))
    };
    assert_eq!(decided(true), (Outcome::Unlawful, true));
    assert_eq!(decided(false), (Outcome::Unlawful, false));
}

#[test]
fn one_basis_can_be_hit_by_name() {
    let mut rules = both();
    rules.bases.push(Basis { name: "beside".into(), ..dpf("Acme Inc.") });
    let target = BasisTarget::Name("dpf".into());
    let bases = vec![BasisHit { target, effect: BasisEffect::Lapsed(at("2026-11-20T00:00:00Z")) }];
    let delisted = Development { bases, ..annulled() };
    assert_eq!(delisted.hits(&rules).bases, BTreeSet::from(["dpf".to_owned()]));
    assert!(delisted.hits(&rules).resting.is_empty());
    let after = delisted.apply(&rules);
    let ended: Vec<_> = after.bases.iter().filter(|basis| basis.validity.until.is_some()).collect();
    assert_eq!(ended.iter().map(|basis| basis.name.as_str()).collect::<Vec<_>>(), ["dpf"]);
    assert_eq!(ended[0].validity.ended_by.as_deref(), Some("fall"));
}

#[test]
fn of_two_hits_on_an_assessment_the_earlier_stays() {
    let rules = both();
    let hit = |name: &str, instant: &str| Development {
        name: name.into(),
        pronounced: at(instant),
        assessments: vec![AssessmentHit {
            target: AssessmentTarget::Name("tia".into()),
            effect: AssessmentEffect::Refresh,
        }],
        ..annulled()
    };
    let (first, second) = (hit("first", "2026-11-10T00:00:00Z"), hit("second", "2026-11-15T00:00:00Z"));
    for after in [second.apply(&first.apply(&rules)), first.apply(&second.apply(&rules))] {
        assert_eq!(after.assessments["tia"].hit.as_ref().unwrap().development, "first");
    }
}
