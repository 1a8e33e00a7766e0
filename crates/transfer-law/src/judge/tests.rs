use std::collections::BTreeSet;

use jiff::civil::date;
use landfall_observation::{Confidence, LocationMethod, TlsVersion};

use super::*;
use crate::{
    Activation, Assessment, AssessmentOutcome, Basis, Certainty, Citation, DpfDataType, EntityKind, HrData, Instrument,
    MissingCode, Obligation, OnwardRecipient, OpaqueHandling, PlaceVerdict, Policy, Setting, Validity, fixture::*,
};

#[test]
fn the_outcomes_are_ordered_from_best_to_worst() {
    use Outcome::*;
    let mut order = [Unlawful, Unknown, Conditional, Permitted, NotATransfer, IntraEea, NotPersonal];
    order.sort();
    assert_eq!(order, [NotPersonal, IntraEea, NotATransfer, Permitted, Conditional, Unknown, Unlawful]);
}

#[test]
fn a_recipient_wholly_in_the_eea_is_intra_eea() {
    let verdict = judged(&ruleset(recipient("Acme GmbH", "DE", "DE IS")), &to_acme(), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::IntraEea, vec![NoteCode::LocationUncorroborated]));
}

#[test]
fn a_parent_in_a_third_country_is_a_risk_and_no_transfer() {
    let mut acme = recipient("Acme Ireland", "IE", "DE");
    acme.legal_entity = entity("Acme Inc.", "US");
    let verdict = judged(&ruleset(acme), &located(to_acme(), Some("DE")), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::IntraEea, vec![NoteCode::ThirdCountryAccessRisk]));
    assert_eq!(verdict.location.certainty, Certainty::Corroborated);
}

#[test]
fn a_contracting_entity_in_a_third_country_is_an_importer_there_whatever_the_region() {
    assert_eq!(outcome(&ruleset(recipient("Acme Inc.", "US", "DE")), &to_acme()), Outcome::Unlawful);
}

#[test]
fn storage_or_access_from_a_third_country_makes_a_transfer() {
    for change in [
        (|entry: &mut EndpointEntry| entry.storage = Some(Places::Only(places("US")))) as fn(&mut EndpointEntry),
        |entry| entry.access = Some(Places::Only(places("US"))),
        |entry| entry.access = Some(Places::Anywhere),
        |entry| entry.processing = Places::Anywhere,
    ] {
        let mut acme = recipient("Acme GmbH", "DE", "DE");
        change(acme.endpoints.get_mut("main").unwrap());
        assert_eq!(outcome(&ruleset(acme), &to_acme()), Outcome::Unlawful);
    }
}

#[test]
fn no_basis_for_a_third_country_is_unlawful() {
    let verdict = judged(&american(), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::NoBasis]));
    assert_eq!(verdict.reasons[0].ground.obligation, Some(Obligation::TrfGate));
}

#[test]
fn adequacy_carries_its_country_only() {
    let with = |seat: &str| {
        let mut ruleset = ruleset(recipient("Acme Ltd", seat, seat));
        ruleset.bases.push(adequacy("GB"));
        outcome(&ruleset, &to_acme())
    };
    assert_eq!(with("GB"), Outcome::Permitted);
    assert_eq!(with("IN"), Outcome::Unlawful);
}

#[test]
fn the_dpf_carries_a_listed_active_entity_for_its_kind_of_data() {
    let with = |change: fn(&mut Basis)| {
        let (mut ruleset, mut basis) = (american(), dpf("Acme Inc."));
        change(&mut basis);
        ruleset.bases.push(basis);
        let edge = to_acme();
        let verdict = judged(&ruleset, &edge, now());
        (verdict.outcome, verdict.bases.iter().map(ToOwned::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(with(|_| {}), (Outcome::Permitted, vec!["dpf".to_owned()]));
    assert_eq!(with(|basis| basis.importers = Some(BTreeSet::from(["Acme LLC".into()]))).0, Outcome::Unlawful);
    let table = [
        (listing(false, DpfDataType::NonHr, CHECKED), Outcome::Unlawful, vec![ReasonCode::BasisFallen], vec![]),
        (listing(true, DpfDataType::Hr, CHECKED), Outcome::Unlawful, vec![ReasonCode::BasisDoesNotFit], vec![]),
        (
            listing(true, DpfDataType::NonHr, date(2026, 1, 1)),
            Outcome::Conditional,
            vec![],
            vec![MissingCode::DpfCheck],
        ),
    ];
    for (instrument, expected, reasons, lacking) in table {
        let mut ruleset = american();
        ruleset.bases.push(Basis { instrument, ..dpf("Acme Inc.") });
        let edge = to_acme();
        let verdict = judged(&ruleset, &edge, now());
        assert_eq!((verdict.outcome, codes(&verdict), missing(&verdict)), (expected, reasons, lacking));
    }
}

#[test]
fn scc_need_module_three_annexes_a_signature_and_an_assessment() {
    let with = |modules: &[u8], annexes_complete, signed, assessment: Option<&str>| {
        let mut ruleset = american();
        let instrument = Instrument::StandardContractualClauses {
            decision: "(EU) 2021/914".to_owned(),
            modules: modules.iter().copied().collect(),
            annexes_complete,
            signed,
            assessment: assessment.map(str::to_owned),
            returns_controllers_data_only: false,
        };
        ruleset.bases.push(Basis { instrument, ..scc("Acme Inc.") });
        let edge = to_acme();
        let verdict = judged(&ruleset, &edge, now());
        (verdict.outcome, codes(&verdict), missing(&verdict))
    };
    let signed = Some(date(2025, 9, 1));
    let none = Vec::new;
    assert_eq!(with(&[2, 3], true, signed, Some("tia")), (Outcome::Permitted, vec![], vec![]));
    assert_eq!(with(&[2], true, signed, Some("tia")), (Outcome::Unlawful, vec![ReasonCode::BasisDoesNotFit], vec![]));
    assert_eq!(with(&[3], false, signed, Some("tia")), (Outcome::Conditional, none(), vec![MissingCode::Annexes]));
    assert_eq!(with(&[3], true, None, Some("tia")), (Outcome::Conditional, none(), vec![MissingCode::Signature]));
    let later = Some(date(2027, 1, 1));
    assert_eq!(with(&[3], true, later, Some("tia")), (Outcome::Conditional, none(), vec![MissingCode::Signature]));
    assert_eq!(with(&[3], true, signed, None), (Outcome::Conditional, none(), vec![MissingCode::ImpactAssessment]));
    let all = vec![MissingCode::Signature, MissingCode::Annexes, MissingCode::ImpactAssessment];
    assert_eq!(with(&[3], false, None, Some("none")), (Outcome::Conditional, none(), all));
}

#[test]
fn the_impact_assessment_must_be_of_this_importer_and_country_and_fresh() {
    let with = |change: fn(&mut Assessment)| {
        let mut ruleset = american();
        ruleset.bases.push(scc("Acme Inc."));
        change(ruleset.assessments.get_mut("tia").unwrap());
        let edge = to_acme();
        let verdict = judged(&ruleset, &edge, now());
        (verdict.outcome, codes(&verdict), missing(&verdict))
    };
    let conditional = |code| (Outcome::Conditional, Vec::new(), vec![code]);
    assert_eq!(with(|tia| tia.importer = "Acme LLC".into()), conditional(MissingCode::ImpactAssessment));
    assert_eq!(with(|tia| tia.countries = places("IN")), conditional(MissingCode::ImpactAssessment));
    assert_eq!(with(|tia| tia.outcome = AssessmentOutcome::Open), conditional(MissingCode::AssessmentOutcome));
    assert_eq!(with(|tia| tia.decided = date(2025, 1, 1)), conditional(MissingCode::AssessmentRefresh));
    assert_eq!(with(|tia| tia.next_review = Some(date(2026, 11, 21))), conditional(MissingCode::AssessmentRefresh));
    let today = with(|tia| (tia.decided, tia.next_review) = (date(2020, 1, 1), Some(date(2026, 11, 23))));
    assert_eq!(today, (Outcome::Permitted, vec![], vec![]));
    let refused = with(|tia| tia.outcome = AssessmentOutcome::NotAcceptable);
    assert_eq!(refused, (Outcome::Unlawful, vec![ReasonCode::AssessmentNotAcceptable], vec![]));
}

#[test]
fn no_assessment_covers_a_provider_that_names_no_place() {
    let mut rules = american();
    rules.bases.push(scc("Acme Inc."));
    let acme = rules.recipients.get_mut("acme").unwrap();
    acme.endpoints.get_mut("main").unwrap().processing = Places::Anywhere;
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, missing(&verdict)), (Outcome::Conditional, vec![MissingCode::ImpactAssessment]));
}

#[test]
fn of_several_bases_the_best_carries() {
    let mut ruleset = american();
    let fallen = Validity { annulled: Some(at("2026-11-01T00:00:00Z")), ..Validity::default() };
    ruleset.bases.push(Basis { validity: fallen, ..dpf("Acme Inc.") });
    ruleset.bases.push(scc("Acme Inc."));
    let edge = to_acme();
    let verdict = judged(&ruleset, &edge, now());
    assert_eq!((verdict.outcome, verdict.bases.to_vec(), codes(&verdict)), (Outcome::Permitted, vec!["scc"], vec![]));
}

#[test]
fn annulment_works_from_the_start_and_repeal_from_its_day() {
    let (before, after) = (at("2026-11-10T00:00:00Z"), now());
    let fall = at("2026-11-20T00:00:00Z");
    let with = |validity: Validity, at| {
        let mut ruleset = american();
        ruleset.bases.push(Basis { validity, ..dpf("Acme Inc.") });
        judged(&ruleset, &to_acme(), at).outcome
    };
    let table = [
        (Validity { annulled: Some(fall), ..Validity::default() }, Outcome::Unlawful, Outcome::Unlawful),
        (Validity { repealed: Some(fall), ..Validity::default() }, Outcome::Permitted, Outcome::Unlawful),
        (Validity { suspended: Some(fall), ..Validity::default() }, Outcome::Permitted, Outcome::Unlawful),
        (Validity { until: Some(fall), ..Validity::default() }, Outcome::Permitted, Outcome::Unlawful),
        (Validity { from: Some(fall), ..Validity::default() }, Outcome::Unlawful, Outcome::Permitted),
    ];
    for (validity, earlier, later) in table {
        assert_eq!((with(validity.clone(), before), with(validity.clone(), after)), (earlier, later), "{validity:?}");
    }
    // The end is exclusive.
    let until = Validity { until: Some(fall), ..Validity::default() };
    assert_eq!(with(until, fall), Outcome::Unlawful);
}

#[test]
fn stale_legal_data_degrades_permitted_to_conditional_at_the_transfers_own_time() {
    let mut ruleset = american();
    ruleset.bases.push(Basis { as_of: date(2026, 1, 1), ..scc("Acme Inc.") });
    let edge = to_acme();
    let verdict = judged(&ruleset, &edge, now());
    assert_eq!((verdict.outcome, missing(&verdict)), (Outcome::Conditional, vec![MissingCode::FreshLegalData]));
    assert_eq!(judged(&ruleset, &to_acme(), at("2026-06-01T00:00:00Z")).outcome, Outcome::Permitted);
}

#[test]
fn the_verdict_is_the_worst_over_the_chain() {
    let onward = |entity: Entity, at: &str| OnwardRecipient {
        entity,
        places: Places::Only(places(at)),
        purpose: "support".into(),
        recipient: None,
    };
    let mut acme = recipient("Acme Ireland", "IE", "IE");
    acme.onward = Some(vec![onward(entity("Acme Inc.", "US"), "US")]);
    let mut rules = ruleset(acme.clone());
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::NoBasis]));
    assert_eq!(verdict.chain.iter().map(|hop| hop.outcome).collect::<Vec<_>>(), [Outcome::IntraEea, Outcome::Unlawful]);

    rules.bases.push(dpf("Acme Inc."));
    assert_eq!(outcome(&rules, &to_acme()), Outcome::Permitted);

    acme.onward = None;
    rules.recipients.insert("acme".to_owned(), acme);
    let verdict = judged(&rules, &to_acme(), now());
    assert_eq!((verdict.outcome, missing(&verdict)), (Outcome::Conditional, vec![MissingCode::OnwardList]));
}

#[test]
fn every_reason_is_collected_and_the_worst_stands_first() {
    use ReasonCode::{CategoryOutsideAgreement, MeasureNotMet, NoBasis, TenantUnknown};
    let mut rules = american();
    let avv = agreement(&mut rules);
    engagement(avv).activation = Activation::PerTenant { tenants: BTreeSet::new() };
    let mut edge = seen(to_acme(), &[DataCategory::BANK_ACCOUNT]);
    edge.channel.plaintext = true;
    let verdict = judged(&rules, &edge, now());
    assert_eq!(codes(&verdict), [CategoryOutsideAgreement, NoBasis, MeasureNotMet, TenantUnknown]);
}

#[test]
fn a_recipient_of_which_nothing_is_known_is_unknown() {
    let mut acme = recipient("Acme GmbH", "DE", "DE");
    acme.categories.clear();
    let verdict = judged(&ruleset(acme), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unknown, vec![ReasonCode::CategoriesUnknown]));
}

#[test]
fn an_agreement_that_the_ruleset_lacks_is_unknown() {
    let verdict = judged(&Ruleset::default(), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unknown, vec![ReasonCode::AgreementUnknown]));
}

mod agreement_terms;
mod by_place;
mod counterparts;
mod engagement;
mod instruments;
mod places;
mod safeguards;
mod scope;
mod worse;

#[test]
fn what_is_not_certain_is_a_note_and_moves_no_verdict() {
    use landfall_observation::{Finding, FindingCertainty};

    let (rules, mut edge) = (ruleset(recipient("Acme GmbH", "DE", "DE")), to_stranger());
    edge.categories.seen.clear();
    let certain = judged(&rules, &edge, now());
    let finding = Finding {
        category: DataCategory::TELEPHONE_NUMBER,
        detector: "phone".to_owned(),
        certainty: FindingCertainty::Heuristic,
        matches: 1,
        records: 1,
        places: Vec::new(),
    };
    assert!(!edge.categories.uncertain.admit(&finding, false));
    let verdict = judged(&rules, &edge, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (certain.outcome, codes(&certain)));
    let uncertain: Vec<_> = verdict.notes.iter().filter(|note| note.code == NoteCode::UncertainMatches).collect();
    assert_eq!(
        uncertain[0].says.to_string(),
        "pd:TelephoneNumber may have been sent: what was found only looks like it, or stood in fewer than three records; it \
         does not count as seen"
    );
}
