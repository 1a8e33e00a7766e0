//! Whether instruments have what they need: module, annexes, signature, approval.

use std::collections::BTreeSet;

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, list, merged},
    standing::{dead_clauses, fallen},
};
use crate::{
    Agreement, Basis, BcrVariant, ClaimedInstrument, DerogationGround, DpfDataType, EntityKind, HrData, Instrument,
    Subject, Topic,
};

/// The concept for staff: whose data is HR data under the DPF.
const EMPLOYEE: &str = "dpv:Employee";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "GAP-10",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 46(2)(c) GDPR, (EU) 2021/914 module 3",
        meaning: "standard clauses of an exporter that is a processor: agreed without module 3 (error), or claimed without naming it (warning)",
        action: "conclude module 3 (processor to processor), and name it in the text",
        check: module_of_other_roles,
    },
    Rule {
        id: "SCC-ANNEXES",
        severity: Error,
        milder: None,
        article: "Art. 46(2)(c) GDPR, (EU) 2021/914 appendix",
        meaning: "the annexes of standard clauses are not filled in",
        action: "fill in Annexes I to III of the clauses",
        check: incomplete_annexes,
    },
    Rule {
        id: "SCC-SIGNATURE",
        severity: Error,
        milder: None,
        article: "Art. 46(2)(c) GDPR, (EU) 2021/914 Annex I.A",
        meaning: "standard clauses are not signed",
        action: "get the clauses signed, and register the date",
        check: unsigned_clauses,
    },
    Rule {
        id: "APPROVAL-MISSING",
        severity: Error,
        milder: None,
        article: "Art. 40, 42, 46(2)(e), (f), (3), 47, 48 GDPR",
        meaning: "binding corporate rules, a code, a certification, clauses of one's own, an arrangement or an order lack the approval or commitment without which they carry nothing",
        action: "get the approval, authorisation or commitment and register it, or use another basis",
        check: missing_approval,
    },
    Rule {
        id: "BCR-VARIANT",
        severity: Error,
        milder: None,
        article: "Art. 46(2)(b), 47 GDPR",
        meaning: "binding corporate rules for the group's own data are used for data that it processes for others",
        action: "ask for the approval of its rules for processors (BCR-P), or use another basis",
        check: rules_for_own_data,
    },
    Rule {
        id: "PUBLIC-BODIES",
        severity: Error,
        milder: None,
        article: "Art. 46(2)(a), (3)(b) GDPR",
        meaning: "an instrument between public bodies is used for an importer that is none",
        action: "use another basis",
        check: not_between_public_bodies,
    },
    Rule {
        id: "DEROGATION-LIMITS",
        severity: Error,
        milder: None,
        article: "Art. 49(1), (3), (6) GDPR, EDPB Guidelines 2/2018",
        meaning: "a derogation is used without approval by a person, a limit, or the information owed, or by a public authority that may not",
        action: "have a person decide each use within a limit, inform whom Art. 49(1) names, or end the transfer",
        check: unlimited_derogation,
    },
    Rule {
        id: "DPF-DATA-TYPE",
        severity: Warning,
        milder: None,
        article: "Art. 45(3) GDPR, (EU) 2023/1795",
        meaning: "the listing does not cover the data: none but HR data, or no HR data while data of employees is given",
        action: "look up what the certification covers; take another basis for the rest",
        check: uncovered_data_type,
    },
];

fn module_of_other_roles(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, _, statement) in case.statements() {
        let claims_clauses = statement.topic == Topic::TransferBasis
            && statement.instrument == Some(ClaimedInstrument::StandardContractualClauses);
        if claims_clauses && !statement.modules.contains(&3) {
            let unnamed = statement.modules.is_empty();
            let modules = if unnamed { "no module".to_owned() } else { format!("module {}", list(&statement.modules)) };
            let whom = match &statement.subject {
                Subject::Recipient(name) => format!(" for {name}"),
                Subject::Agreement => String::new(),
            };
            let text = format!("standard clauses are claimed{whom} with {modules}; exporters here are processors");
            found.push(Found::agreement(id, Some(&statement.line), text).mild(unnamed));
        }
    }
    found.extend(merged(case.uses().filter_map(|(hop, _, basis)| {
        let Instrument::StandardContractualClauses { modules, .. } = &basis.instrument else { return None };
        let needed = needed_module(case, &hop.importer.name);
        if modules.contains(&needed) || dead_clauses(case, basis).is_some() {
            return None;
        }
        let (exporter, importer) = (hop.exporters[0], &hop.importer.name);
        let text = format!("{exporter} → {importer}: agreed is module {}, needed module {needed}", list(modules));
        Some(Found::basis(basis, text).cited(hop))
    })));
    found
}

/// Exporters here are processors: towards the controller it is module 4, else module 3.
fn needed_module(case: &Case<'_>, importer: &str) -> u8 {
    let mut controllers = case.agreements().flat_map(|(_, agreement)| &agreement.controllers);
    if controllers.any(|controller| controller.entity.name == importer) { 4 } else { 3 }
}

fn incomplete_annexes(case: &Case<'_>) -> Vec<Found> {
    standing(case)
        .filter(|basis| {
            matches!(&basis.instrument, Instrument::StandardContractualClauses { annexes_complete: false, .. })
        })
        .map(|basis| Found::basis(basis, "the annexes are not filled in".to_owned()))
        .collect()
}

fn unsigned_clauses(case: &Case<'_>) -> Vec<Found> {
    standing(case)
        .filter(|basis| matches!(&basis.instrument, Instrument::StandardContractualClauses { signed: None, .. }))
        .map(|basis| Found::basis(basis, "no signature is registered".to_owned()))
        .collect()
}

fn missing_approval(case: &Case<'_>) -> Vec<Found> {
    standing(case).filter_map(|basis| Some(Found::basis(basis, lacking_approval(&basis.instrument)?))).collect()
}

fn lacking_approval(instrument: &Instrument) -> Option<String> {
    let lacks: Vec<_> = match instrument {
        Instrument::BindingCorporateRules { approved, .. } => {
            vec![(approved.is_none(), "approval by the competent authority")]
        }
        Instrument::CodeOfConduct { approved, binding_commitments, .. } => {
            vec![
                (approved.is_none(), "approval of the code"),
                (!binding_commitments, "binding commitments of the importer"),
            ]
        }
        Instrument::Certification { certified, binding_commitments, .. } => {
            vec![(certified.is_none(), "certification"), (!binding_commitments, "binding commitments of the importer")]
        }
        Instrument::AdHocClauses { authorised, .. } | Instrument::AdministrativeArrangement { authorised, .. } => {
            vec![(authorised.is_none(), "authorisation by the supervisory authority")]
        }
        Instrument::ForeignOrder { treaty, safeguards } => {
            vec![(treaty.is_none(), "international agreement"), (!safeguards, "safeguards of that agreement")]
        }
        _ => Vec::new(),
    };
    let missing: Vec<_> = lacks.into_iter().filter_map(|(lacks, what)| lacks.then_some(what)).collect();
    (!missing.is_empty()).then(|| format!("not registered: {}", list(missing)))
}

fn rules_for_own_data(case: &Case<'_>) -> Vec<Found> {
    let own = case.uses().filter(|(_, _, basis)| {
        matches!(&basis.instrument, Instrument::BindingCorporateRules { variant: BcrVariant::Controller, .. })
    });
    merged(own.map(|(hop, _, basis)| {
        let text = format!("{} receives data that it processes for others", hop.importer.name);
        Found::basis(basis, text).cited(hop)
    }))
}

fn not_between_public_bodies(case: &Case<'_>) -> Vec<Found> {
    let public = case.uses().filter(|(_, _, basis)| {
        matches!(&basis.instrument, Instrument::PublicInstrument { .. } | Instrument::AdministrativeArrangement { .. })
    });
    let companies = public.filter(|(hop, ..)| hop.importer.kind == EntityKind::Company);
    merged(
        companies
            .map(|(hop, _, basis)| Found::basis(basis, format!("{} is no public body", hop.importer.name)).cited(hop)),
    )
}

fn unlimited_derogation(case: &Case<'_>) -> Vec<Found> {
    standing(case).filter_map(|basis| Some(Found::basis(basis, lacking_limits(case, basis)?))).collect()
}

fn lacking_limits(case: &Case<'_>, basis: &Basis) -> Option<String> {
    let Instrument::Derogation { ground, approval, max_occurrences, informed } = &basis.instrument else { return None };
    let exporters = basis.exporters.as_ref();
    let by_authority = case.agreements().map(|(_, agreement)| &agreement.processor).any(|processor| {
        processor.kind == EntityKind::PublicBody && exporters.is_none_or(|names| names.contains(&processor.name))
    });
    let private_only = matches!(
        ground,
        DerogationGround::ExplicitConsent
            | DerogationGround::Contract
            | DerogationGround::ContractInInterest
            | DerogationGround::CompellingInterests
    );
    let lacks = [
        (approval.is_none(), "no person approved it"),
        (max_occurrences.is_none() && basis.validity.until.is_none(), "no limit is set"),
        (
            *ground == DerogationGround::CompellingInterests && !informed,
            "authority and data subjects were not informed",
        ),
        (by_authority && private_only, "a public authority may not use it"),
    ];
    let lacks: Vec<_> = lacks.into_iter().filter_map(|(lacks, what)| lacks.then_some(what)).collect();
    (!lacks.is_empty()).then(|| list(lacks))
}

fn uncovered_data_type(case: &Case<'_>) -> Vec<Found> {
    merged(case.uses().filter_map(|(hop, _, basis)| {
        let Instrument::DpfListing { data_types, .. } = &basis.instrument else { return None };
        let text = if !data_types.contains(&DpfDataType::NonHr) {
            format!("the listing of {} covers no data but HR data", hop.importer.name)
        } else if !data_types.contains(&DpfDataType::Hr) && gives_employee_data(case, hop.terms, hop.recipient) {
            format!("{} is given data of employees, the listing covers no HR data", hop.importer.name)
        } else {
            return None;
        };
        Some(Found::basis(basis, text).cited(hop))
    }))
}

/// By the European reading any employee's data is HR data; by the other one only that of the
/// certified company's own staff, which no agreement with a processor is about.
fn gives_employee_data(case: &Case<'_>, agreement: &Agreement, recipient: &str) -> bool {
    let given = case.ruleset.recipients.get(recipient).and_then(|recipient| recipient.data_subjects.as_ref());
    let given: &BTreeSet<String> = given.unwrap_or(&agreement.data_subjects);
    agreement.interpretation.hr_data == HrData::European && given.contains(EMPLOYEE)
}

/// The instruments that have not fallen: what a fallen one lacks is of no interest.
fn standing<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Basis> {
    case.ruleset.bases.iter().filter(|basis| fallen(case, basis).is_none())
}
