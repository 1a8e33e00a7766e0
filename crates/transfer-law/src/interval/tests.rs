use jiff::civil::date;

use super::*;
use crate::{Basis, BasisEffect, Names, Outcome, Validity, fixture::*};

fn span(from: &str, until: &str) -> Interval {
    Interval { from: at(from), until: at(until) }
}

fn outcomes(judgments: &[Judgment<'_>]) -> Vec<(String, Outcome)> {
    judgments.iter().map(|judgment| (judgment.interval.from.to_string(), judgment.verdict.outcome)).collect()
}

#[test]
fn a_verdict_holds_until_something_changes() {
    let mut rules = american();
    let validity = Validity {
        from: Some(at("2026-11-01T00:00:00Z")),
        suspended: Some(at("2026-12-01T00:00:00Z")),
        ..Validity::default()
    };
    rules.bases.push(Basis { validity, ..dpf("Acme Inc.") });
    let edge = to_acme();
    let judgments = judge_over(&rules, &edge, span("2026-10-20T00:00:00Z", "2026-12-20T00:00:00Z"));
    let expected = [
        ("2026-10-20T00:00:00Z", Outcome::Unlawful),
        ("2026-11-01T00:00:00Z", Outcome::Permitted),
        ("2026-12-01T00:00:00Z", Outcome::Unlawful),
    ];
    assert_eq!(outcomes(&judgments), expected.map(|(from, outcome)| (from.to_owned(), outcome)));
    for pair in judgments.windows(2) {
        assert_eq!(pair[0].interval.until, pair[1].interval.from);
    }
    assert_eq!(judgments[2].interval.until, at("2026-12-20T00:00:00Z"));
}

#[test]
fn facts_grow_stale_in_the_middle_of_an_interval() {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    let edge = to_acme();
    // The list was looked at on 1 November; 90 days may pass.
    let judgments = judge_over(&rules, &edge, span("2026-11-20T00:00:00Z", "2027-02-20T00:00:00Z"));
    let expected =
        [("2026-11-20T00:00:00Z", Outcome::Permitted), ("2027-01-30T00:00:00.000000001Z", Outcome::Conditional)];
    assert_eq!(outcomes(&judgments), expected.map(|(from, outcome)| (from.to_owned(), outcome)));
}

#[test]
fn every_instant_of_an_interval_has_the_verdict_of_its_part() {
    let mut rules = american();
    for (name, from, until) in [
        ("one", "2026-01-10T00:00:00Z", "2026-03-01T12:00:00Z"),
        ("two", "2026-02-20T00:00:00Z", "2026-06-01T00:00:00Z"),
    ] {
        let validity = Validity { from: Some(at(from)), until: Some(at(until)), ..Validity::default() };
        rules.bases.push(Basis { name: name.into(), validity, ..dpf("Acme Inc.") });
    }
    rules.bases.push(scc("Acme Inc."));
    let edge = to_acme();
    let judgments = judge_over(&rules, &edge, span("2025-12-01T00:00:00Z", "2027-12-01T00:00:00Z"));
    assert!(judgments.len() > 4, "{}", judgments.len());
    let mut instant = at("2025-12-01T00:00:00Z");
    while instant < at("2027-12-01T00:00:00Z") {
        let part = judgments.iter().find(|one| one.interval.from <= instant && instant < one.interval.until).unwrap();
        assert!(crate::judge(&rules, &edge, instant).says_the_same(&part.verdict), "{instant}");
        instant += jiff::SignedDuration::from_hours(7);
    }
}

#[test]
fn an_interval_of_no_length_is_judged_once() {
    let rules = american();
    let edge = to_acme();
    assert_eq!(judge_over(&rules, &edge, span("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z")).len(), 1);
    let mut backwards = to_acme();
    backwards.last_seen = at("2020-01-01T00:00:00Z");
    assert_eq!(judge_over(&rules, &backwards, Interval::from_edge(&backwards)).len(), 1);
}

#[test]
fn annulment_is_appended_to_what_was_judged_and_repeal_from_its_day() {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    let mut edge = to_acme();
    (edge.first_seen, edge.last_seen) = (at("2026-11-10T00:00:00Z"), at("2026-12-10T00:00:00Z"));
    let edges = [edge];
    let fall = at("2026-12-01T00:00:00Z");
    let with = |effect| {
        let after = hitting_the_framework(effect).apply(&rules);
        let changed = rejudge(&rules, &after, &edges);
        changed.iter().map(|(_, one)| (one.interval.from, one.before.outcome, one.after.outcome)).collect::<Vec<_>>()
    };
    let annulled = BasisEffect::Annulled { at: fall, maintained_until: None };
    assert_eq!(with(annulled), [(edges[0].first_seen, Outcome::Permitted, Outcome::Unlawful)]);
    for effect in [
        BasisEffect::Repealed(fall),
        BasisEffect::Suspended(fall),
        BasisEffect::Lapsed(fall),
        // Art. 264(2) TFEU.
        BasisEffect::Annulled { at: at("2026-11-15T00:00:00Z"), maintained_until: Some(fall) },
    ] {
        assert_eq!(with(effect), [(fall, Outcome::Permitted, Outcome::Unlawful)], "{effect:?}");
    }
}

#[test]
fn nothing_is_judged_again_where_nothing_changes() {
    let mut rules = american();
    rules.bases.push(scc("Acme Inc."));
    let edges = [to_acme(), to_stranger()];
    let fall = BasisEffect::Annulled { at: now(), maintained_until: None };
    let after = hitting_the_framework(fall).apply(&rules);
    assert!(rejudge(&rules, &after, &edges).is_empty());
}

#[test]
fn verdicts_differ_by_any_part_of_what_they_say() {
    let mut rules = american();
    rules.bases.push(scc("Acme Inc."));
    rules.recipients.get_mut("acme").unwrap().onward = None;
    let verdict = judged(&rules, &to_acme(), now());
    let later = Verdict { at: at("2030-01-01T00:00:00Z"), holds_until: None, ruleset: "another", ..verdict.clone() };
    assert!(verdict.says_the_same(&later));
    let changes: [fn(&mut Verdict<'_>); 7] = [
        |verdict| verdict.outcome = Outcome::Unknown,
        |verdict| verdict.bases = Names::default(),
        |verdict| verdict.reasons.push(unlisted()),
        |verdict| verdict.missing.clear(),
        |verdict| verdict.notes.clear(),
        |verdict| verdict.chain.clear(),
        |verdict| verdict.places.clear(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut other = verdict.clone();
        change(&mut other);
        assert!(!verdict.says_the_same(&other) && !other.says_the_same(&verdict), "{index}");
    }
}

fn unlisted() -> crate::Reason<'static> {
    judged(&american(), &seen(to_stranger(), &[landfall_observation::DataCategory::NAME]), now()).reasons.remove(0)
}

/// A listing that is valid in two periods of November, under the framework.
fn twice_listed() -> Ruleset {
    let mut rules = american();
    for (name, from, until) in [
        ("one", "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z"),
        ("two", "2026-11-15T00:00:00Z", "2026-11-25T00:00:00Z"),
        // Ends while another carries.
        ("beside", "2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z"),
    ] {
        let validity = Validity { from: Some(at(from)), until: Some(at(until)), ..Validity::default() };
        rules.bases.push(Basis { name: name.into(), validity, ..dpf("Acme Inc.") });
    }
    rules
}

#[test]
fn neighbouring_parts_differ_and_an_interval_ends_before_its_end() {
    let rules = twice_listed();
    let edge = to_acme();
    let judgments = judge_over(&rules, &edge, span("2026-10-30T00:00:00Z", "2026-11-25T00:00:00Z"));
    let parts: Vec<_> = judgments.iter().map(|one| (one.interval.from, one.verdict.outcome)).collect();
    let expected = [
        ("2026-10-30T00:00:00Z", Outcome::Unlawful),
        ("2026-11-01T00:00:00Z", Outcome::Permitted),
        ("2026-11-10T00:00:00Z", Outcome::Unlawful),
        ("2026-11-15T00:00:00Z", Outcome::Permitted),
    ];
    assert_eq!(parts, expected.map(|(from, outcome)| (at(from), outcome)));
    assert!(judgments.windows(2).all(|pair| !pair[0].verdict.says_the_same(&pair[1].verdict)));
}

#[test]
fn a_change_that_alters_no_verdict_splits_no_part() {
    // The list was not checked recently; that its facts also become stale changes nothing.
    let mut rules = american();
    let instrument = listing(true, crate::DpfDataType::NonHr, date(2026, 1, 1));
    rules.bases.push(Basis { instrument, as_of: date(2026, 5, 10), ..dpf("Acme Inc.") });
    rules.bases.push(scc("Acme Inc."));
    let edge = to_acme();
    let first = crate::judge(&rules, &edge, at("2026-10-30T00:00:00Z"));
    assert!(first.holds_until.is_some_and(|until| until < at("2026-11-25T00:00:00Z")));
    assert_eq!(judge_over(&rules, &edge, span("2026-10-30T00:00:00Z", "2026-11-25T00:00:00Z")).len(), 1);
}

#[test]
fn what_is_judged_again_is_cut_where_either_ruleset_changes() {
    let rules = twice_listed();
    let mut edge = to_acme();
    (edge.first_seen, edge.last_seen) = (at("2026-11-03T00:00:00Z"), at("2026-11-30T00:00:00Z"));
    let edges = [edge];
    let suspended = hitting_the_framework(BasisEffect::Suspended(at("2026-11-18T00:00:00Z")));
    let after = suspended.apply(&rules);
    let changed = rejudge(&rules, &after, &edges);
    let parts: Vec<_> = changed
        .iter()
        .map(|(_, one)| (one.interval.from, one.interval.until, one.before.outcome, one.after.outcome))
        .collect();
    let [from, until] = [at("2026-11-18T00:00:00Z"), at("2026-11-25T00:00:00Z")];
    assert_eq!(parts, [(from, until, Outcome::Permitted, Outcome::Unlawful)]);

    let annulled = hitting_the_framework(BasisEffect::Annulled { at: now(), maintained_until: None }).apply(&rules);
    let changed = rejudge(&rules, &annulled, &edges);
    let parts: Vec<_> =
        changed.iter().map(|(_, one)| (one.interval.from, one.interval.until, one.before.outcome)).collect();
    let expected = [
        ("2026-11-03T00:00:00Z", "2026-11-05T00:00:00Z", Outcome::Permitted),
        // From here on one listing fewer can fall.
        ("2026-11-05T00:00:00Z", "2026-11-10T00:00:00Z", Outcome::Permitted),
        ("2026-11-15T00:00:00Z", "2026-11-25T00:00:00Z", Outcome::Permitted),
    ];
    let lawful: Vec<_> = parts.into_iter().filter(|(_, _, before)| *before == Outcome::Permitted).collect();
    assert_eq!(lawful, expected.map(|(from, until, before)| (at(from), at(until), before)));
    assert!(changed.iter().all(|(_, one)| one.interval.from < one.interval.until));
}
