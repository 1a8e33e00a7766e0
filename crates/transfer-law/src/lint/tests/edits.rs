//! Short ways to change the clean agreement.

use std::collections::BTreeSet;

use landfall_observation::TlsVersion;

use super::{clean::basis, *};
use crate::*;

pub(super) fn agreement(law: &mut Ruleset) -> &mut Agreement {
    law.agreements.values_mut().next().unwrap()
}

pub(super) fn near(law: &mut Ruleset) -> &mut Recipient {
    law.recipients.get_mut("near").unwrap()
}

pub(super) fn far(law: &mut Ruleset) -> &mut Recipient {
    law.recipients.get_mut("far").unwrap()
}

pub(super) fn far_endpoint(law: &mut Ruleset) -> &mut crate::EndpointEntry {
    far(law).endpoints.get_mut("api").unwrap()
}

pub(super) fn near_onward(law: &mut Ruleset) -> &mut crate::OnwardRecipient {
    &mut near(law).onward.as_mut().unwrap()[0]
}

pub(super) fn assessed(law: &mut Ruleset) -> &mut Assessment {
    law.assessments.get_mut("far").unwrap()
}

pub(super) fn claims(law: &mut Ruleset, topic: StatementTopic) -> Vec<&mut Statement> {
    agreement(law).text.statements.iter_mut().filter(|claim| claim.topic == topic).collect()
}

pub(super) fn claim(
    law: &mut Ruleset,
    line: &str,
    topic: StatementTopic,
    whom: &str,
    fill: impl FnOnce(&mut Statement),
) {
    let mut claim = Statement {
        line: line.into(),
        topic,
        subject: if whom.is_empty() { Subject::Agreement } else { Subject::Recipient(whom.to_owned()) },
        value: String::new(),
        places: None,
        operators: BTreeSet::new(),
        tls: None,
        instrument: None,
        modules: BTreeSet::new(),
        seats: None,
    };
    fill(&mut claim);
    agreement(law).text.statements.push(claim);
}

pub(super) fn change(law: &mut Ruleset, name: &str, change: impl FnOnce(&mut Basis)) {
    let mut all: Vec<Basis> = std::mem::take(&mut law.bases).into();
    change(all.iter_mut().find(|basis| basis.name == name).unwrap());
    law.bases = all.into();
}

pub(super) fn with(law: &mut Ruleset, basis: Basis) {
    let mut all: Vec<Basis> = std::mem::take(&mut law.bases).into();
    all.push(basis);
    law.bases = all.into();
}

/// Changes the clauses with the recipient far away.
pub(super) fn contract(law: &mut Ruleset, fill: impl FnOnce(&mut Instrument)) {
    change(law, "scc-far", |basis| fill(&mut basis.instrument));
}

pub(super) fn of_far(name: &str, instrument: Instrument) -> Basis {
    Basis { importers: Some(BTreeSet::from(["Far Inc.".to_owned()])), ..basis(name, instrument) }
}

pub(super) fn beside(law: &mut Ruleset, instrument: Instrument) {
    with(law, of_far("beside", instrument));
}

pub(super) fn act(decision: &str, repealed: Option<Timestamp>) -> Basis {
    let mut act = basis(decision, adequacy(decision, None, true));
    act.countries = Some(["US".parse().unwrap()].into());
    act.validity.repealed = repealed;
    act
}

pub(super) fn adequacy(decision: &str, regime: Option<&str>, listed_only: bool) -> Instrument {
    Instrument::Adequacy { decision: decision.to_owned(), regime: regime.map(str::to_owned), listed_only }
}

pub(super) fn listing(active: bool) -> Instrument {
    let data_types = BTreeSet::from([DpfDataType::NonHr]);
    Instrument::DpfListing { decision: "dpf".to_owned(), active, data_types, checked_at: day("2026-11-01") }
}

/// Puts an importer on the list.
pub(super) fn list(law: &mut Ruleset, importer: &str) {
    if law.bases.act("dpf").is_none() {
        with(law, act("dpf", None));
    }
    let importers = Some(BTreeSet::from([importer.to_owned()]));
    with(law, Basis { importers, ..basis("listing", listing(true)) });
}

pub(super) fn beside_listing(law: &mut Ruleset, listing: Instrument) {
    with(law, act("dpf", None));
    beside(law, listing);
}

pub(super) fn derogation(ground: DerogationGround, max_occurrences: Option<u32>) -> Instrument {
    let approval = max_occurrences.map(|_| Approval { by: "office".to_owned(), on: day("2026-11-01") });
    Instrument::Derogation { ground, approval, max_occurrences, informed: false }
}

pub(super) fn period(amount: u16, unit: PeriodUnit) -> Period {
    Period { amount, unit }
}

pub(super) fn promise(version: TlsVersion) -> TlsPromise {
    TlsPromise { version, clause: "L67".into() }
}

pub(super) fn development() -> Development {
    Development {
        name: "development".to_owned(),
        title: String::new(),
        pronounced: at(),
        published: None,
        known: None,
        countries: [].into(),
        bases: Vec::new(),
        assessments: Vec::new(),
        ended: Vec::new(),
        decision: None,
    }
}

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}
