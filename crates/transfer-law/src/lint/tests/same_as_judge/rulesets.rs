//! Random rulesets.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use landfall_observation::DataCategory;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};

use crate::{
    Assessment, AssessmentOutcome, Basis, BcrVariant, ClausesAuthor, DerogationGround, DpfDataType, EndpointEntry,
    EntityKind, Hit, Instrument, KeyCustody, OnwardRecipient, Places, Recipient, Ruleset, Validity, fixture,
};

pub(super) const ACME: &str = "Acme Inc.";
const BEHIND: &str = "Behind Ltd";

fn instants() -> impl Strategy<Value = Option<Timestamp>> {
    // Usually none; otherwise long past, past, the instant itself, or in the future.
    prop_oneof![
        20 => Just(None),
        2 => select(vec!["2019-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-11-23T12:00:00Z", "2027-03-01T00:00:00Z"])
            .prop_map(|text| Some(text.parse().unwrap())),
    ]
}

fn days() -> impl Strategy<Value = Option<Date>> {
    select(vec![
        None,
        Some("2018-05-01"),
        Some("2026-09-01"),
        Some("2026-10-01"),
        Some("2026-11-01"),
        Some("2027-02-01"),
    ])
    .prop_map(|day| day.map(|day| day.parse().unwrap()))
}

fn validities() -> impl Strategy<Value = Validity> {
    (instants(), instants(), instants(), instants(), prop::bool::weighted(0.05), instants()).prop_map(
        |(from, until, suspended, repealed, annulled, at)| Validity {
            from,
            until,
            suspended,
            repealed,
            annulled: at.filter(|_| annulled),
            ended_by: None,
        },
    )
}

fn modules() -> impl Strategy<Value = BTreeSet<u8>> {
    prop_oneof![6 => Just(BTreeSet::from([3])), 1 => subsequence(vec![1, 2, 3, 4], 0..4).prop_map(BTreeSet::from_iter)]
}

fn assessments() -> impl Strategy<Value = Option<String>> {
    select(vec![Some("tia"), Some("tia"), Some("tia-behind"), Some("nowhere"), None])
        .prop_map(|name| name.map(str::to_owned))
}

fn instruments() -> BoxedStrategy<Instrument> {
    let clauses = (
        select(vec!["clauses", "clauses", "old", "framework", "unknown"]),
        modules(),
        prop::bool::weighted(0.9),
        days(),
    );
    let clauses =
        (clauses, assessments(), any::<bool>()).prop_map(|((decision, modules, annexes, signed), tia, back)| {
            Instrument::StandardContractualClauses {
                decision: decision.to_owned(),
                modules,
                annexes_complete: annexes,
                signed,
                assessment: tia,
                returns_controllers_data_only: back,
            }
        });
    let types = subsequence(vec![DpfDataType::Hr, DpfDataType::NonHr], 0..=2);
    let listing = (select(vec!["framework", "clauses", "unknown"]), prop::bool::weighted(0.8), types, days());
    let listing = listing.prop_map(|(decision, active, types, checked)| Instrument::DpfListing {
        decision: decision.to_owned(),
        active,
        data_types: types.into_iter().collect(),
        checked_at: checked.unwrap_or(fixture::CHECKED),
    });
    let adequacy = (select(vec![None, None, Some("SOME-ACT")]), any::<u8>()).prop_map(|(regime, number)| {
        let decision = format!("decision-{number}");
        Instrument::Adequacy { decision, regime: regime.map(str::to_owned), listed_only: false }
    });
    let variant = select(vec![BcrVariant::Processor, BcrVariant::Controller]);
    let rules = (variant, days(), assessments()).prop_map(|(variant, approved, assessment)| {
        Instrument::BindingCorporateRules { variant, approved, assessment }
    });
    let recognised = (any::<bool>(), days(), any::<bool>(), assessments());
    let recognised = recognised.prop_map(|(is_code, date, binding_commitments, assessment)| {
        if is_code {
            Instrument::CodeOfConduct { approved: date, binding_commitments, assessment }
        } else {
            Instrument::Certification { certified: date, binding_commitments, assessment }
        }
    });
    let authorised = (0..3, days(), assessments()).prop_map(|(which, authorised, assessment)| match which {
        0 => Instrument::AdHocClauses { authorised, assessment },
        1 => Instrument::AdministrativeArrangement { authorised, assessment },
        _ => Instrument::PublicInstrument { assessment },
    });
    let order = (any::<bool>(), any::<bool>()).prop_map(|(treaty, safeguards)| Instrument::ForeignOrder {
        treaty: treaty.then(|| "treaty".to_owned()),
        safeguards,
    });
    let ground =
        select(vec![DerogationGround::Contract, DerogationGround::LegalClaims, DerogationGround::CompellingInterests]);
    let derogation = (ground, days(), select(vec![None, Some(0), Some(9)]), any::<bool>()).prop_map(
        |(ground, approved, max_occurrences, informed)| Instrument::Derogation {
            ground,
            approval: approved.map(|on| crate::Approval { by: "office".to_owned(), on }),
            max_occurrences,
            informed,
        },
    );
    prop_oneof![4 => clauses, 2 => listing, 2 => adequacy, 1 => rules, 1 => recognised, 1 => authorised, 1 => order, 1 => derogation].boxed()
}

fn bases() -> impl Strategy<Value = Vec<Basis>> {
    let importers = select(vec![Some(ACME), Some(ACME), Some(BEHIND), None]);
    let exporters = select(vec![None, None, Some("Processor GmbH"), Some(ACME), Some("Acme Holding")]);
    let countries = select(vec![None, None, Some("US"), Some("CA BL"), Some("PR")]);
    let categories = select(vec![None, None, None, Some(DataCategory::NAME), Some(DataCategory::EMAIL_ADDRESS)]);
    let facts = (importers, exporters, countries, categories, prop::bool::weighted(0.1), days());
    vec((instruments(), validities(), facts), 0..3).prop_map(|all| {
        let mut bases = Vec::new();
        for (index, (instrument, validity, facts)) in all.into_iter().enumerate() {
            let (importer, exporter, countries, category, except, as_of) = facts;
            // No basis applies to all importers in all countries.
            let importer = importer.or((!matches!(instrument, Instrument::Adequacy { .. })).then_some(ACME));
            let mut one = fixture::basis(&format!("b{index}"), instrument, importer, countries);
            one.exporters = exporter.map(|name| BTreeSet::from([name.to_owned()]));
            one.categories = category.map(|category| BTreeSet::from([category]));
            if except {
                one.except_categories = BTreeSet::from([DataCategory::NAME]);
            }
            one.validity = validity;
            one.as_of = as_of.unwrap_or(fixture::CHECKED);
            bases.push(one);
        }
        bases
    })
}

fn acts() -> impl Strategy<Value = Vec<Basis>> {
    let sets = (modules(), modules());
    (validities(), validities(), instants(), instants(), sets).prop_map(|(old, framework, before, until, sets)| {
        let set = |name: &str, contracts_before, contracts_until, modules| {
            let prepared_by = ClausesAuthor::Commission;
            let decision = name.to_owned();
            let set = Instrument::ClauseSet { decision, prepared_by, modules, contracts_before, contracts_until };
            fixture::basis(name, set, None, None)
        };
        let decision = "framework".to_owned();
        let listed = Instrument::Adequacy { decision, regime: None, listed_only: true };
        vec![
            set("clauses", None, None, sets.0),
            Basis { validity: old, ..set("old", before, until, sets.1) },
            Basis { validity: framework, ..fixture::basis("framework", listed, None, Some("US")) },
        ]
    })
}

fn assessment(importer: &'static str) -> impl Strategy<Value = Assessment> {
    use AssessmentOutcome::{Acceptable, AcceptableWithMeasures, NotAcceptable, Open};
    let importer = prop_oneof![6 => Just(importer), 1 => Just("Somebody Else")];
    let result =
        select(vec![Acceptable, Acceptable, Acceptable, Acceptable, AcceptableWithMeasures, NotAcceptable, Open]);
    let hit =
        prop::option::weighted(0.1, (any::<bool>(), select(vec!["2026-01-15T00:00:00Z", "2026-08-01T00:00:00Z"])));
    let keys = select(vec![KeyCustody::ExporterEea, KeyCustody::Importer]);
    let countries = select(vec!["US CA BL", "US CA BL", "US CA BL", "US", "PR", "CA"]);
    let review = prop::option::weighted(0.3, days()).prop_map(Option::flatten);
    (importer, result, keys, any::<bool>(), hit, days(), review, countries).prop_map(
        |(importer, outcome, key_custody, plaintext_needed, hit, decided, next_review, countries)| Assessment {
            countries: fixture::places(countries),
            key_custody,
            plaintext_needed,
            outcome,
            decided: decided.unwrap_or("2026-02-02".parse().unwrap()),
            next_review,
            hit: hit.map(|(must_end, from)| Hit {
                development: "judgment".to_owned(),
                from: from.parse().unwrap(),
                must_end,
            }),
            ..fixture::tia(importer)
        },
    )
}

fn some_places() -> impl Strategy<Value = Places> {
    select(vec![Some("DE"), Some("DE US"), Some("US"), Some("PR"), Some("CA"), Some("BL"), None])
        .prop_map(|codes| codes.map_or(Places::Anywhere, |codes| Places::Only(fixture::places(codes))))
}

fn recipients() -> impl Strategy<Value = Recipient> {
    let kind = prop_oneof![6 => Just(EntityKind::Company), 1 => Just(EntityKind::InternationalOrganisation), 1 => Just(EntityKind::PublicBody)];
    let entity = (
        select(vec!["DE", "US", "CA", "BL"]),
        kind,
        prop::option::weighted(0.3, (select(vec!["GDPR", "SOME-ACT"]), any::<bool>())),
    );
    let endpoints = vec((some_places(), prop::option::weighted(0.3, some_places())), 1..3);
    let onward = prop::option::weighted(0.4, (some_places(), select(vec!["DE", "US"])));
    let employees =
        prop::option::weighted(0.3, select(vec![vec!["dpv:Employee"], vec!["dpv:Employee", "dpv:Customer"]]));
    (entity, endpoints, onward, employees, any::<bool>()).prop_map(
        |((seat, kind, regime), endpoints, onward, employees, both)| {
            let mut acme = fixture::recipient(ACME, seat, "DE");
            acme.contracting_entity.kind = kind;
            acme.contracting_entity.regimes.extend(regime.map(|(law, applies)| (law.to_owned(), applies)));
            acme.legal_entity = fixture::entity("Acme Holding", "DE");
            if !both {
                acme.categories = BTreeSet::from([DataCategory::NAME]);
            }
            acme.data_subjects = employees.map(|all| all.into_iter().map(str::to_owned).collect());
            acme.endpoints.clear();
            for (index, (processing, access)) in endpoints.into_iter().enumerate() {
                acme.endpoints.insert(format!("e{index}"), EndpointEntry { processing, storage: None, access });
            }
            acme.onward = Some(
                onward
                    .into_iter()
                    .map(|(places, seat)| OnwardRecipient {
                        entity: fixture::entity(BEHIND, seat),
                        places,
                        purpose: "hosting".to_owned(),
                        recipient: None,
                    })
                    .collect(),
            );
            acme
        },
    )
}

pub(super) fn rulesets() -> impl Strategy<Value = Ruleset> {
    let types = subsequence(vec![DpfDataType::Hr, DpfDataType::NonHr], 0..=2);
    let whole = (prop::bool::weighted(0.6), prop::bool::weighted(0.8), prop::option::weighted(0.3, types));
    let parts = (recipients(), acts(), whole, bases(), assessment(ACME), assessment(BEHIND));
    parts.prop_map(|(acme, acts, (whole, whole_behind, listed), bases, tia, behind)| {
        let mut ruleset = fixture::ruleset(acme);
        let clauses = |name: &str, importer, assessment: &str| {
            let mut clauses = fixture::clauses(&[3]);
            if let Instrument::StandardContractualClauses { decision, assessment: named, .. } = &mut clauses {
                *decision = "clauses".to_owned();
                *named = Some(assessment.to_owned());
            }
            fixture::basis(name, clauses, Some(importer), None)
        };
        let good = whole.then(|| clauses("good", ACME, "tia"));
        let good_behind = whole_behind.then(|| clauses("good-behind", BEHIND, "tia-behind"));
        let listed = listed.map(|types| {
            let (decision, data_types) = ("framework".to_owned(), types.into_iter().collect());
            let listing = Instrument::DpfListing { decision, active: true, data_types, checked_at: fixture::CHECKED };
            fixture::basis("listed", listing, Some(ACME), None)
        });
        ruleset.bases = acts.into_iter().chain(bases).chain(good).chain(good_behind).chain(listed).collect();
        ruleset.assessments.insert("tia".to_owned(), tia);
        ruleset.assessments.insert("tia-behind".to_owned(), behind);
        ruleset
    })
}
