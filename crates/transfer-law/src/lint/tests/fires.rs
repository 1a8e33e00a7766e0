//! For every rule, a mistake made in the clean agreement, and all findings that result.

use std::collections::BTreeSet;

use landfall_observation::{DataCategory, TlsVersion};

use super::{clean::*, edits::*, *};
use crate::{Obligation, *};

mod instruments;

type Mistake = fn(&mut Ruleset);

/// The rule that a mistake is for first, then what follows from it.
const MISTAKES: &[(&[&str], Mistake)] = &[
    (&["GAP-01"], |law| drop(agreement(law).clauses.remove(&Obligation::Delete))),
    (&["GAP-01"], |law| agreement(law).text.statements.retain(|claim| claim.topic != StatementTopic::Retention)),
    (&["GAP-02"], |law| agreement(law).text.annexes[0].present = false),
    (&["GAP-03"], |law| agreement(law).scope = [DataCategory::EMAIL_ADDRESS].into_iter().collect()),
    (&["GAP-03"], |law| far(law).data_subjects = Some(BTreeSet::from(["dpv:Employee".to_owned()]))),
    (&["GAP-04"], |law| {
        claim(law, "L70", StatementTopic::DataCentre, "far", |claim| claim.places = Some(Places::Anywhere));
    }),
    (&["GAP-04", "CLAIM-SEAT"], |law| {
        for claim in claims(law, StatementTopic::Seat) {
            claim.places = Some(only("IE"));
        }
    }),
    (&["GAP-05", "TIA-FOREIGN"], |law| far_endpoint(law).access = Some(only("CA"))),
    (&["GAP-05", "TIA-FOREIGN"], |law| far_endpoint(law).storage = Some(Places::Anywhere)),
    (&["GAP-05", "CLAIM-INSTRUMENT", "DPF-ALONE"], |law| {
        near(law).onward.as_mut().unwrap().push(onward("Parent LLC", "US", "US"));
        list(law, "Parent LLC");
    }),
    (&["GAP-06"], |law| claims(law, StatementTopic::LegalName)[0].value = "GoNear SE".to_owned()),
    (&["GAP-06"], |law| near(law).address = Some("2 rue de la Paix, Paris".to_owned())),
    (&["GAP-06"], |law| claim(law, "L1", StatementTopic::LegalName, "", |claim| claim.value = "Owner GmbH".to_owned())),
    (&["CLAIM-SEAT"], |law| claim(law, "L70", StatementTopic::Seat, "near", |claim| claim.places = Some(only("DE")))),
    (&["ENTITY-MISMATCH", "GAP-06"], |law| {
        let near = near(law);
        near.contracting_entity = entity("Near Sales SARL", "FR");
        near.legal_entity = entity("Near Holding SA", "FR");
    }),
    (&["CLAIM-UNLISTED"], |law| claim(law, "L70", StatementTopic::Purpose, "gone", |_| {})),
    (&["CLAIM-UNLISTED", "BASIS-STRANGER", "TIA-STRANGER"], |law| {
        agreement(law).engagements.retain(|name, _| name != "far");
        law.recipients.retain(|name, _| name != "far");
    }),
    (&["CLAIM-INSTRUMENT"], |law| {
        claims(law, StatementTopic::TransferBasis)[0].instrument = Some(ClaimedInstrument::Other);
    }),
    (&["GAP-07"], |law| claims(law, StatementTopic::OnwardRecipient)[0].operators.clear()),
    (&["GAP-07"], |law| {
        claims(law, StatementTopic::DataCentre)[1].operators = BTreeSet::from(["Cloud Ltd".to_owned()]);
    }),
    (&["GAP-08"], |law| near(law).end_to_end = Some(EncryptionEnd::Importer)),
    (&["E2EE-UNKNOWN"], |law| near(law).end_to_end = None),
    (&["GAP-09"], |law| claims(law, StatementTopic::TransportEncryption)[0].tls = Some(TlsVersion::V1_3)),
    (&["TLS-OLD"], |law| agreement(law).minimum_tls = Some(promise(TlsVersion::V1_1))),
    (&["GAP-10"], |law| claims(law, StatementTopic::TransferBasis)[0].modules.clear()),
    (&["GAP-10"], |law| claims(law, StatementTopic::TransferBasis)[0].modules = BTreeSet::from([2])),
    (&["GAP-10"], |law| {
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { modules, .. } = contract {
                *modules = BTreeSet::from([2]);
            }
        });
    }),
    (&["GAP-11"], |law| claims(law, StatementTopic::TransferBasis)[0].seats = Some(["US".parse().unwrap()].into())),
    (&["GAP-12"], |law| near(law).notices.sub_processor_change = Some(period(15, PeriodUnit::Days))),
    (&["GAP-12"], |law| near(law).notices.breach = Some(period(48, PeriodUnit::Hours))),
    (&["GAP-12"], |law| near(law).notices.breach = Some(period(1, PeriodUnit::WorkingDays))),
    (&["NOTICE-UNKNOWN"], |law| near(law).notices.breach = None),
    (&["GAP-13"], |law| agreement(law).text.annexes[0].revision = Some(" ".to_owned())),
    (&["ART28-A"], |law| drop(agreement(law).clauses.remove(&Obligation::InsLaw))),
    (&["ART28-B"], |law| drop(agreement(law).clauses.remove(&Obligation::Confid))),
    (&["ART28-C"], |law| drop(agreement(law).clauses.remove(&Obligation::Tom))),
    (&["ART28-D"], |law| drop(agreement(law).clauses.remove(&Obligation::SubObj))),
    (&["ART28-E"], |law| drop(agreement(law).clauses.remove(&Obligation::DsrHelp))),
    (&["ART28-F"], |law| drop(agreement(law).clauses.remove(&Obligation::Support))),
    (&["ART28-H"], |law| drop(agreement(law).clauses.remove(&Obligation::Audit))),
    (&["ART28-SUBJECT"], |law| drop(agreement(law).clauses.remove(&Obligation::Term))),
    (&["ART28-SUBJECT"], |law| agreement(law).data_subjects.clear()),
    (&["PARTIES-NONE"], |law| agreement(law).controllers.clear()),
    (&["OBLIGATION-UNKNOWN"], |law| {
        drop(agreement(law).unknown_obligations.insert("SUB-LSIT".to_owned(), "L36".into()));
    }),
    (&["OBLIGATION-UNKNOWN"], |law| {
        let rule = agreement(law).period(Obligation::Audit).unwrap();
        agreement(law).periods.insert(Obligation::Term, rule);
    }),
    (&["ONWARD-UNKNOWN"], |law| far(law).onward = None),
    (&["CHAIN-BROKEN"], |law| near_onward(law).recipient = Some("nobody".to_owned())),
    (&["CHAIN-CYCLE", "CHAIN-ENTITY"], |law| near_onward(law).recipient = Some("near".to_owned())),
    (&["CHAIN-ENTITY"], |law| {
        law.recipients.insert("other".to_owned(), recipient("Other AG", "DE", "DE"));
        near_onward(law).recipient = Some("other".to_owned());
    }),
    (&["SCC-ANNEXES"], |law| {
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { annexes_complete, .. } = contract {
                *annexes_complete = false;
            }
        });
    }),
    (&["SCC-SIGNATURE"], |law| {
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { signed, .. } = contract {
                *signed = None;
            }
        });
    }),
    (&["SCC-IMPORTER"], |law| far(law).contracting_entity.regimes.extend([("GDPR".to_owned(), true)])),
    (&["SCC-MODULE-UNKNOWN"], |law| {
        change(law, "2021-914", |act| {
            if let Instrument::ClauseSet { modules, .. } = &mut act.instrument {
                *modules = BTreeSet::from([1]);
            }
        });
    }),
    (&["APPROVAL-MISSING"], |law| {
        beside(
            law,
            Instrument::BindingCorporateRules {
                variant: BcrVariant::Processor,
                approved: None,
                assessment: Some("far".to_owned()),
            },
        );
    }),
    (&["APPROVAL-MISSING"], |law| {
        beside(
            law,
            Instrument::Certification {
                certified: Some(day("2026-01-01")),
                binding_commitments: false,
                assessment: Some("far".to_owned()),
            },
        );
    }),
    (&["APPROVAL-MISSING"], |law| beside(law, Instrument::ForeignOrder { treaty: None, safeguards: false })),
    (&["BCR-VARIANT"], |law| {
        beside(
            law,
            Instrument::BindingCorporateRules {
                variant: BcrVariant::Controller,
                approved: Some(day("2026-01-01")),
                assessment: Some("far".to_owned()),
            },
        );
    }),
    (&["PUBLIC-BODIES"], |law| beside(law, Instrument::PublicInstrument { assessment: Some("far".to_owned()) })),
    (&["DEROGATION-LIMITS"], |law| beside(law, derogation(DerogationGround::Contract, None))),
    (&["DEROGATION-LIMITS"], |law| beside(law, derogation(DerogationGround::Contract, Some(2)))),
    (&["DEROGATION-LIMITS"], |law| {
        agreement(law).processor.kind = EntityKind::PublicBody;
        beside(law, derogation(DerogationGround::ExplicitConsent, Some(2)));
    }),
    (&["DEROGATION-ONLY", "CLAIM-INSTRUMENT"], |law| {
        let mut exception = of_far("exception", derogation(DerogationGround::Contract, Some(2)));
        exception.validity.until = Some(instant("2040-01-01T00:00:00Z"));
        law.bases = vec![exception].into();
    }),
    (&["DPF-DATA-TYPE"], |law| {
        agreement(law).data_subjects.insert("dpv:Employee".to_owned());
        beside_listing(law, listing(true));
    }),
    (&["DPF-DATA-TYPE"], |law| {
        let hr = BTreeSet::from([DpfDataType::Hr]);
        let checked_at = day("2026-11-01");
        beside_listing(
            law,
            Instrument::DpfListing { decision: "dpf".to_owned(), active: true, data_types: hr, checked_at },
        );
    }),
    (&["FACT-STALE"], |law| far(law).as_of = day("2026-01-01")),
    (&["FACT-STALE"], |law| change(law, "scc-far", |basis| basis.as_of = day("2026-01-01"))),
    (&["DPF-CHECK"], |law| {
        let mut stale = listing(true);
        if let Instrument::DpfListing { checked_at, .. } = &mut stale {
            *checked_at = day("2026-08-01");
        }
        beside_listing(law, stale);
    }),
    (&["DATE-FUTURE"], |law| near(law).as_of = day("2026-11-25")),
    (&["DATE-FUTURE"], |law| assessed(law).decided = day("2027-01-01")),
    (&["DATE-FUTURE"], |law| {
        contract(law, |contract| {
            if let Instrument::StandardContractualClauses { signed, .. } = contract {
                *signed = Some(day("2027-01-01"));
            }
        });
    }),
    (&["DATE-FUTURE"], |law| {
        let mut development = development();
        development.decision = Some(Decision {
            fundamental: false,
            reasons: String::new(),
            decided_by: "office".to_owned(),
            decided_at: instant("2026-12-01T00:00:00Z"),
            not_lawful_since: None,
        });
        law.developments.push(development);
    }),
    (&["AGREEMENT-NONE", "BASIS-STRANGER"], |law| law.agreements.clear()),
    (&["LAND-MISSING"], |law| agreement(law).land = None),
    (&["LAND-MISSING"], |law| agreement(law).land = Some("DE-XX".to_owned())),
    (&["ZONE-UNKNOWN"], |law| agreement(law).zone = "Europe/Bielefeld".to_owned()),
    (&["ENGAGEMENT-UNKNOWN"], |law| {
        let listed = agreement(law).engagements["near"].clone();
        agreement(law).engagements.insert("nobody".to_owned(), listed);
    }),
    (&["ENGAGEMENT-DATES"], |law| {
        let near = agreement(law).engagements.get_mut("near").unwrap();
        near.effective_from = Some(instant("2027-02-01T00:00:00Z"));
        near.ended = Some(instant("2027-01-01T00:00:00Z"));
    }),
    (&["NETWORKS-UNDECLARED"], |law| agreement(law).own_networks.clear()),
    (&["ENDPOINT-NONE"], |law| near(law).endpoints.clear()),
    (&["TENANT-UNKNOWN"], |law| {
        let tenants = BTreeSet::from(["tenant-b".to_owned()]);
        agreement(law).engagements.get_mut("near").unwrap().activation = Activation::PerTenant { tenants };
    }),
    (&["TENANT-SHARED"], |law| {
        let controller = agreement(law).controllers[0].clone();
        agreement(law).controllers.push(controller);
    }),
    (&["DEVELOPMENT-NOTHING"], |law| {
        let effect = BasisEffect::Repealed(at());
        let target = BasisTarget::Decision("(EU) 2021/9l4".to_owned());
        law.developments.push(Development { bases: vec![BasisHit { target, effect }], ..development() });
    }),
    (&["DEVELOPMENT-NOTHING"], |law| {
        let target = AssessmentTarget::Input("FISA 703".to_owned());
        let assessments = vec![AssessmentHit { target, effect: AssessmentEffect::Refresh }];
        let ended = vec![EndedEngagement { recipient: "gone".to_owned(), from: at() }];
        law.developments.push(Development { assessments, ended, ..development() });
    }),
];

fn mistakes() -> impl Iterator<Item = &'static (&'static [&'static str], Mistake)> {
    MISTAKES.iter().chain(instruments::MISTAKES)
}

#[test]
fn every_mistake_is_found_by_its_rules_and_by_no_other() {
    let mut wrong = Vec::new();
    for (index, (expected, mistake)) in mistakes().enumerate() {
        let mut law = ruleset();
        mistake(&mut law);
        let mut sorted = expected.to_vec();
        sorted.sort_unstable();
        if ids(&law) != sorted {
            let found =
                lint(&law, at()).into_iter().map(|found| format!("{} {} {}", found.id, found.object, found.text));
            wrong.push((index, expected, found.collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_has_a_mistake() {
    let made: BTreeSet<_> = mistakes().map(|(expected, _)| expected[0]).collect();
    let noted = [ENDPOINT_COLLISION, BUS_AGREEMENT, BUS_SELECTOR, BUS_PASSWORD, REGISTER_NOTE].map(|rule| rule.id);
    let all: BTreeSet<_> = rules().map(|rule| rule.id).filter(|id| !noted.contains(id)).collect();
    assert_eq!(made, all);
}

#[test]
fn what_nobody_uses_is_milder() {
    let severity = |active: bool| {
        let mut law = ruleset();
        law.bases = Vec::new().into();
        law.assessments.clear();
        agreement(&mut law).engagements.get_mut("far").unwrap().activation = Activation::Optional { active };
        let found = lint(&law, at());
        found.iter().find(|finding| finding.id == "BASIS-MISSING").unwrap().severity
    };
    assert_eq!((severity(true), severity(false)), (Severity::Error, Severity::Warning));
}

#[test]
fn a_claim_by_seat_is_an_error_where_a_third_country_is_reached() {
    let severity = |places: Places| {
        let mut law = ruleset();
        claims(&mut law, StatementTopic::TransferBasis)[0].seats = Some(["US".parse().unwrap()].into());
        near(&mut law).endpoints.get_mut("api").unwrap().access = Some(places);
        lint(&law, at()).iter().find(|finding| finding.id == "GAP-11").unwrap().severity
    };
    assert_eq!((severity(only("FR")), severity(only("US"))), (Severity::Warning, Severity::Error));
}
