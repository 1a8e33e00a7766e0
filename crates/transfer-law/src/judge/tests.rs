use std::collections::BTreeSet;

use jiff::civil::date;
use landfall_observation::{Confidence, LocationMethod, TlsVersion};

use super::*;
use crate::{
    Activation, Assessment, AssessmentOutcome, Basis, Certainty, Citation, DpfDataType, HrData, Instrument,
    MissingCode, Obligation, OnwardRecipient, OpaqueHandling, Policy, Setting, Validity, fixture::*,
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
fn a_sub_processor_must_be_listed_switched_on_and_past_its_objection_period() {
    let with = |change: fn(&mut Agreement), tenants: &[&str]| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
        change(agreement(&mut rules));
        let mut edge = to_acme();
        edge.tenants = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
        let verdict = judged(&rules, &edge, now());
        (verdict.outcome, codes(&verdict))
    };
    let unlawful = |code| (Outcome::Unlawful, vec![code]);
    let fine = (Outcome::IntraEea, vec![]);
    assert_eq!(with(|avv| avv.engagements.clear(), &[]), unlawful(ReasonCode::UnregisteredRecipient));
    assert_eq!(
        with(|avv| engagement(avv).activation = Activation::Optional { active: false }, &[]),
        unlawful(ReasonCode::NotActivated)
    );
    assert_eq!(with(|avv| engagement(avv).activation = Activation::Optional { active: true }, &[]), fine);
    let per_tenant: fn(&mut Agreement) =
        |avv| engagement(avv).activation = Activation::PerTenant { tenants: BTreeSet::from(["a".to_owned()]) };
    assert_eq!(with(per_tenant, &["a"]), fine);
    assert_eq!(with(per_tenant, &["a", "b"]), unlawful(ReasonCode::NotActivated));
    assert_eq!(with(per_tenant, &[]), (Outcome::Unknown, vec![ReasonCode::TenantUnknown]));
    assert_eq!(
        with(|avv| engagement(avv).effective_from = Some(at("2026-12-22T00:00:00+01:00")), &[]),
        unlawful(ReasonCode::ObjectionPeriodRunning)
    );
    assert_eq!(with(|avv| engagement(avv).effective_from = Some(now()), &[]), fine);
}

#[test]
fn a_category_outside_annex_1_is_unlawful_when_seen_and_noted_when_held() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let card = [DataCategory::CREDIT_CARD_NUMBER];
    let verdict = judged(&rules, &seen(to_acme(), &card), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::CategoryOutsideAgreement]));
    let mut edge = to_acme();
    edge.categories.held.extend(card);
    let verdict = judged(&rules, &edge, now());
    assert_eq!(verdict.outcome, Outcome::IntraEea);
    assert!(notes(&verdict).contains(&NoteCode::HeldOutsideAgreement));
    // Declared on the workload, or given to the recipient as the register says.
    let mut declared = to_acme();
    declared.categories.declared.extend([DataCategory::CREDIT_CARD_NUMBER]);
    assert!(notes(&judged(&rules, &declared, now())).contains(&NoteCode::HeldOutsideAgreement));
    let mut assumed = rules.clone();
    assumed.recipients.get_mut("acme").unwrap().categories.insert(DataCategory::BANK_ACCOUNT);
    assert!(notes(&judged(&assumed, &to_acme(), now())).contains(&NoteCode::HeldOutsideAgreement));
}

#[test]
fn an_unregistered_recipient_is_unlawful_only_when_a_category_was_seen() {
    let rules = american();
    let mut held = to_stranger();
    held.categories.held.insert(DataCategory::NAME);
    let mut declared = to_stranger();
    declared.categories.declared.insert(DataCategory::NAME);
    for (edge, expected, rung) in [
        (seen(to_stranger(), &[DataCategory::EMAIL_ADDRESS]), Outcome::Unlawful, Rung::Seen),
        (held, Outcome::Unknown, Rung::Held),
        (declared, Outcome::Unknown, Rung::Declared),
        (to_stranger(), Outcome::Unknown, Rung::None),
    ] {
        let verdict = judged(&rules, &edge, now());
        assert_eq!((verdict.outcome, verdict.categories.rung), (expected, rung));
        assert_eq!(codes(&verdict), [ReasonCode::UnregisteredRecipient]);
        assert_eq!(verdict.reasons[0].ground.clause.map(Citation::as_str), Some("L36"));
    }
}

#[test]
fn the_place_of_a_stranger_is_observed_or_hinted() {
    let rules = american();
    let mut hint = located(to_stranger(), Some("US"));
    hint.location[0].method = LocationMethod::CountryDb;
    hint.location[0].confidence = Confidence::Low;
    let certainty = |edge: &Edge| judged(&rules, edge, now()).location.certainty;
    assert_eq!(certainty(&located(to_stranger(), Some("US"))), Certainty::Observed);
    assert_eq!(certainty(&hint), Certainty::Hint);
    assert_eq!(certainty(&to_stranger()), Certainty::Unknown);
}

#[test]
fn evidence_conflicts_only_when_it_is_worse_and_then_the_worse_counts() {
    let in_germany = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let verdict = judged(&in_germany, &located(to_acme(), Some("US")), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::Unlawful, vec![NoteCode::LocationConflict]));
    assert_eq!((verdict.location.certainty, verdict.location.jurisdictions), (Certainty::Conflict, places("DE US")));

    let mut hint = located(to_acme(), Some("US"));
    hint.location[0].method = LocationMethod::CountryDb;
    assert_eq!(outcome(&in_germany, &hint), Outcome::IntraEea);
    let edge_of_a_network = judged(&in_germany, &located(to_acme(), None), now());
    assert_eq!(
        (edge_of_a_network.outcome, notes(&edge_of_a_network)),
        (Outcome::IntraEea, vec![NoteCode::LocationUncorroborated])
    );
    let another_member_state = judged(&in_germany, &located(to_acme(), Some("FR")), now());
    assert_eq!(
        (another_member_state.location.certainty, notes(&another_member_state)),
        (Certainty::Uncorroborated, vec![NoteCode::LocationUncorroborated])
    );

    let mut american = american();
    american.bases.push(scc("Acme Inc."));
    assert_eq!(outcome(&american, &located(to_acme(), Some("DE"))), Outcome::Permitted);
    // A third country that nobody assessed.
    assert_eq!(outcome(&american, &located(to_acme(), Some("IN"))), Outcome::Conditional);
}

#[test]
fn an_adequate_country_is_worse_than_the_eea_and_better_than_the_rest() {
    let mut british = ruleset(recipient("Acme Ltd", "GB", "GB"));
    british.bases.push(adequacy("GB"));
    british.bases.push(Basis { name: "ch".into(), ..adequacy("CH") });
    let notes_for = |place: &str| notes(&judged(&british, &located(to_acme(), Some(place)), now()));
    assert_eq!(notes_for("CH"), [NoteCode::LocationUncorroborated]);
    assert_eq!(notes_for("US"), [NoteCode::LocationConflict]);
    let mut german = ruleset(recipient("Acme GmbH", "DE", "DE"));
    german.bases.push(adequacy("GB"));
    let verdict = judged(&german, &located(to_acme(), Some("GB")), now());
    assert_eq!((verdict.outcome, notes(&verdict)), (Outcome::Permitted, vec![NoteCode::LocationConflict]));
}

#[test]
fn areas_that_a_person_must_look_at_are_unknown() {
    let verdict = judged(&ruleset(recipient("Acme SAS", "FR", "NC")), &to_acme(), now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unknown, vec![ReasonCode::TerritoryReview]));
}

#[test]
fn measures_of_annex_2_are_checked_on_the_wire() {
    let rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let with = |versions: &[TlsVersion]| {
        let mut edge = to_acme();
        edge.channel.tls_versions.extend(versions);
        let verdict = judged(&rules, &edge, now());
        (verdict.outcome, codes(&verdict))
    };
    assert_eq!(with(&[TlsVersion::V1_2, TlsVersion::V1_3]), (Outcome::IntraEea, vec![]));
    assert_eq!(with(&[TlsVersion::V1_1, TlsVersion::V1_3]), (Outcome::Unlawful, vec![ReasonCode::MeasureNotMet]));
    let mut clear = seen(to_acme(), &[DataCategory::EMAIL_ADDRESS]);
    clear.channel.plaintext = true;
    assert_eq!(codes(&judged(&rules, &clear, now())), [ReasonCode::MeasureNotMet]);
    clear.categories.seen.clear();
    assert_eq!(outcome(&rules, &clear), Outcome::IntraEea);
}

#[test]
fn what_went_in_the_clear_unread_breaks_the_promise_of_encryption_whatever_was_found() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let mut unread = to_acme();
    unread.channel.plaintext_not_read = true;
    let verdict = judged(&rules, &unread, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unlawful, vec![ReasonCode::MeasureNotMet]));
    assert!(notes(&verdict).contains(&NoteCode::PlaintextNotRead));
    assert_eq!(
        verdict.reasons[0].ground.says.to_string(),
        "data was sent in the clear by a protocol that is not read; Annex 2 promises at least TLS 1.2"
    );
    agreement(&mut rules).minimum_tls = None;
    let verdict = judged(&rules, &unread, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::IntraEea, vec![]));
    assert!(notes(&verdict).contains(&NoteCode::PlaintextNotRead), "said all the same");
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
fn own_networks_are_intra_party_and_those_of_others_are_judged_as_they() {
    let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE"));
    let network = |operator: &str, place: &str| {
        let counterpart = Counterpart::OwnNetwork { operator: operator.into(), jurisdiction: place.parse().unwrap() };
        let verdict = judged(&rules, &seen(edge(counterpart), &[DataCategory::NAME]), now());
        (verdict.outcome, notes(&verdict))
    };
    assert_eq!(network("Processor GmbH", "DE"), (Outcome::NotATransfer, vec![]));
    assert_eq!(network("Processor GmbH", "US"), (Outcome::NotATransfer, vec![NoteCode::ThirdCountryAccessRisk]));
    assert_eq!(network("Controller GmbH", "DE").0, Outcome::IntraEea);
    assert_eq!(network("Controller AG", "CH").0, Outcome::Unlawful);
    assert_eq!(network("Acme GmbH", "DE").0, Outcome::IntraEea);
    assert_eq!(network("Hoster Inc.", "DE").0, Outcome::Unlawful);
    rules.bases.push(adequacy("CH"));
    let counterpart = Counterpart::OwnNetwork { operator: "Controller AG".into(), jurisdiction: "CH".parse().unwrap() };
    assert_eq!(outcome(&rules, &edge(counterpart)), Outcome::Permitted);
}

#[test]
fn inbound_clients_are_data_subjects_and_remote_access_is_not() {
    let rules = american();
    assert_eq!(outcome(&rules, &edge(Counterpart::DataSubject)), Outcome::NotATransfer);
    let access = edge(Counterpart::Unregistered { label: "AS64500".into(), remote_access: true });
    assert_eq!(outcome(&rules, &seen(access, &[DataCategory::NAME])), Outcome::Unlawful);
}

#[test]
fn a_declaration_of_no_personal_data_ends_and_is_overruled_by_a_finding() {
    let rules = american();
    let declared = |until: Option<&str>| {
        edge(Counterpart::DeclaredNotPersonal {
            reason: "time".into(),
            until: until.map(at),
            otherwise: Box::new(to_stranger().counterpart),
        })
    };
    assert_eq!(outcome(&rules, &declared(None)), Outcome::NotPersonal);
    assert_eq!(outcome(&rules, &declared(Some("2027-01-01T00:00:00Z"))), Outcome::NotPersonal);
    assert_eq!(outcome(&rules, &declared(Some("2026-01-01T00:00:00Z"))), Outcome::Unknown);
    assert_eq!(outcome(&rules, &seen(declared(None), &[DataCategory::NAME])), Outcome::Unlawful);
}

#[test]
fn several_names_for_one_address_are_unknown() {
    let ambiguous = edge(Counterpart::Ambiguous { candidates: vec!["acme".into(), "unregistered:x.example".into()] });
    let verdict = judged(&american(), &ambiguous, now());
    assert_eq!((verdict.outcome, codes(&verdict)), (Outcome::Unknown, vec![ReasonCode::AmbiguousName]));
}

#[test]
fn the_policy_can_allow_less_than_the_law() {
    let with = |change: fn(&mut Policy), edge: &Edge| {
        let mut rules = ruleset(recipient("Acme GmbH", "DE", "DE FR"));
        change(&mut agreement(&mut rules).policy);
        let verdict = judged(&rules, edge, now());
        (verdict.outcome, codes(&verdict))
    };
    let outside = (Outcome::Unlawful, vec![ReasonCode::OutsidePolicy]);
    assert_eq!(with(|policy| policy.allowed_jurisdictions = Some(places("DE")), &to_acme()), outside);
    let named = seen(to_acme(), &[DataCategory::NAME]);
    assert_eq!(with(|policy| policy.allowed_categories = Some(BTreeSet::new()), &named), outside);
    assert_eq!(
        with(|policy| policy.opaque = OpaqueHandling::Unknown, &to_acme()),
        (Outcome::Unknown, vec![ReasonCode::Opaque])
    );
    // Of what travelled in two ways, one unread, the unread part counts.
    assert_eq!(with(|policy| policy.opaque = OpaqueHandling::Unknown, &named).0, Outcome::Unknown);
    let mut read = named.clone();
    read.channel.opaque = false;
    assert_eq!(with(|policy| policy.opaque = OpaqueHandling::Unknown, &read).0, Outcome::IntraEea);
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

mod engagement;
mod instruments;
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
    let told: Vec<_> = verdict.notes.iter().filter(|note| note.code == NoteCode::UncertainMatches).collect();
    assert_eq!(
        told[0].says.to_string(),
        "pd:TelephoneNumber may have been sent: what was found only looks like it, or stood in fewer than three records; it \
         does not count as seen"
    );
}
