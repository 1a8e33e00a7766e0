//! An agreement in which nothing is wrong: a recipient in the EEA with one behind it, and one in a
//! third country on standard clauses with an assessment.

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::{DataCategory, OwnNetwork, TlsVersion};

use super::{at, day, lint};
use crate::{
    Activation, Agreement, AgreementText, Annex, Assessment, AssessmentOutcome, Basis, ClaimedInstrument,
    ClausesAuthor, Controller, EncryptionEnd, EndpointEntry, Engagement, Entity, EntityKind, GrantedNotices,
    Instrument, Interpretation, KeyCustody, Obligation, OnwardRecipient, Period, PeriodUnit, Places, Policy, Recipient,
    Ruleset, Statement, StatementTopic, Subject, Validity,
};

pub(super) const CLAUSES: &str = "(EU) 2021/914";

pub(super) fn ruleset() -> Ruleset {
    let mut near = recipient("Near SE", "FR", "FR");
    near.onward = Some(vec![onward("Host AG", "DE", "DE")]);
    near.end_to_end = Some(EncryptionEnd::Exporter);
    Ruleset {
        version: String::new(),
        agreements: BTreeMap::from([("default/clean".to_owned().try_into().unwrap(), agreement())]),
        recipients: [("near".to_owned(), near), ("far".to_owned(), recipient("Far Inc.", "US", "US"))]
            .into_iter()
            .collect(),
        bases: vec![clause_set(), clauses("scc-far", "Own GmbH", "Far Inc.")].into(),
        assessments: std::iter::once(("far".to_owned(), assessment("Far Inc.", "US"))).collect(),
        developments: Vec::new(),
    }
}

fn agreement() -> Agreement {
    let clauses = [
        (Obligation::AvvScope, "L3"),
        (Obligation::TrfGate, "L12"),
        (Obligation::InsGive, "L14"),
        (Obligation::InsIllegal, "L15"),
        (Obligation::InsLaw, "L17"),
        (Obligation::Confid, "L19"),
        (Obligation::Support, "L20"),
        (Obligation::Proof28, "L22"),
        (Obligation::Tom, "L25"),
        (Obligation::DsrHelp, "L27"),
        (Obligation::Audit, "L30"),
        (Obligation::SubList, "L36"),
        (Obligation::SubNote, "L37"),
        (Obligation::SubObj, "L38"),
        (Obligation::SubFlow, "L39"),
        (Obligation::BrFirst, "L41"),
        (Obligation::Term, "L46"),
        (Obligation::Delete, "L47"),
    ];
    Agreement {
        processor: entity("Own GmbH", "DE"),
        land: Some("DE-BE".to_owned()),
        zone: "Europe/Berlin".to_owned(),
        controllers: vec![Controller {
            entity: entity("Customer AG", "AT"),
            tenants: BTreeSet::from(["tenant-a".to_owned()]),
        }],
        scope: [DataCategory::NAME, DataCategory::EMAIL_ADDRESS].into_iter().collect(),
        data_subjects: BTreeSet::from(["dpv:Customer".to_owned()]),
        engagements: [("near".to_owned(), engagement("L60")), ("far".to_owned(), engagement("L61"))]
            .into_iter()
            .collect(),
        minimum_tls: None,
        own_networks: vec![OwnNetwork {
            cidrs: vec!["192.0.2.0/24".parse().unwrap()],
            operator: "Own GmbH".to_owned(),
            jurisdiction: "DE".parse().unwrap(),
        }],
        clauses: clauses.into_iter().map(|(id, line)| (id, line.into())).collect(),
        unknown_obligations: BTreeMap::new(),
        periods: BTreeMap::new(),
        interpretation: Interpretation::default(),
        text: text(),
        policy: Policy::default(),
    }
}

fn text() -> AgreementText {
    let claims = [
        ("L48", StatementTopic::Retention, "", "30 days after the end"),
        ("L49", StatementTopic::EndToEndEncryption, "near", "encrypted from end to end"),
        ("L50", StatementTopic::DataCentre, "near", "France"),
        ("L51", StatementTopic::DataCentre, "far", "USA"),
        ("L52", StatementTopic::TransferBasis, "", "transfers are secured by standard contractual clauses, module 3"),
        ("L53", StatementTopic::TransportEncryption, "near", "TLS 1.2 or later"),
        ("L54", StatementTopic::TransportEncryption, "far", "TLS 1.2 or later"),
        ("L55", StatementTopic::OnwardRecipient, "near", "Host AG"),
        ("L60", StatementTopic::LegalName, "near", "Near SE"),
        ("L60", StatementTopic::Address, "near", "1 Rue de la Paix, Paris"),
        ("L60", StatementTopic::Seat, "near", "France"),
        ("L61", StatementTopic::LegalName, "far", "Far Incorporated"),
        ("L61", StatementTopic::Seat, "far", "USA"),
    ];
    let mut statements: Vec<_> = claims
        .into_iter()
        .map(|(line, topic, whom, value)| Statement {
            line: line.into(),
            topic,
            subject: if whom.is_empty() { Subject::Agreement } else { Subject::Recipient(whom.to_owned()) },
            value: value.to_owned(),
            places: None,
            operators: BTreeSet::new(),
            tls: (topic == StatementTopic::TransportEncryption).then_some(TlsVersion::V1_2),
            instrument: None,
            modules: BTreeSet::new(),
            seats: None,
        })
        .collect();
    for statement in &mut statements {
        match (statement.topic, &statement.subject) {
            (StatementTopic::DataCentre | StatementTopic::Seat, Subject::Recipient(whom)) => {
                statement.places = Some(only(if whom == "far" { "US" } else { "FR" }));
                if whom == "near" && statement.topic == StatementTopic::DataCentre {
                    statement.operators.insert("Host AG".to_owned());
                    statement.places = Some(Places::Only(["DE", "FR"].map(|code| code.parse().unwrap()).into()));
                }
            }
            (StatementTopic::TransferBasis, _) => {
                statement.instrument = Some(ClaimedInstrument::StandardContractualClauses);
                statement.modules.insert(3);
            }
            (StatementTopic::OnwardRecipient, _) => {
                statement.operators.insert("Host AG".to_owned());
            }
            _ => {}
        }
    }
    let annex = |name: &str, clause: &str| Annex {
        name: name.to_owned(),
        clause: clause.into(),
        revision: Some("2025-09-01".to_owned()),
        present: true,
    };
    AgreementText {
        revision: "1".to_owned(),
        annexes: vec![annex("Annex 1", "L8"), annex("Annex 2", "L25")],
        statements,
    }
}

pub(super) fn recipient(name: &str, seat: &str, place: &str) -> Recipient {
    Recipient {
        legal_entity: entity(name, seat),
        contracting_entity: entity(name, seat),
        address: (seat == "FR").then(|| "1 rue de la Paix, Paris".to_owned()),
        categories: BTreeSet::from([DataCategory::NAME]),
        data_subjects: None,
        endpoints: BTreeMap::from([(
            "api".to_owned(),
            EndpointEntry { processing: only(place), storage: None, access: None },
        )]),
        onward: Some(Vec::new()),
        notices: GrantedNotices {
            sub_processor_change: Some(Period { amount: 30, unit: PeriodUnit::Days }),
            breach: Some(Period { amount: 4, unit: PeriodUnit::Hours }),
        },
        end_to_end: None,
        as_of: day("2026-11-01"),
    }
}

pub(super) fn onward(name: &str, seat: &str, place: &str) -> OnwardRecipient {
    OnwardRecipient { entity: entity(name, seat), places: only(place), purpose: "hosting".to_owned(), recipient: None }
}

pub(super) fn engagement(clause: &str) -> Engagement {
    Engagement {
        activation: Activation::Default,
        effective_from: None,
        ended: None,
        minimum_tls: None,
        clause: Some(clause.into()),
    }
}

pub(super) fn entity(name: &str, seat: &str) -> Entity {
    Entity { name: name.to_owned(), seat: seat.parse().unwrap(), kind: EntityKind::Company, regimes: BTreeMap::new() }
}

pub(super) fn only(place: &str) -> Places {
    Places::Only([place.parse().unwrap()].into())
}

pub(super) fn basis(name: &str, instrument: Instrument) -> Basis {
    Basis {
        name: name.to_owned(),
        instrument,
        dpv: None,
        importers: None,
        exporters: None,
        countries: None,
        categories: None,
        except_categories: BTreeSet::new(),
        validity: Validity::default(),
        as_of: day("2026-11-01"),
        source: String::new(),
    }
}

fn clause_set() -> Basis {
    let modules = BTreeSet::from([1, 2, 3, 4]);
    basis(
        "2021-914",
        Instrument::ClauseSet {
            decision: CLAUSES.to_owned(),
            prepared_by: ClausesAuthor::Commission,
            modules,
            contracts_before: None,
            contracts_until: None,
        },
    )
}

pub(super) fn clauses(name: &str, exporter: &str, importer: &str) -> Basis {
    let instrument = Instrument::StandardContractualClauses {
        decision: CLAUSES.to_owned(),
        modules: BTreeSet::from([3]),
        annexes_complete: true,
        signed: Some(day("2025-09-01")),
        assessment: Some("far".to_owned()),
        returns_controllers_data_only: false,
    };
    Basis {
        exporters: Some(BTreeSet::from([exporter.to_owned()])),
        importers: Some(BTreeSet::from([importer.to_owned()])),
        ..basis(name, instrument)
    }
}

pub(super) fn assessment(importer: &str, country: &str) -> Assessment {
    Assessment {
        importer: importer.to_owned(),
        countries: [country.parse().unwrap()].into(),
        laws: BTreeSet::from(["FISA 702".to_owned()]),
        key_custody: KeyCustody::Importer,
        plaintext_needed: true,
        outcome: AssessmentOutcome::Acceptable,
        decided: day("2026-06-01"),
        next_review: Some(day("2027-06-01")),
        hit: None,
    }
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(lint(&ruleset(), at()), []);
}
