//! Mistakes about instruments and assessments.

use std::collections::BTreeSet;

use landfall_observation::DataCategory;

use super::{
    super::{clean::*, edits::*, *},
    Mistake,
};
use crate::*;

/// The rule that a mistake is for first, then what follows from it.
pub(super) const MISTAKES: &[(&[&str], Mistake)] = &[
    (&["BASIS-MISSING", "BASIS-STRANGER"], |law| {
        change(law, "scc-far", |basis| basis.exporters = Some(BTreeSet::from(["Own AG".to_owned()])));
    }),
    (&["BASIS-MISSING"], |law| {
        change(law, "scc-far", |basis| basis.validity.from = Some(instant("2027-01-01T00:00:00Z")));
    }),
    (&["BASIS-FALLEN"], |law| change(law, "scc-far", |basis| basis.validity.suspended = Some(at()))),
    (&["BASIS-FALLEN"], |law| {
        change(law, "scc-far", |basis| basis.validity.annulled = Some(instant("2030-01-01T00:00:00Z")));
    }),
    // One has fallen and the other has yet to begin.
    (&["BASIS-FALLEN"], |law| {
        change(law, "scc-far", |basis| basis.validity.from = Some(instant("2027-01-01T00:00:00Z")));
        let mut fallen = clauses("scc-before", "Own GmbH", "Far Inc.");
        fallen.validity.until = Some(at());
        with(law, fallen);
    }),
    // A decision for a country is none for an organisation there.
    (&["BASIS-MISSING"], |law| {
        let mut decision = basis("us", adequacy("us", None, false));
        decision.countries = Some(["US".parse().unwrap()].into());
        law.bases = vec![decision].into();
        law.assessments.clear();
        claims(law, StatementTopic::TransferBasis)[0].instrument = None;
        far(law).contracting_entity.kind = EntityKind::InternationalOrganisation;
    }),
    (&["BASIS-FALLEN"], |law| {
        law.bases = vec![act("dpf", None)].into();
        with(law, of_far("dpf-far", listing(false)));
    }),
    (&["BASIS-FALLEN"], |law| {
        law.bases = vec![act("dpf", Some(at()))].into();
        list(law, "Far Inc.");
    }),
    (&["BASIS-EXPIRES"], |law| {
        change(law, "scc-far", |basis| basis.validity.until = Some(instant("2027-05-23T12:00:00Z")));
    }),
    (&["BASIS-EXPIRES"], |law| {
        change(law, "2021-914", |basis| basis.validity.repealed = Some(instant("2026-12-01T00:00:00Z")));
    }),
    (&["BASIS-OVERLAP"], |law| with(law, clauses("scc-again", "Own GmbH", "Far Inc."))),
    (&["BASIS-OVERLAP"], |law| {
        for (name, from) in [("ch-old", "2000-07-26T00:00:00Z"), ("ch-new", "2026-01-01T00:00:00Z")] {
            let mut decision = basis(name, adequacy(name, None, false));
            decision.countries = Some(["CH".parse().unwrap()].into());
            decision.validity.from = Some(instant(from));
            with(law, decision);
        }
    }),
    (&["BASIS-STRANGER"], |law| with(law, clauses("scc-who", "Own GmbH", "Far, Inc"))),
    (&["ACT-UNKNOWN"], |law| {
        law.bases = vec![clauses("scc-far", "Own GmbH", "Far Inc.")].into();
    }),
    (&["ACT-UNKNOWN"], |law| {
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { decision, .. } = contract {
                *decision = "dpf".to_owned();
            }
        });
        with(law, act("dpf", None));
    }),
    (&["ADEQUACY-SCOPE"], |law| {
        let mut decision = basis("us", adequacy("us", Some("SOME-ACT"), false));
        decision.countries = Some(["US".parse().unwrap()].into());
        law.bases = vec![decision].into();
    }),
    (&["BASIS-CATEGORIES"], |law| {
        change(law, "scc-far", |basis| basis.categories = Some(BTreeSet::from([DataCategory::EMAIL_ADDRESS])));
    }),
    (&["BASIS-CATEGORIES"], |law| {
        change(law, "scc-far", |basis| basis.except_categories = BTreeSet::from([DataCategory::NAME]));
    }),
    (&["DPF-ALONE", "CLAIM-INSTRUMENT"], |law| {
        law.bases = vec![act("dpf", None)].into();
        law.assessments.clear();
        list(law, "Far Inc.");
    }),
    (&["SCC-DEAD"], |law| {
        let mut act = basis(
            "2010-87",
            Instrument::ClauseSet {
                decision: "2010/87/EU".to_owned(),
                prepared_by: ClausesAuthor::Commission,
                modules: BTreeSet::new(),
                contracts_before: Some(instant("2021-09-27T00:00:00Z")),
                contracts_until: Some(instant("2022-12-28T00:00:00Z")),
            },
        );
        act.validity.repealed = Some(instant("2021-09-27T00:00:00Z"));
        with(law, act);
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { decision, .. } = contract {
                *decision = "2010/87/EU".to_owned();
            }
        });
    }),
    (&["SCC-DEAD"], |law| change(law, "2021-914", |act| act.validity.repealed = Some(at()))),
    (&["TIA-MISSING"], |law| law.assessments.clear()),
    (&["TIA-MISSING"], |law| {
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { assessment, .. } = contract {
                *assessment = None;
            }
        });
    }),
    (&["TIA-FOREIGN"], |law| assessed(law).countries = ["CA".parse().unwrap()].into()),
    (&["TIA-FOREIGN"], |law| assessed(law).importer = "Near SE".to_owned()),
    (&["TIA-OPEN"], |law| assessed(law).outcome = AssessmentOutcome::Open),
    (&["TIA-NEGATIVE"], |law| assessed(law).outcome = AssessmentOutcome::NotAcceptable),
    (&["TIA-USE-CASE-6"], |law| assessed(law).outcome = AssessmentOutcome::AcceptableWithMeasures),
    (&["TIA-USE-CASE-6"], |law| {
        assessed(law).outcome = AssessmentOutcome::AcceptableWithMeasures;
        assessed(law).plaintext_needed = false;
    }),
    (&["TIA-STALE"], |law| assessed(law).next_review = Some(day("2026-11-22"))),
    (&["TIA-STALE"], |law| {
        assessed(law).next_review = None;
        assessed(law).decided = day("2025-11-01");
    }),
    // A decision that is limited to other importers does not replace the assessment.
    (&["TIA-FOREIGN"], |law| {
        assessed(law).countries = ["CA".parse().unwrap()].into();
        let mut decision = basis("us", adequacy("us", Some("SOME-ACT"), false));
        decision.countries = Some(["US".parse().unwrap()].into());
        with(law, decision);
    }),
    (&["TIA-HIT"], |law| {
        assessed(law).hit = Some(Hit { development: "judgment".to_owned(), from: at(), must_end: false });
    }),
    (&["TIA-CONTRADICTION"], |law| {
        let outcome = AssessmentOutcome::NotAcceptable;
        law.assessments.insert("far-2".to_owned(), Assessment { outcome, ..assessment("Far Inc.", "US") });
    }),
    (&["TIA-STRANGER"], |law| drop(law.assessments.insert("who".to_owned(), assessment("Far, Inc", "US")))),
];
