//! Changes that are nearly mistakes and must not be reported.

use std::collections::BTreeSet;

use landfall_observation::{DataCategory, TlsVersion};

use super::{clean::*, edits::*, *};
use crate::{Obligation, *};

type Change = fn(&mut Ruleset);

/// Changes after which nothing is wrong.
const HARMLESS: &[Change] = &[
    |law| assessed(law).next_review = Some(day("2026-11-23")),
    |law| near(law).as_of = day("2026-11-24"),
    |law| far(law).as_of = day("2026-05-28"),
    |law| near(law).notices.sub_processor_change = Some(period(1, PeriodUnit::Months)),
    |law| near(law).notices.sub_processor_change = Some(period(4, PeriodUnit::Weeks)),
    |law| near(law).notices.breach = Some(period(1, PeriodUnit::Hours)),
    |law| change(law, "scc-far", |basis| basis.validity.until = Some(instant("2027-05-23T12:00:01Z"))),
    // An old contract in its time, and a decision that follows another without a gap.
    |law| {
        change(law, "2021-914", |act| {
            act.validity.repealed = Some(at());
            if let Instrument::ClauseSet { contracts_before, contracts_until, .. } = &mut act.instrument {
                *contracts_before = Some(at());
                *contracts_until = Some(instant("2028-01-01T00:00:00Z"));
            }
        });
    },
    |law| {
        for (name, from, until) in [
            ("ch-old", "2000-07-26T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("ch-new", "2026-01-01T00:00:00Z", "2040-01-01T00:00:00Z"),
        ] {
            let mut decision = basis(name, adequacy(name, None, false));
            decision.countries = Some(["CH".parse().unwrap()].into());
            decision.validity.from = Some(instant(from));
            decision.validity.until = Some(instant(until));
            with(law, decision);
        }
    },
    |law| {
        assessed(law).outcome = AssessmentOutcome::AcceptableWithMeasures;
        assessed(law).plaintext_needed = false;
        assessed(law).key_custody = KeyCustody::ExporterEea;
    },
    // Old facts, an ended act and a fallen decision on which nothing rests here.
    |law| {
        let mut old = act("(EU) 2016/1250", Some(instant("2020-07-16T00:00:00Z")));
        old.as_of = day("2020-07-17");
        with(law, old);
    },
    // By the American reading an agreement with a processor is never about HR data.
    |law| {
        agreement(law).data_subjects.insert("dpv:Employee".to_owned());
        agreement(law).interpretation.hr_data = HrData::UnitedStates;
        beside_listing(law, listing(true));
    },
    // Two bases cover together what none covers alone.
    |law| {
        far(law).categories = BTreeSet::from([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]);
        change(law, "scc-far", |basis| basis.categories = Some(BTreeSet::from([DataCategory::NAME])));
        let mut other = clauses("scc-mail", "Own GmbH", "Far Inc.");
        other.categories = Some(BTreeSet::from([DataCategory::EMAIL_ADDRESS]));
        with(law, other);
    },
    // An assessment made on a later day knew of the judgment.
    |law| {
        let from = instant("2026-05-01T00:00:00Z");
        assessed(law).hit = Some(Hit { development: "judgment".to_owned(), from, must_end: true });
    },
    // A listing for HR data where nobody's data but employees' is given.
    |law| {
        let data_types = BTreeSet::from([DpfDataType::Hr]);
        let employees = BTreeSet::from(["dpv:Employee".to_owned()]);
        agreement(law).data_subjects = employees;
        let checked_at = day("2026-11-01");
        beside_listing(
            law,
            Instrument::DpfListing { decision: "dpf".to_owned(), active: true, data_types, checked_at },
        );
    },
    // Facts that are too old only under the settings of an agreement that does not use them.
    |law| {
        let mut strict = agreement(law).clone();
        strict.interpretation.legal_data_max_age_days = 1;
        strict.interpretation.assessment_max_age_days = 1;
        strict.engagements.clear();
        strict.text.statements.retain(|claim| claim.topic == StatementTopic::Retention);
        law.agreements.insert("default/strict".to_owned().try_into().unwrap(), strict);
        assessed(law).next_review = None;
    },
    // A line on the seat, with other places of processing.
    |law| {
        for claim in claims(law, StatementTopic::DataCentre) {
            if claim.line.as_str() == "L50" {
                claim.places = Some(only("DE"));
            }
        }
        near(law).endpoints.get_mut("api").unwrap().processing = only("DE");
    },
    // The contracting entity is named in addition to the legal entity.
    |law| {
        near(law).contracting_entity = entity("Near Sales SARL", "FR");
        claim(law, "L60", StatementTopic::LegalName, "near", |claim| claim.value = "NEAR Sales SARL".to_owned());
    },
    // An inactive recipient needs no clause on who is served, and no Land is needed if no period depends on one.
    |law| agreement(law).engagements.get_mut("near").unwrap().activation = Activation::Optional { active: false },
    |law| {
        let duties: Vec<_> = crate::clock::DUTIES.iter().map(|duty| duty.id).collect();
        for duty in duties {
            let hours = crate::clock::Rule {
                unit: PeriodUnit::Hours,
                roll: false,
                ..agreement(law).period(Obligation::BrFirst).unwrap()
            };
            let needed = crate::clock::Rule { amount: 300.try_into().unwrap(), ..hours };
            if duty != Obligation::BrFirst {
                agreement(law).periods.insert(duty, needed);
            }
        }
        agreement(law).land = None;
    },
    |law| agreement(law).engagements.get_mut("near").unwrap().minimum_tls = Some(promise(TlsVersion::V1_2)),
    // Clauses that return the controller's own data need no assessment.
    |law| {
        let mut back = clauses("scc-back", "Own GmbH", "Customer AG");
        if let Instrument::StandardContractualClauses { modules, assessment, returns_controllers_data_only, .. } =
            &mut back.instrument
        {
            *modules = BTreeSet::from([4]);
            *assessment = None;
            *returns_controllers_data_only = true;
        }
        with(law, back);
    },
];

#[test]
fn near_misses_are_not_found() {
    let found = HARMLESS.iter().enumerate().flat_map(|(index, change)| {
        let mut law = ruleset();
        change(&mut law);
        lint(&law, at()).into_iter().map(move |found| (index, found.id, found.text))
    });
    assert_eq!(found.collect::<Vec<_>>(), []);
}
