use landfall_api::{self as api, ProcessingAgreementSpec};
use landfall_transfer_law::{AgreementText, Annex, Places, Statement, Subject};

use super::recipient::places;
use crate::references::AGREEMENT;

pub(super) fn compile(spec: &ProcessingAgreementSpec) -> AgreementText {
    AgreementText {
        revision: spec.revision.clone(),
        annexes: spec.annexes.iter().map(annex).collect(),
        statements: spec.statements.iter().map(statement).collect(),
    }
}

fn annex(spec: &api::Annex) -> Annex {
    let api::Annex { name, clause, revision, present } = spec.clone();
    Annex { name, clause: clause.into(), revision, present }
}

fn statement(spec: &api::Statement) -> Statement {
    Statement {
        line: spec.line.as_str().into(),
        topic: spec.topic,
        subject: match spec.subject.as_str() {
            AGREEMENT => Subject::Agreement,
            name => Subject::Recipient(name.to_owned()),
        },
        value: spec.value.clone(),
        places: match (&spec.places, spec.anywhere) {
            (Some(named), _) => Some(places(Some(named))),
            (None, Some(true)) => Some(Places::Anywhere),
            (None, _) => None,
        },
        operators: spec.operators.iter().cloned().collect(),
        tls: spec.tls,
        instrument: spec.instrument,
        modules: spec.modules.iter().copied().collect(),
        seats: spec.seats.as_ref().map(|seats| seats.iter().copied().collect()),
    }
}
