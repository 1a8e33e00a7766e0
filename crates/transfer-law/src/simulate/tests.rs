use std::sync::Arc;

use super::*;
use crate::{AssessmentEffect, AssessmentHit, AssessmentTarget, BasisEffect, Missing, MissingCode, fixture::*};

fn annulled(instant: &str) -> Development {
    hitting_the_framework(BasisEffect::Annulled { at: at(instant), maintained_until: None })
}

/// One edge on the framework alone, seen in November 2026.
fn scenario(development: Development) -> Scenario {
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    Scenario::new(rules, development)
}

fn outcomes(effects: &[Effect<'_>]) -> Vec<(Outcome, Outcome, usize)> {
    effects.iter().map(|effect| (effect.before.outcome, effect.after.outcome, effect.seen.len())).collect()
}

#[test]
fn annulment_hits_what_goes_on_and_what_was_seen_whether_it_lies_ahead_or_behind() {
    for instant in ["2026-12-01T00:00:00Z", "2031-12-01T00:00:00Z", "2026-11-01T00:00:00Z", "2020-01-01T00:00:00Z"] {
        let scenario = scenario(annulled(instant));
        let edges = [to_acme(), to_stranger()];
        let effects = scenario.effects(&edges);
        assert_eq!(outcomes(&effects), [(Outcome::Permitted, Outcome::Unlawful, 1)], "{instant}");
        assert!(effects[0].became_unlawful());
    }
}

#[test]
fn a_repeal_hits_what_goes_on_only() {
    let repealed = hitting_the_framework(BasisEffect::Repealed(at("2026-12-01T00:00:00Z")));
    let scenario = scenario(repealed);
    let edges = [to_acme()];
    assert_eq!(outcomes(&scenario.effects(&edges)), [(Outcome::Permitted, Outcome::Unlawful, 0)]);
}

#[test]
fn an_edge_on_clauses_becomes_conditional_with_its_assessment_to_be_refreshed() {
    let hit = AssessmentHit { target: AssessmentTarget::Input("test law".into()), effect: AssessmentEffect::Refresh };
    let development = Development { assessments: vec![hit], ..annulled("2026-12-01T00:00:00Z") };
    let mut rules = american();
    rules.bases.push(dpf("Acme Inc."));
    rules.bases.push(scc("Acme Inc."));
    let scenario = Scenario::new(rules, development);
    let edges = [to_acme()];
    let effects = scenario.effects(&edges);
    assert_eq!(outcomes(&effects)[0].1, Outcome::Conditional);
    let codes: Vec<_> = effects[0].after.missing.iter().map(|Missing { code, .. }| *code).collect();
    assert_eq!((codes, effects[0].became_unlawful()), (vec![MissingCode::AssessmentRefresh], false));
    let hits = scenario.hits();
    assert_eq!((hits.bases.len(), hits.resting.len(), hits.assessments.len()), (1, 1, 1));
}

#[test]
fn the_worst_comes_first_and_of_equals_what_sent_most() {
    let scenario = scenario(annulled("2026-12-01T00:00:00Z"));
    let sent = |name: &str, bytes| {
        let mut edge = to_acme();
        Arc::make_mut(&mut edge.id).exporter = crate::Exporter::workload("crm", "Deployment", name);
        edge.volume.bytes_sent = bytes;
        edge
    };
    let edges = [sent("little", 1), sent("much", 9), sent("most", 10)];
    let effects = scenario.effects(&edges);
    let names: Vec<_> = effects.iter().map(|effect| effect.edge.id.exporter.name()).collect();
    assert_eq!(names, ["most", "much", "little"]);
    let duties = scenario.duties(&effects, now());
    assert_eq!((duties.len(), duties[0].unlawful), (1, 3));
    assert!(scenario.duties(&[], now()).is_empty());
}
