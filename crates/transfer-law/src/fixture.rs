//! Made-up parties and contracts for the unit tests of the law.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use landfall_observation::{
    Cloud, Confidence, DataCategory, JurisdictionSet, LocationEvidence, LocationMethod, TlsVersion,
};

use crate::{
    Activation, Agreement, AgreementId, AgreementText, Assessment, AssessmentOutcome, Bases, Basis, BasisEffect,
    BasisHit, BasisTarget, ChannelFacts, ClausesAuthor, Controller, Counterpart, Development, DpfDataType, Edge,
    EdgeId, EndpointEntry, Engagement, Entity, EntityKind, Exporter, GrantedNotices, Instrument, Interpretation,
    KeyCustody, MissingCode, Named, NoteCode, Obligation, ObservedCategories, Outcome, Places, Policy, ReasonCode,
    Recipient, Ruleset, Scope, TlsPromise, Validity, Verdict, Volume,
};

pub(crate) const CHECKED: Date = date(2026, 11, 1);

/// Judges copies that outlive the test's temporaries.
pub(crate) fn judged(ruleset: &Ruleset, edge: &Edge, at: Timestamp) -> Verdict<'static> {
    let verdict = crate::judge(Box::leak(Box::new(ruleset.clone())), Box::leak(Box::new(edge.clone())), at);
    assert_places_agree(&verdict);
    verdict
}

/// That the outcomes by place are about the places of chain and location, each once, and that the worst is the verdict.
fn assert_places_agree(verdict: &Verdict<'_>) {
    let Verdict { outcome, places, chain, location, .. } = verdict;
    let named = chain.iter().map(|hop| hop.places).chain([location.jurisdictions]);
    let named: JurisdictionSet = named.flatten().collect();
    let anywhere = location.anywhere || chain.iter().any(|hop| hop.anywhere);
    assert_eq!(places.iter().flat_map(|it| it.places).collect::<JurisdictionSet>(), named, "{verdict:?}");
    assert_eq!(places.iter().map(|it| it.places.len()).sum::<usize>(), named.len(), "{verdict:?}");
    assert_eq!(places.iter().filter(|it| it.anywhere).count(), usize::from(anywhere), "{verdict:?}");
    assert!(places.iter().is_sorted_by(|one, next| one.outcome > next.outcome), "{verdict:?}");
    assert!(places.first().is_none_or(|worst| worst.outcome == *outcome), "{verdict:?}");
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-23T10:00:00Z")
}

pub(crate) fn places(codes: &str) -> JurisdictionSet {
    codes.split_whitespace().map(|code| code.parse().unwrap()).collect()
}

pub(crate) fn entity(name: &str, seat: &str) -> Entity {
    Entity { name: name.to_owned(), seat: seat.parse().unwrap(), kind: EntityKind::Company, regimes: BTreeMap::new() }
}

/// A recipient whose legal entity is the contracting one, with one endpoint `main`.
pub(crate) fn recipient(name: &str, seat: &str, processing: &str) -> Recipient {
    let entry = EndpointEntry { processing: Places::Only(places(processing)), storage: None, access: None };
    Recipient {
        legal_entity: entity(name, seat),
        contracting_entity: entity(name, seat),
        address: None,
        categories: BTreeSet::from([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]),
        data_subjects: None,
        endpoints: BTreeMap::from([("main".to_owned(), entry)]),
        onward: Some(Vec::new()),
        notices: GrantedNotices::default(),
        end_to_end: None,
        as_of: CHECKED,
    }
}

pub(crate) fn basis(name: &str, instrument: Instrument, importer: Option<&str>, countries: Option<&str>) -> Basis {
    Basis {
        name: name.to_owned(),
        instrument,
        dpv: Some("eu-gdpr:A46-2-c".to_owned()),
        importers: importer.map(|name| BTreeSet::from([name.to_owned()])),
        exporters: None,
        countries: countries.map(places),
        categories: None,
        except_categories: BTreeSet::new(),
        validity: Validity::default(),
        as_of: CHECKED,
        source: "test".to_owned(),
    }
}

/// Clauses with everything that they need.
pub(crate) fn clauses(modules: &[u8]) -> Instrument {
    Instrument::StandardContractualClauses {
        decision: "(EU) 2021/914".to_owned(),
        modules: modules.iter().copied().collect(),
        annexes_complete: true,
        signed: Some(date(2025, 9, 1)),
        assessment: Some("tia".to_owned()),
        returns_controllers_data_only: false,
    }
}

pub(crate) fn scc(importer: &str) -> Basis {
    basis("scc", clauses(&[3]), Some(importer), None)
}

pub(crate) fn listing(active: bool, data_type: DpfDataType, checked_at: Date) -> Instrument {
    let decision = "(EU) 2023/1795".to_owned();
    Instrument::DpfListing { decision, active, data_types: BTreeSet::from([data_type]), checked_at }
}

pub(crate) fn dpf(importer: &str) -> Basis {
    basis("dpf", listing(true, DpfDataType::NonHr, CHECKED), Some(importer), Some("US"))
}

pub(crate) fn adequacy(country: &str) -> Basis {
    let instrument = Instrument::Adequacy { decision: "test".to_owned(), regime: None, listed_only: false };
    basis("adequacy", instrument, None, Some(country))
}

/// The acts on which clauses and listings rest.
pub(crate) fn acts() -> Bases {
    let decision = |number: &str| number.to_owned();
    let clauses = Instrument::ClauseSet {
        decision: decision("(EU) 2021/914"),
        prepared_by: ClausesAuthor::Commission,
        modules: BTreeSet::from([1, 2, 3, 4]),
        contracts_before: None,
        contracts_until: None,
    };
    let framework = Instrument::Adequacy { decision: decision("(EU) 2023/1795"), regime: None, listed_only: true };
    Bases::from(vec![basis("clauses", clauses, None, None), basis("framework", framework, None, Some("US"))])
}

pub(crate) fn tia(importer: &str) -> Assessment {
    Assessment {
        importer: importer.to_owned(),
        countries: places("US"),
        laws: BTreeSet::from(["test law".to_owned()]),
        key_custody: KeyCustody::ExporterEea,
        plaintext_needed: false,
        outcome: AssessmentOutcome::Acceptable,
        decided: date(2026, 3, 1),
        next_review: None,
        hit: None,
    }
}

pub(crate) fn engaged() -> Engagement {
    Engagement {
        activation: Activation::Default,
        effective_from: None,
        ended: None,
        minimum_tls: None,
        clause: Some("L159".into()),
    }
}

/// The agreement that `ruleset` makes.
pub(crate) fn agreement(ruleset: &mut Ruleset) -> &mut Agreement {
    ruleset.agreements.get_mut(&id()).unwrap()
}

pub(crate) fn engagement(agreement: &mut Agreement) -> &mut Engagement {
    agreement.engagements.get_mut("acme").unwrap()
}

/// An agreement of a German processor that lists `acme`, of the given entity and endpoint.
pub(crate) fn ruleset(acme: Recipient) -> Ruleset {
    let agreement = Agreement {
        processor: entity("Processor GmbH", "DE"),
        land: Some("DE-BE".to_owned()),
        zone: "Europe/Berlin".to_owned(),
        controllers: [("Controller AG", "CH", "a"), ("Controller GmbH", "DE", "b")]
            .map(|(name, seat, tenant)| Controller {
                entity: entity(name, seat),
                tenants: BTreeSet::from([tenant.to_owned()]),
            })
            .to_vec(),
        scope: Scope::from_iter([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]),
        data_subjects: BTreeSet::from(["dpv:Customer".to_owned()]),
        engagements: Named::from_iter([("acme".to_owned(), engaged())]),
        minimum_tls: Some(TlsPromise { version: TlsVersion::V1_2, clause: "L129".into() }),
        own_networks: Vec::new(),
        clauses: std::collections::HashMap::from_iter([(Obligation::SubList, "L36".into())]),
        unknown_obligations: BTreeMap::new(),
        periods: BTreeMap::new(),
        interpretation: Interpretation::default(),
        text: AgreementText::default(),
        policy: Policy::default(),
    };
    Ruleset {
        version: "test".to_owned(),
        agreements: BTreeMap::from([(id(), agreement)]),
        recipients: Named::from_iter([("acme".to_owned(), acme)]),
        bases: acts(),
        assessments: Named::default(),
        developments: Vec::new(),
    }
}

pub(crate) fn american() -> Ruleset {
    let mut ruleset = ruleset(recipient("Acme Inc.", "US", "US"));
    ruleset.assessments.insert("tia".to_owned(), tia("Acme Inc."));
    ruleset
}

pub(crate) fn id() -> AgreementId {
    AgreementId { namespace: "default".to_owned(), name: "avv".to_owned() }
}

pub(crate) fn edge(counterpart: Counterpart) -> Edge {
    Edge {
        id: Arc::new(EdgeId {
            cluster: "c".to_owned(),
            agreement: id(),
            exporter: Exporter::workload("crm", "Deployment", "sync"),
            recipient: counterpart.recipient(),
            endpoint: counterpart.endpoint().to_owned(),
        }),
        counterpart,
        tenants: BTreeSet::new(),
        untenanted: false,
        only_attempts: false,
        categories: ObservedCategories::default(),
        location: Vec::new(),
        channel: ChannelFacts { opaque: true, ..ChannelFacts::default() },
        first_seen: now(),
        last_seen: now(),
        volume: Volume::default(),
    }
}

pub(crate) fn to_acme() -> Edge {
    edge(Counterpart::Registered { recipient: "acme".to_owned(), endpoint: "main".to_owned() })
}

pub(crate) fn to_stranger() -> Edge {
    edge(Counterpart::Unregistered { label: "tracker.example".to_owned(), remote_access: false })
}

pub(crate) fn seen(mut edge: Edge, categories: &[DataCategory]) -> Edge {
    edge.categories.seen.extend(categories.iter().cloned());
    edge
}

pub(crate) fn located(mut edge: Edge, jurisdiction: Option<&str>) -> Edge {
    edge.location.push(LocationEvidence {
        method: LocationMethod::CloudRange,
        jurisdiction: jurisdiction.map(|code| code.parse().unwrap()),
        cloud: Some(Cloud { provider: "aws".into(), region: "test-1".into() }),
        asn: None,
        operator: None,
        confidence: if jurisdiction.is_some() { Confidence::High } else { Confidence::UnknownEdge },
        dataset: "ip-ranges.json".into(),
        dataset_date: None,
    });
    edge
}

pub(crate) fn outcome(ruleset: &Ruleset, edge: &Edge) -> Outcome {
    judged(ruleset, edge, now()).outcome
}

pub(crate) fn codes(verdict: &Verdict) -> Vec<ReasonCode> {
    verdict.reasons.iter().map(|reason| reason.code).collect()
}

pub(crate) fn missing(verdict: &Verdict) -> Vec<MissingCode> {
    verdict.missing.iter().map(|missing| missing.code).collect()
}

pub(crate) fn notes(verdict: &Verdict) -> Vec<NoteCode> {
    verdict.notes.iter().map(|note| note.code).collect()
}

/// A judgment or act about the framework of the fixtures.
pub(crate) fn hitting_the_framework(effect: BasisEffect) -> Development {
    Development {
        name: "fall".to_owned(),
        title: "The framework falls".to_owned(),
        pronounced: effect.instant(),
        published: None,
        known: None,
        countries: places("US"),
        bases: vec![BasisHit { target: BasisTarget::Decision("(EU) 2023/1795".to_owned()), effect }],
        assessments: Vec::new(),
        ended: Vec::new(),
        decision: None,
    }
}
