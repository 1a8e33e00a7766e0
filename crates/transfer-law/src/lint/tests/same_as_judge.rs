//! Lint and judge agree: on random rulesets, if lint finds nothing against a hop, the judge finds a basis that carries
//! it, and if lint says that no basis does, the judge agrees.

mod rulesets;

use std::cell::Cell;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::*;
use crate::{Basis, Counterpart, Edge, EntityKind, HopVerdict, Instrument, Outcome, fixture};
use rulesets::{ACME, rulesets};

/// The rules that say something about what carries a hop.
const ABOUT_HOPS: &[&str] = &[
    "ACT-UNKNOWN",
    "ADEQUACY-SCOPE",
    "APPROVAL-MISSING",
    "BASIS-CATEGORIES",
    "BASIS-FALLEN",
    "BASIS-MISSING",
    "BCR-VARIANT",
    "DATE-FUTURE",
    "DEROGATION-LIMITS",
    "DEROGATION-ONLY",
    "DPF-CHECK",
    "DPF-DATA-TYPE",
    "FACT-STALE",
    "GAP-10",
    "PUBLIC-BODIES",
    "SCC-ANNEXES",
    "SCC-DEAD",
    "SCC-IMPORTER",
    "SCC-MODULE-UNKNOWN",
    "SCC-SIGNATURE",
    "TIA-FOREIGN",
    "TIA-HIT",
    "TIA-MISSING",
    "TIA-NEGATIVE",
    "TIA-OPEN",
    "TIA-STALE",
    "TIA-USE-CASE-6",
];

/// Whether a finding is about what carries `hop`.
fn is_about(finding: &Finding, hop: &HopVerdict<'_>, ruleset: &Ruleset) -> bool {
    let concerns = |basis: &Basis| basis.importers.as_ref().is_none_or(|names| names.contains(hop.importer));
    match finding.object.kind.as_str() {
        "TransferBasis" => ruleset.bases.get(&finding.object.name).is_some_and(concerns),
        "TransferImpactAssessment" => ruleset
            .bases
            .iter()
            .any(|basis| concerns(basis) && basis.instrument.assessment() == Some(&finding.object.name)),
        _ => finding.text.starts_with(&format!("{} → {}", hop.exporter, hop.importer)),
    }
}

#[test]
fn lint_and_judge_agree_on_every_hop() {
    let (clean, denied) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 4_000, failure_persistence: None, ..Config::default() };
    // The same rulesets in every run, so that a failure can be repeated.
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let agree = runner.run(&rulesets(), |ruleset| {
        let findings: Vec<_> = lint(&ruleset, at()).into_iter().filter(|it| ABOUT_HOPS.contains(&it.id)).collect();
        let edges: Vec<Edge> = ruleset.recipients["acme"]
            .endpoints
            .keys()
            .map(|endpoint| {
                fixture::edge(Counterpart::Registered { recipient: "acme".to_owned(), endpoint: endpoint.clone() })
            })
            .collect();
        let verdicts: Vec<_> = edges.iter().map(|edge| crate::judge(&ruleset, edge, at())).collect();
        let hops: Vec<_> = verdicts.iter().flat_map(|verdict| &verdict.chain).collect();
        for hop in &hops {
            if !findings.iter().any(|finding| is_about(finding, hop, &ruleset)) {
                prop_assert!(hop.outcome <= Outcome::Permitted, "{hop:?} of {:#?}", verdicts);
                clean.set(clean.get() + u32::from(hop.outcome == Outcome::Permitted));
            }
            for name in &hop.bases {
                let dead = findings.iter().any(|it| it.id == "SCC-DEAD" && it.object.name == name);
                prop_assert!(!dead, "{name} is dead and carries {hop:?}");
            }
        }
        for finding in
            findings.iter().filter(|it| ["BASIS-MISSING", "BASIS-FALLEN", "BASIS-CATEGORIES"].contains(&it.id))
        {
            let about = hops.iter().filter(|hop| is_about(finding, hop, &ruleset));
            let agrees = about.clone().any(|hop| hop.outcome >= Outcome::Unknown);
            prop_assert!(agrees, "{finding:?}: {:#?}", about.collect::<Vec<_>>());
            denied.set(denied.get() + 1);
        }
        Ok(())
    });
    if let Err(error) = agree {
        panic!("{error}");
    }
    assert!(clean.get() > 300 && denied.get() > 1_000, "{} {}", clean.get(), denied.get());
}

/// Such a contract carries until the end of the transition period for old contracts (Art. 4(4) of (EU) 2021/914).
#[test]
fn an_old_contract_on_a_repealed_set_carries_in_its_time() {
    let mut law = super::clean::ruleset();
    super::edits::change(&mut law, "2021-914", |act| {
        act.validity.repealed = Some("2026-09-01T00:00:00Z".parse().unwrap());
        if let Instrument::ClauseSet { contracts_before, contracts_until, .. } = &mut act.instrument {
            *contracts_before = Some("2026-09-01T00:00:00Z".parse().unwrap());
            *contracts_until = Some("2028-01-01T00:00:00Z".parse().unwrap());
        }
    });
    let of = |instant: &str| {
        let instant = instant.parse().unwrap();
        let mut edge =
            fixture::edge(Counterpart::Registered { recipient: "far".to_owned(), endpoint: "api".to_owned() });
        let id = crate::EdgeId { agreement: "default/clean".to_owned().try_into().unwrap(), ..(*edge.id).clone() };
        edge.id = id.into();
        // Facts become stale in the meantime, which is not tested here.
        let mut fresh = law.clone();
        super::edits::agreement(&mut fresh).interpretation.legal_data_max_age_days = u16::MAX;
        super::edits::assessed(&mut fresh).next_review = Some("2040-01-01".parse().unwrap());
        let found: Vec<_> = lint(&fresh, instant).into_iter().map(|finding| finding.id).collect();
        (crate::judge(&fresh, &edge, instant).outcome, found.contains(&"SCC-DEAD"))
    };
    assert_eq!(of("2026-11-23T12:00:00Z"), (Outcome::Permitted, false));
    assert_eq!(of("2027-12-31T23:59:59Z"), (Outcome::Permitted, false));
    assert_eq!(of("2028-01-01T00:00:00Z"), (Outcome::Unlawful, true));
}

/// Chapter V asks what carries a transfer to an international organisation wherever it is; a decision for the country
/// says nothing about it (Art. 44, 45(1) GDPR).
#[test]
fn a_decision_for_a_country_is_none_for_an_organisation_there() {
    let of = |kind: EntityKind| {
        let mut acme = fixture::recipient(ACME, "CH", "CH");
        acme.contracting_entity.kind = kind;
        let mut law = fixture::ruleset(acme);
        law.bases.push(fixture::adequacy("CH"));
        let edge = fixture::to_acme();
        let found: Vec<_> = lint(&law, at()).into_iter().map(|finding| finding.id).collect();
        (crate::judge(&law, &edge, at()).outcome, found.contains(&"BASIS-MISSING"))
    };
    assert_eq!(of(EntityKind::Company), (Outcome::Permitted, false));
    assert_eq!(of(EntityKind::InternationalOrganisation), (Outcome::Unlawful, true));
}
