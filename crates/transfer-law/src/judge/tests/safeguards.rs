//! The instruments other than adequacy decisions, listings and the clauses of 2021, and what each needs.

use jiff::civil::Date;

use super::*;
use crate::{
    Approval, BcrVariant, ClausesAuthor, DerogationGround, EntityKind, KeyCustody, MissingCode as M, ReasonCode as R,
};

const APPROVED: Option<Date> = Some(date(2025, 1, 1));

/// The name of the assessment.
#[expect(clippy::unnecessary_wraps, reason = "shaped as the field that it is for")]
fn tia_name() -> Option<String> {
    Some("tia".to_owned())
}

/// The judgment if `instrument` is the only basis that is registered for the transfer.
fn under(instrument: Instrument, change: impl Fn(&mut Ruleset)) -> (Outcome, Vec<R>, Vec<M>) {
    let mut rules = american();
    rules.bases.push(Basis { instrument, ..basis("basis", clauses(&[3]), Some("Acme Inc."), None) });
    change(&mut rules);
    let verdict = judged(&rules, &to_acme(), now());
    (verdict.outcome, codes(&verdict), missing(&verdict))
}

fn carried() -> (Outcome, Vec<R>, Vec<M>) {
    (Outcome::Permitted, vec![], vec![])
}

fn lacking(code: M) -> (Outcome, Vec<R>, Vec<M>) {
    (Outcome::Conditional, vec![], vec![code])
}

fn refused(code: R) -> (Outcome, Vec<R>, Vec<M>) {
    (Outcome::Unlawful, vec![code], vec![])
}

#[test]
fn binding_corporate_rules_are_for_processors_and_approved() {
    let rules = |variant, approved, assessment| Instrument::BindingCorporateRules { variant, approved, assessment };
    let with = |variant, approved, assessment| under(rules(variant, approved, assessment), |_| {});
    assert_eq!(with(BcrVariant::Processor, APPROVED, tia_name()), carried());
    assert_eq!(with(BcrVariant::Controller, APPROVED, tia_name()), refused(R::BasisDoesNotFit));
    assert_eq!(with(BcrVariant::Processor, None, tia_name()), lacking(M::Approval));
    assert_eq!(with(BcrVariant::Processor, Some(date(2027, 1, 1)), tia_name()), lacking(M::Approval));
    assert_eq!(with(BcrVariant::Processor, APPROVED, None), lacking(M::ImpactAssessment));
}

#[test]
fn codes_and_certifications_need_recognition_and_commitments() {
    let code = |approved, binding_commitments, assessment| {
        under(Instrument::CodeOfConduct { approved, binding_commitments, assessment }, |_| {})
    };
    let certification = |certified, binding_commitments, assessment| {
        under(Instrument::Certification { certified, binding_commitments, assessment }, |_| {})
    };
    assert_eq!(code(APPROVED, true, tia_name()), carried());
    assert_eq!(certification(APPROVED, true, tia_name()), carried());
    assert_eq!(code(None, true, tia_name()), lacking(M::Approval));
    assert_eq!(certification(Some(date(2027, 1, 1)), true, tia_name()), lacking(M::Approval));
    assert_eq!(code(APPROVED, false, tia_name()), lacking(M::BindingCommitments));
    assert_eq!(certification(APPROVED, true, None), lacking(M::ImpactAssessment));
}

#[test]
fn own_clauses_need_the_authority() {
    let with = |authorised, assessment| under(Instrument::AdHocClauses { authorised, assessment }, |_| {});
    assert_eq!(with(APPROVED, tia_name()), carried());
    assert_eq!(with(None, tia_name()), lacking(M::Authorisation));
    assert_eq!(with(Some(date(2027, 1, 1)), tia_name()), lacking(M::Authorisation));
    assert_eq!(with(APPROVED, None), lacking(M::ImpactAssessment));
}

#[test]
fn instruments_of_public_bodies_are_between_public_bodies() {
    let public = |exporter, importer| {
        move |rules: &mut Ruleset| {
            agreement(rules).processor.kind = exporter;
            rules.recipients.get_mut("acme").unwrap().contracting_entity.kind = importer;
        }
    };
    let (body, company) = (EntityKind::PublicBody, EntityKind::Company);
    let instrument = || Instrument::PublicInstrument { assessment: tia_name() };
    let arrangement = |authorised| Instrument::AdministrativeArrangement { authorised, assessment: tia_name() };
    assert_eq!(under(instrument(), public(body, body)), carried());
    assert_eq!(under(instrument(), public(company, body)), refused(R::BasisDoesNotFit));
    assert_eq!(under(instrument(), public(body, company)), refused(R::BasisDoesNotFit));
    assert_eq!(
        under(Instrument::PublicInstrument { assessment: None }, public(body, body)),
        lacking(M::ImpactAssessment)
    );
    assert_eq!(under(arrangement(APPROVED), public(body, body)), carried());
    assert_eq!(under(arrangement(None), public(body, body)), lacking(M::Authorisation));
    assert_eq!(under(arrangement(Some(date(2027, 1, 1))), public(body, body)), lacking(M::Authorisation));
}

#[test]
fn an_order_rests_on_a_treaty_with_safeguards() {
    let with = |treaty: Option<&str>, safeguards| {
        under(Instrument::ForeignOrder { treaty: treaty.map(str::to_owned), safeguards }, |_| {})
    };
    assert_eq!(with(Some("a treaty"), true), carried());
    assert_eq!(with(Some("a treaty"), false), refused(R::BasisDoesNotFit));
    assert_eq!(with(None, true), refused(R::BasisDoesNotFit));
}

/// A derogation that a person approved, with an end and for ten connections.
fn derogation(ground: DerogationGround, change: impl Fn(&mut Basis, &mut Edge)) -> (Outcome, Vec<R>, Vec<M>) {
    let mut rules = american();
    let approval = Some(Approval { by: "privacy office".into(), on: date(2026, 11, 1) });
    let instrument = Instrument::Derogation { ground, approval, max_occurrences: Some(10), informed: true };
    let validity = Validity { until: Some(at("2026-12-31T00:00:00Z")), ..Validity::default() };
    let mut basis = Basis { validity, ..basis("derogation", instrument, Some("Acme Inc."), None) };
    let mut edge = to_acme();
    edge.volume.connections = 10;
    change(&mut basis, &mut edge);
    rules.bases.push(basis);
    let verdict = judged(&rules, &edge, now());
    (verdict.outcome, codes(&verdict), missing(&verdict))
}

#[test]
fn a_derogation_is_for_single_occasions_that_a_person_approved() {
    use DerogationGround::{CompellingInterests, ExplicitConsent, LegalClaims};
    let limit = |limit| {
        move |basis: &mut Basis, _: &mut Edge| {
            if let Instrument::Derogation { max_occurrences, .. } = &mut basis.instrument {
                *max_occurrences = limit;
            }
        }
    };
    assert_eq!(derogation(LegalClaims, |_, _| {}), carried());
    assert_eq!(derogation(LegalClaims, |_, edge| edge.volume.connections = 11), refused(R::Recurring));
    assert_eq!(derogation(LegalClaims, limit(None)), refused(R::Recurring));
    // Traffic without a counted connection counts as one use.
    let none = |basis: &mut Basis, edge: &mut Edge| {
        edge.volume.connections = 0;
        limit(Some(0))(basis, edge);
    };
    assert_eq!(derogation(LegalClaims, none), refused(R::Recurring));
    assert_eq!(derogation(LegalClaims, |basis, _| basis.validity.until = None), lacking(M::Expiry));
    let approved = |on: Option<Date>| {
        move |basis: &mut Basis, _: &mut Edge| {
            if let Instrument::Derogation { approval, .. } = &mut basis.instrument {
                *approval = on.map(|on| Approval { by: "privacy office".into(), on });
            }
        }
    };
    assert_eq!(derogation(ExplicitConsent, approved(None)), lacking(M::Approval));
    assert_eq!(derogation(ExplicitConsent, approved(Some(date(2027, 1, 1)))), lacking(M::Approval));
    let uninformed = |basis: &mut Basis, _: &mut Edge| {
        if let Instrument::Derogation { informed, .. } = &mut basis.instrument {
            *informed = false;
        }
    };
    assert_eq!(derogation(CompellingInterests, uninformed), lacking(M::Information));
    assert_eq!(derogation(LegalClaims, uninformed), carried());
    assert_eq!(derogation(CompellingInterests, |_, _| {}), carried());
}

#[test]
fn some_derogations_are_not_for_public_authorities() {
    let of_an_authority = |ground| {
        let approval = Some(Approval { by: "office".into(), on: date(2026, 11, 1) });
        let mut rules = american();
        agreement(&mut rules).processor.kind = EntityKind::PublicBody;
        let instrument = Instrument::Derogation { ground, approval, max_occurrences: Some(1), informed: true };
        let validity = Validity { until: Some(at("2026-12-31T00:00:00Z")), ..Validity::default() };
        rules.bases.push(Basis { validity, ..basis("derogation", instrument, Some("Acme Inc."), None) });
        let verdict = judged(&rules, &to_acme(), now());
        (verdict.outcome, verdict.reasons.first().and_then(|reason| reason.ground.article))
    };
    let grounds = [
        (DerogationGround::ExplicitConsent, false, "Art. 49(1)(a) GDPR"),
        (DerogationGround::Contract, false, "Art. 49(1)(b) GDPR"),
        (DerogationGround::ContractInInterest, false, "Art. 49(1)(c) GDPR"),
        (DerogationGround::CompellingInterests, false, "Art. 49(1) second subparagraph GDPR"),
        (DerogationGround::PublicInterest, true, "Art. 49(1)(d) GDPR"),
        (DerogationGround::LegalClaims, true, "Art. 49(1)(e) GDPR"),
        (DerogationGround::VitalInterests, true, "Art. 49(1)(f) GDPR"),
        (DerogationGround::PublicRegister, true, "Art. 49(1)(g) GDPR"),
    ];
    for (ground, carries, article) in grounds {
        let expected = if carries { (Outcome::Permitted, None) } else { (Outcome::Unlawful, Some("Art. 49(3) GDPR")) };
        assert_eq!(of_an_authority(ground), expected, "{ground:?}");
        let mut rules = american();
        let instrument = Instrument::Derogation { ground, approval: None, max_occurrences: Some(1), informed: true };
        rules.bases.push(basis("derogation", instrument, Some("Acme Inc."), None));
        assert_eq!(judged(&rules, &to_acme(), now()).grounds[0].article, Some(article));
    }
}

#[test]
fn a_decision_can_be_limited_to_importers_under_a_law() {
    let with = |stated: Option<bool>| {
        let mut rules = american();
        let instrument =
            Instrument::Adequacy { decision: "test".into(), regime: Some("PIPEDA".into()), listed_only: false };
        rules.bases.push(basis("canada", instrument, None, Some("US")));
        let importer = &mut rules.recipients.get_mut("acme").unwrap().contracting_entity;
        importer.regimes.extend(stated.map(|applies| ("PIPEDA".to_owned(), applies)));
        let verdict = judged(&rules, &to_acme(), now());
        (verdict.outcome, codes(&verdict), missing(&verdict))
    };
    assert_eq!(with(Some(true)), carried());
    assert_eq!(with(Some(false)), refused(R::BasisDoesNotFit));
    assert_eq!(with(None), lacking(M::ScopeConfirmation));
}

#[test]
fn a_listing_falls_with_its_decision_and_waits_for_one_that_is_not_registered() {
    let with = |change: fn(&mut Basis), registered| {
        let mut rules = american();
        rules.bases = acts()
            .iter()
            .filter(|_| registered)
            .cloned()
            .map(|mut act| {
                change(&mut act);
                act
            })
            .collect();
        rules.bases.push(dpf("Acme Inc."));
        let verdict = judged(&rules, &to_acme(), now());
        (verdict.outcome, codes(&verdict), missing(&verdict))
    };
    assert_eq!(with(|_| {}, true), carried());
    assert_eq!(with(|_| {}, false), lacking(M::LegalAct));
    assert_eq!(with(|act| act.validity.annulled = Some(now()), true), refused(R::BasisFallen));
    assert_eq!(with(|act| act.except_categories = [DataCategory::NAME].into(), true), refused(R::BasisDoesNotFit));
    // A decision for listed entities carries nothing without a listing.
    let mut rules = american();
    rules.bases = acts();
    assert_eq!(codes(&judged(&rules, &to_acme(), now())), [R::NoBasis]);
}

#[test]
fn contracts_on_old_clauses_lived_on_for_a_while() {
    let with = |signed: Option<Date>, module: u8, instant: &str| {
        let mut rules = american();
        let act = Instrument::ClauseSet {
            decision: "2010/87/EU".into(),
            prepared_by: ClausesAuthor::Commission,
            modules: [2, 3].into(),
            contracts_before: Some(at("2021-09-26T22:00:00Z")),
            contracts_until: Some(at("2022-12-27T23:00:00Z")),
        };
        rules.bases.push(basis("old", act, None, None));
        let mut instrument = clauses(&[module]);
        if let Instrument::StandardContractualClauses { decision, signed: date, .. } = &mut instrument {
            (*decision, *date) = ("2010/87/EU".into(), signed);
        }
        rules.bases.push(Basis { instrument, ..scc("Acme Inc.") });
        rules.assessments.get_mut("tia").unwrap().decided = date(2021, 1, 1);
        rules.assessments.get_mut("tia").unwrap().next_review = Some(date(2030, 1, 1));
        let verdict = judged(&rules, &to_acme(), at(instant));
        (verdict.outcome, codes(&verdict))
    };
    let (before, after) = (Some(date(2021, 9, 1)), Some(date(2021, 10, 1)));
    let alive = (Outcome::Permitted, vec![]);
    let dead = (Outcome::Unlawful, vec![R::BasisFallen]);
    assert_eq!(with(before, 3, "2021-09-20T00:00:00Z"), alive);
    assert_eq!(with(before, 3, "2022-12-27T22:59:59Z"), alive);
    assert_eq!(with(before, 3, "2022-12-27T23:00:00Z"), dead);
    assert_eq!(with(after, 3, "2021-11-01T00:00:00Z"), dead);
    assert_eq!(with(None, 3, "2021-11-01T00:00:00Z"), dead);
    assert_eq!(with(before, 2, "2021-09-20T00:00:00Z"), (Outcome::Unlawful, vec![R::BasisDoesNotFit]));
}

#[test]
fn clauses_need_a_module_that_the_act_has_and_an_importer_outside_the_gdpr() {
    let mut rules = american();
    let act = Instrument::ClauseSet {
        decision: "2001/497/EC".into(),
        prepared_by: ClausesAuthor::Commission,
        modules: [1].into(),
        contracts_before: None,
        contracts_until: None,
    };
    rules.bases.push(basis("old", act, None, None));
    let mut instrument = clauses(&[3]);
    if let Instrument::StandardContractualClauses { decision, .. } = &mut instrument {
        *decision = "2001/497/EC".into();
    }
    rules.bases.push(Basis { instrument, ..scc("Acme Inc.") });
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!(codes(&verdict), [R::BasisDoesNotFit]);
    assert!(verdict.reasons[0].ground.says.to_string().contains("has no module 3"));
    // The number of an adequacy decision does not identify a set of clauses.
    let mut instrument = clauses(&[3]);
    if let Instrument::StandardContractualClauses { decision, .. } = &mut instrument {
        *decision = "(EU) 2023/1795".into();
    }
    assert_eq!(under(instrument, |_| {}), lacking(M::LegalAct));

    let stated = |applies| {
        under(clauses(&[3]), move |rules| {
            let importer = &mut rules.recipients.get_mut("acme").unwrap().contracting_entity;
            importer.regimes.insert("GDPR".into(), applies);
        })
    };
    assert_eq!(stated(true), refused(R::BasisDoesNotFit));
    assert_eq!(stated(false), carried());
}

#[test]
fn what_goes_back_to_the_controller_alone_needs_no_assessment() {
    let with = |only| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        let mut instrument = clauses(&[4]);
        if let Instrument::StandardContractualClauses { assessment, returns_controllers_data_only, .. } =
            &mut instrument
        {
            (*assessment, *returns_controllers_data_only) = (None, only);
        }
        rules.bases.push(Basis { instrument, ..scc("Controller AG") });
        let back = Counterpart::OwnNetwork { operator: "Controller AG".into(), jurisdiction: "CH".parse().unwrap() };
        let verdict = judged(&rules, &edge(back), now());
        (verdict.outcome, codes(&verdict), missing(&verdict))
    };
    assert_eq!(with(true), carried());
    assert_eq!(with(false), lacking(M::ImpactAssessment));
    // With module 3 the statement has no effect.
    let mut instrument = clauses(&[3]);
    if let Instrument::StandardContractualClauses { assessment, returns_controllers_data_only, .. } = &mut instrument {
        (*assessment, *returns_controllers_data_only) = (None, true);
    }
    assert_eq!(under(instrument, |_| {}), lacking(M::ImpactAssessment));
}

#[test]
fn measures_do_not_help_where_the_importer_reads() {
    let with = |key_custody, plaintext_needed| {
        under(clauses(&[3]), |rules| {
            let tia = rules.assessments.get_mut("tia").unwrap();
            tia.outcome = AssessmentOutcome::AcceptableWithMeasures;
            (tia.key_custody, tia.plaintext_needed) = (key_custody, plaintext_needed);
        })
    };
    assert_eq!(with(KeyCustody::ExporterEea, false), carried());
    assert_eq!(with(KeyCustody::ThirdPartyEea, false), carried());
    assert_eq!(with(KeyCustody::ExporterEea, true), refused(R::AssessmentNotAcceptable));
    assert_eq!(with(KeyCustody::Importer, false), refused(R::AssessmentNotAcceptable));
}

#[test]
fn an_assessment_made_after_a_development_knew_of_it() {
    let with = |must_end, decided| {
        under(clauses(&[3]), move |rules| {
            let tia = rules.assessments.get_mut("tia").unwrap();
            let from = at("2026-11-10T12:00:00Z");
            tia.hit = Some(crate::Hit { development: "fall".into(), from, must_end });
            tia.decided = decided;
        })
    };
    assert_eq!(with(false, date(2026, 11, 10)), lacking(M::AssessmentRefresh));
    assert_eq!(with(false, date(2026, 11, 11)), carried());
    assert_eq!(with(true, date(2026, 11, 10)), refused(R::AssessmentNotAcceptable));
    assert_eq!(with(true, date(2026, 11, 11)), carried());
    // An assessment made at that very instant did not take the development into account.
    let at_once = under(clauses(&[3]), |rules| {
        let tia = rules.assessments.get_mut("tia").unwrap();
        let from = at("2026-11-10T00:00:00Z");
        tia.hit = Some(crate::Hit { development: "fall".into(), from, must_end: false });
        tia.decided = date(2026, 11, 10);
    });
    assert_eq!(at_once, lacking(M::AssessmentRefresh));
}

#[test]
fn an_international_organisation_is_an_importer_wherever_it_is() {
    let with = |bases: Vec<Basis>| {
        let mut organisation = recipient("Organisation", "DE", "DE");
        organisation.contracting_entity.kind = EntityKind::InternationalOrganisation;
        let mut rules = ruleset(organisation);
        rules.bases = bases.into();
        let verdict = judged(&rules, &to_acme(), now());
        (verdict.outcome, codes(&verdict))
    };
    let decision = || Instrument::Adequacy { decision: "test".into(), regime: None, listed_only: false };
    let none = (Outcome::Unlawful, vec![R::NoBasis]);
    assert_eq!(with(vec![]), none);
    assert_eq!(with(vec![basis("organisation", decision(), Some("Organisation"), None)]), (Outcome::Permitted, vec![]));
    // A decision for its country, or for all countries, does not cover an international organisation.
    assert_eq!(with(vec![basis("country", decision(), None, Some("DE"))]), none);
    assert_eq!(with(vec![basis("country", decision(), Some("Organisation"), Some("DE"))]), none);
    assert_eq!(with(vec![basis("everybody", decision(), None, None)]), none);
}
