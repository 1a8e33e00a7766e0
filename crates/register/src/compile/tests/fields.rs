//! Every field of the objects reaches the ruleset.

use std::path::Path;

use landfall_observation::DataCategory;
use landfall_transfer_law::{
    Approval, Citation, ClaimedInstrument, DerogationGround, EncryptionEnd, EntityKind, HrData, Instrument,
    Interpretation, Obligation, PeriodUnit, Places,
    clock::{self, duty},
};

use super::*;
use crate::load;

#[test]
fn a_period_keeps_the_calendar_of_its_duty() {
    let mut register = register();
    let agreed = |id: &str, amount, unit, saturday_is_werktag| landfall_api::AgreedObligation {
        id: id.to_owned(),
        period: Some(landfall_api::Period { amount, unit }),
        saturday_is_werktag,
        form: None,
        lines: vec!["L1".to_owned(), "L3-L4".to_owned()],
    };
    register.agreements[0].spec.obligations = vec![
        agreed("SUB-OBJ", 3, PeriodUnit::WorkingDays, Some(false)),
        agreed("TERM", 12, PeriodUnit::Months, None),
        agreed("OWN-WORD", 1, PeriodUnit::Days, None),
    ];
    let compiled = compile(&register);
    let agreement = compiled.ruleset.agreements.first_key_value().unwrap().1;
    let objection = agreement.period(Obligation::SubObj).unwrap();
    let usual = duty(Obligation::SubObj).unwrap().rule;
    assert_eq!((objection.amount.get(), objection.unit), (3, PeriodUnit::WorkingDays));
    assert_eq!((objection.calendar, objection.roll), (usual.calendar, usual.roll));
    assert!(!objection.saturday_is_werktag);
    // An obligation without a default period keeps its own, too, and lint reports that nothing computes it.
    let term = agreement.period(Obligation::Term).unwrap();
    assert_eq!((term.amount.get(), term.unit, term.saturday_is_werktag), (12, PeriodUnit::Months, true));
    assert_eq!(agreement.periods.len(), 2);
    assert_eq!(agreement.clause(Obligation::SubObj).map(Citation::as_str), Some("L1, L3-L4"));
    assert_eq!(agreement.unknown_obligations.keys().collect::<Vec<_>>(), ["OWN-WORD"]);
    // The agreement cannot change these.
    assert_eq!(agreement.period(Obligation::BrAuth), duty(Obligation::BrAuth).map(|duty| duty.rule));
}

#[test]
fn an_agreement_without_settings_is_read_by_the_defaults() {
    let compiled = compile(&register());
    let agreement = compiled.ruleset.agreements.first_key_value().unwrap().1;
    assert_eq!(agreement.interpretation, Interpretation::default());
    assert!(agreement.periods.is_empty());
    for duty in clock::DUTIES {
        assert_eq!(agreement.period(duty.id), Some(duty.rule));
    }
}

fn example(folder: &str) -> Ruleset {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pass").join(folder);
    compile(&load(&folder).map_err(|errors| errors.to_string()).unwrap()).ruleset
}

#[test]
fn every_instrument_arrives_as_what_it_is() {
    let ruleset = example("every-instrument");
    let shipped: BTreeSet<_> = crate::instruments().iter().map(|basis| basis.metadata.name.as_str()).collect();
    let found: Vec<_> = ruleset
        .bases
        .iter()
        .filter(|basis| !shipped.contains(basis.name.as_str()))
        .map(|basis| {
            let kind = format!("{:?}", basis.instrument);
            let kind = kind.split([' ', '{']).next().unwrap_or_default().to_owned();
            (basis.name.as_str(), kind, basis.dpv.as_deref().unwrap_or("none"))
        })
        .collect();
    let expected = [
        ("ad-hoc", "AdHocClauses", "eu-gdpr:A46-3-a"),
        ("adequacy", "Adequacy", "eu-gdpr:A45-3"),
        ("adequacy-organisation", "Adequacy", "eu-gdpr:A45-3"),
        ("arrangement", "AdministrativeArrangement", "eu-gdpr:A46-3-b"),
        ("certificate", "Certification", "eu-gdpr:A46-2-f"),
        ("clauses", "StandardContractualClauses", "eu-gdpr:A46-2-d"),
        ("clauses-back", "StandardContractualClauses", "eu-gdpr:A46-2-c"),
        ("code", "CodeOfConduct", "eu-gdpr:A46-2-e"),
        ("compelling", "Derogation", "eu-gdpr:A49-2"),
        ("ground-a", "Derogation", "eu-gdpr:A49-1-a"),
        ("ground-b", "Derogation", "eu-gdpr:A49-1-b"),
        ("ground-c", "Derogation", "eu-gdpr:A49-1-c"),
        ("ground-d", "Derogation", "eu-gdpr:A49-1-d"),
        ("ground-e", "Derogation", "eu-gdpr:A49-1-e"),
        ("ground-f", "Derogation", "eu-gdpr:A49-1-f"),
        ("ground-g", "Derogation", "eu-gdpr:A49-1-g"),
        ("listing", "DpfListing", "eu-gdpr:A45-3"),
        ("order", "ForeignOrder", "none"),
        ("public", "PublicInstrument", "eu-gdpr:A46-2-a"),
        ("rules", "BindingCorporateRules", "eu-gdpr:A46-2-b"),
        ("set", "ClauseSet", "eu-gdpr:A46-2-d"),
    ];
    assert_eq!(found, expected.map(|(name, kind, dpv)| (name, kind.to_owned(), dpv)));
    assert_eq!(
        ruleset.bases.get("clauses-back").unwrap().instrument,
        Instrument::StandardContractualClauses {
            decision: "(EU) 2021/914".to_owned(),
            modules: [4].into(),
            annexes_complete: true,
            signed: None,
            assessment: None,
            returns_controllers_data_only: true,
        }
    );
    assert_eq!(
        ruleset.bases.get("compelling").unwrap().instrument,
        Instrument::Derogation {
            ground: DerogationGround::CompellingInterests,
            approval: Some(Approval { by: "the board".to_owned(), on: "2026-01-01".parse().unwrap() }),
            max_occurrences: Some(1),
            informed: true,
        }
    );
    let regime = Instrument::Adequacy { decision: "x".to_owned(), regime: Some("LAW".to_owned()), listed_only: false };
    assert_eq!(ruleset.bases.get("adequacy").unwrap().instrument, regime);
    assert_eq!(
        ruleset.bases.get("adequacy").unwrap().except_categories,
        ["pd:Credit".parse::<DataCategory>().unwrap()].into()
    );
}

#[test]
fn what_the_text_claims_arrives_in_fields() {
    let ruleset = example("every-instrument");
    let agreement = ruleset.agreements.first_key_value().unwrap().1;
    assert_eq!(agreement.processor.kind, EntityKind::PublicBody);
    assert_eq!(agreement.controllers[0].entity.kind, EntityKind::PublicBody);
    assert_eq!(
        (agreement.interpretation.hr_data, agreement.interpretation.inform_on_any_country),
        (HrData::UnitedStates, false)
    );
    let [one, two] = agreement.text.annexes.as_slice() else { panic!("two annexes") };
    assert_eq!((one.present, one.revision.as_deref()), (true, Some("2")));
    assert_eq!((two.present, two.revision.as_deref()), (false, None));
    let claims: Vec<_> = agreement.text.statements.iter().map(|claim| &claim.places).collect();
    let ireland = Places::Only(["IE".parse().unwrap()].into());
    assert_eq!(claims, [&Some(ireland), &Some(Places::Anywhere), &None, &None, &None, &None]);
    let clauses = &agreement.text.statements[3];
    assert_eq!(clauses.instrument, Some(ClaimedInstrument::StandardContractualClauses));
    assert_eq!((&clauses.modules, &clauses.seats), (&[3].into(), &Some(["US".parse().unwrap()].into())));
    let engagement = &agreement.engagements["acme"];
    assert_eq!(engagement.minimum_tls.as_ref().unwrap().clause, "L94".into());
    assert_eq!(engagement.ended.unwrap().to_string(), "2027-01-01T00:00:00Z");

    let acme = &ruleset.recipients["acme"];
    assert_eq!(acme.legal_entity.regimes, [("LAW".to_owned(), false)].into());
    assert_eq!(acme.end_to_end, Some(EncryptionEnd::DataSubject));
    assert_eq!(acme.data_subjects, Some(["dpv:Customer".to_owned()].into()));
    let onward = acme.onward.as_ref().unwrap();
    assert_eq!((&onward[0].places, &onward[0].recipient), (&Places::Anywhere, &None));
    assert_eq!(onward[1].recipient.as_deref(), Some("bolt"));
    assert_eq!(onward[1].entity.kind, EntityKind::InternationalOrganisation);
}

#[test]
fn developments_of_a_register_are_applied_the_oldest_first() {
    let ruleset = example("development");
    let names: Vec<_> = ruleset.developments.iter().map(|development| development.name.as_str()).collect();
    assert_eq!(names, ["annulled", "ended", "lapsed", "opinion"]);
    assert_eq!(ruleset.version.len(), 64);
    let instant = |text: &str| Some(text.parse().unwrap());
    // The Court maintains the effects for a time (Art. 264(2) TFEU).
    let framework = ruleset.bases.act("(EU) 2023/1795").unwrap();
    assert_eq!(framework.validity.repealed, instant("2027-06-01T00:00:00Z"));
    assert_eq!(framework.validity.annulled, None);
    assert_eq!(framework.validity.ended_by.as_deref(), Some("annulled"));
    assert_eq!(ruleset.bases.get("adequacy-gb").unwrap().validity.until, instant("2031-12-27T23:00:00Z"));
    assert_eq!(ruleset.assessments["tia"].hit.as_ref().unwrap().development, "annulled");
    let engagement = &ruleset.agreements.first_key_value().unwrap().1.engagements["acme"];
    assert_eq!(engagement.ended, instant("2027-01-01T00:00:00Z"));
}

#[test]
fn a_development_beside_the_register_does_what_one_in_it_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pass/development");
    let mut register = load(&folder).unwrap();
    let developments = std::mem::take(&mut register.developments);
    let mut ruleset = compile(&register).ruleset;
    for name in ["annulled", "ended", "lapsed", "opinion"] {
        let object = developments.iter().find(|object| object.metadata.name == name).unwrap();
        ruleset = compile_development(object).apply(&ruleset);
    }
    let inside = example("development");
    assert_ne!(ruleset.version, inside.version);
    ruleset.version.clone_from(&inside.version);
    assert_eq!(ruleset, inside);
}

#[test]
fn in_a_cluster_what_a_development_or_a_basis_names_can_be_missing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pass/development");
    let mut register = load(&folder).unwrap();
    register.agreements.clear();
    register.recipients.retain(|object| object.metadata.name == "acme");
    register.recipients[0].metadata.name = "other".to_owned();
    register.assessments.clear();
    register.bases.clear();
    let warnings: Vec<_> = compile(&register).warnings.iter().map(ToString::to_string).collect();
    let expected = [
        "LegalDevelopment annulled: hits \"a law that nobody assessed\", on which no TransferImpactAssessment rests",
        "LegalDevelopment annulled: hits \"a law\", on which no TransferImpactAssessment rests",
        "LegalDevelopment annulled: hits (EU) 2023/1795, on which no TransferBasis rests",
        "LegalDevelopment annulled: hits tia, which is no TransferImpactAssessment",
        "LegalDevelopment ended: ends the use of acme, which is no Recipient",
        "LegalDevelopment lapsed: hits adequacy-gb, which is no TransferBasis",
        "Recipient other: passes data on to bolt, which is no Recipient",
    ];
    assert_eq!(warnings, expected);

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pass/every-instrument");
    let mut register = load(&folder).unwrap();
    register.assessments.clear();
    register.bases.retain(|basis| basis.metadata.name == "clauses" || basis.metadata.name == "listing");
    let warnings: Vec<_> = compile(&register).warnings.iter().map(ToString::to_string).collect();
    let expected = [
        "TransferBasis clauses: names tia, which is no TransferImpactAssessment",
        "TransferBasis clauses: rests on z, which no TransferBasis has as a set of clauses",
        "TransferBasis listing: rests on (EU) 2023/1795, which no TransferBasis has as an adequacy decision that carries through listings",
    ];
    assert_eq!(warnings, expected);
}
