use landfall_api::{self as api, ProcessingAgreementSpec, StatementTopic};
use landfall_transfer_law::{AgreementText, Annex, ClaimedInstrument, Places, Statement, Subject, Topic};

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
    Annex { name, clause, revision, present }
}

fn statement(spec: &api::Statement) -> Statement {
    Statement {
        line: spec.line.clone(),
        topic: topic(spec.topic),
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
        instrument: spec.instrument.map(|instrument| match instrument {
            api::ClaimedInstrument::Adequacy => ClaimedInstrument::Adequacy,
            api::ClaimedInstrument::DpfListing => ClaimedInstrument::DpfListing,
            api::ClaimedInstrument::StandardContractualClauses => ClaimedInstrument::StandardContractualClauses,
            api::ClaimedInstrument::BindingCorporateRules => ClaimedInstrument::BindingCorporateRules,
            api::ClaimedInstrument::Other => ClaimedInstrument::Other,
        }),
        modules: spec.modules.iter().copied().collect(),
        seats: spec.seats.as_ref().map(|seats| seats.iter().copied().collect()),
    }
}

fn topic(spec: StatementTopic) -> Topic {
    match spec {
        StatementTopic::LegalName => Topic::LegalName,
        StatementTopic::Address => Topic::Address,
        StatementTopic::Seat => Topic::Seat,
        StatementTopic::Purpose => Topic::Purpose,
        StatementTopic::DataCentre => Topic::DataCentre,
        StatementTopic::TransferBasis => Topic::TransferBasis,
        StatementTopic::TransportEncryption => Topic::TransportEncryption,
        StatementTopic::EndToEndEncryption => Topic::EndToEndEncryption,
        StatementTopic::EncryptionAtRest => Topic::EncryptionAtRest,
        StatementTopic::Certification => Topic::Certification,
        StatementTopic::Activation => Topic::Activation,
        StatementTopic::Annex => Topic::Annex,
        StatementTopic::Deletion => Topic::Deletion,
        StatementTopic::Retention => Topic::Retention,
        StatementTopic::OnwardRecipient => Topic::OnwardRecipient,
    }
}
