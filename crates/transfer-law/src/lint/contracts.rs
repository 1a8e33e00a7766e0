//! Whether instruments are complete: module, annexes, signature, approval.

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, list, merged},
};
use crate::{
    Basis, ClaimedInstrument, EntityKind, Instrument, StatementTopic, Subject,
    bases::{
        Misfit, derogation,
        dpf::{self, Coverage},
        needs::{self, Need},
    },
};

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
        id: "SCC-IMPORTER",
        severity: Error,
        milder: None,
        article: "(EU) 2021/914 recital 7, Art. 3(2) GDPR",
        meaning: "standard clauses are concluded with an importer that is itself subject to the GDPR",
        action: "use another basis: the clauses are not meant for such importers",
        check: importer_under_gdpr,
    },
    Rule {
        id: "SCC-MODULE-UNKNOWN",
        severity: Error,
        milder: None,
        article: "Art. 46(2)(c) GDPR, (EU) 2021/914 Art. 1",
        meaning: "standard clauses are agreed with a module that their set does not have",
        action: "conclude the clauses of (EU) 2021/914, or correct the number of the act",
        check: module_of_no_set,
    },
    Rule {
        id: "APPROVAL-MISSING",
        severity: Error,
        milder: None,
        article: "Art. 40, 42, 46(2)(e), (f), (3), 47, 48 GDPR",
        meaning: "binding corporate rules, a code, a certification, clauses of the parties' own, an arrangement or an order lack the approval or commitment without which they carry nothing",
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
        meaning: "an instrument between public bodies is used for an importer that is not a public body",
        action: "use another basis",
        check: not_between_public_bodies,
    },
    Rule {
        id: "DEROGATION-LIMITS",
        severity: Error,
        milder: None,
        article: "Art. 49(1), (3), (6) GDPR, EDPB Guidelines 2/2018",
        meaning: "a derogation is used without a person's approval, a limit, or the required information, or by a public authority that may not use it",
        action: "have a person approve its use within a limit, inform the supervisory authority and the data subjects, or end the transfer",
        check: unlimited_derogation,
    },
    Rule {
        id: "DPF-DATA-TYPE",
        severity: Warning,
        milder: None,
        article: "Art. 45(3) GDPR, (EU) 2023/1795",
        meaning: "the listing does not cover the data: it covers only HR data, or no HR data although data of employees is given",
        action: "look up what the certification covers; take another basis for the rest",
        check: uncovered_data_type,
    },
];

fn module_of_other_roles(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, _, statement) in case.statements() {
        let claims_clauses = statement.topic == StatementTopic::TransferBasis
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
    found.extend(merged(case.misfits().filter_map(|(hop, basis, misfit)| {
        let Misfit::Module { needed, agreed } = misfit else { return None };
        let (exporter, importer) = (&hop.exporter.name, &hop.importer.name);
        let text = format!("{exporter} → {importer}: agreed is module {}, needed module {needed}", list(agreed));
        Some(Found::basis(basis, text).cited(hop))
    })));
    found
}

fn importer_under_gdpr(case: &Case<'_>) -> Vec<Found> {
    merged(case.misfits().filter(|(.., misfit)| *misfit == Misfit::ImporterUnderGdpr).map(|(hop, basis, _)| {
        Found::basis(basis, format!("{} is itself subject to the GDPR", hop.importer.name)).cited(hop)
    }))
}

fn module_of_no_set(case: &Case<'_>) -> Vec<Found> {
    merged(case.misfits().filter_map(|(hop, basis, misfit)| {
        let Misfit::ModuleNotOffered { decision, module } = misfit else { return None };
        Some(Found::basis(basis, format!("{decision} has no module {module}")).cited(hop))
    }))
}

fn incomplete_annexes(case: &Case<'_>) -> Vec<Found> {
    lacking(case, |_, need| (need == Need::Annexes).then(|| "the annexes are not filled in".to_owned()))
}

fn unsigned_clauses(case: &Case<'_>) -> Vec<Found> {
    lacking(case, |_, need| (need == Need::Signature(None)).then(|| "no signature is registered".to_owned()))
}

fn missing_approval(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for candidate in case.unended() {
        let basis = candidate.basis;
        let missing: Vec<_> =
            needs::unmet(basis, &mut case.moment()).filter_map(|need| approval(basis, need)).collect();
        if !missing.is_empty() {
            found.push(Found::basis(basis, format!("not registered: {}", list(missing))));
        }
    }
    found
}

/// Approvals and commitments that others must give. A date in the future is a separate finding.
fn approval(basis: &Basis, need: Need) -> Option<&'static str> {
    match need {
        Need::Approval(None) if matches!(basis.instrument, Instrument::CodeOfConduct { .. }) => {
            Some("approval of the code")
        }
        Need::Approval(None) => Some("approval by the competent authority"),
        Need::Certificate(None) => Some("certification"),
        Need::Commitments => Some("binding commitments of the importer"),
        Need::Authorisation(None) => Some("authorisation by the supervisory authority"),
        Need::Treaty => Some("international agreement"),
        Need::TreatySafeguards => Some("safeguards of that agreement"),
        _ => None,
    }
}

fn rules_for_own_data(case: &Case<'_>) -> Vec<Found> {
    merged(case.misfits().filter(|(.., misfit)| *misfit == Misfit::OwnDataOnly).map(|(hop, basis, _)| {
        let text = format!("{} receives data that it processes for others", hop.importer.name);
        Found::basis(basis, text).cited(hop)
    }))
}

fn not_between_public_bodies(case: &Case<'_>) -> Vec<Found> {
    merged(case.misfits().filter(|(.., misfit)| *misfit == Misfit::NotBetweenPublicBodies).map(|(hop, basis, _)| {
        let company = [hop.importer, hop.exporter].into_iter().find(|entity| entity.kind == EntityKind::Company);
        let company = company.unwrap_or(hop.importer);
        Found::basis(basis, format!("{} is no public body", company.name)).cited(hop)
    }))
}

fn unlimited_derogation(case: &Case<'_>) -> Vec<Found> {
    let derogations = case.unended().map(|candidate| candidate.basis);
    derogations.filter_map(|basis| Some(Found::basis(basis, lacking_limits(case, basis)?))).collect()
}

fn lacking_limits(case: &Case<'_>, basis: &Basis) -> Option<String> {
    let Instrument::Derogation { ground, .. } = &basis.instrument else { return None };
    let mut lacks: Vec<_> = needs::unmet(basis, &mut case.moment())
        .filter_map(|need| match need {
            Need::PersonalDecision(None) => Some("no person approved it"),
            Need::Limit => Some("no number of uses is set"),
            Need::Expiry => Some("no end is set"),
            Need::Information => Some("authority and data subjects were not informed"),
            _ => None,
        })
        .collect();
    let exporters = basis.exporters.as_ref();
    let by_authority = case.agreements().map(|(_, agreement)| &agreement.processor).any(|processor| {
        derogation::is_barred(*ground, processor.kind) && exporters.is_none_or(|names| names.contains(&processor.name))
    });
    lacks.extend(by_authority.then_some("a public authority may not use it"));
    (!lacks.is_empty()).then(|| list(lacks))
}

fn uncovered_data_type(case: &Case<'_>) -> Vec<Found> {
    merged(case.uses().flat_map(|(hop, _, candidate)| {
        let Instrument::DpfListing { data_types, .. } = &candidate.basis.instrument else { return Vec::new() };
        let reading = hop.terms.interpretation.hr_data;
        let texts =
            hop.given.iter().filter_map(|given| match dpf::coverage(data_types, given.data_subjects, reading) {
                Coverage::HrDataOnly { .. } => {
                    Some(format!("the listing of {} covers no data but HR data", hop.importer.name))
                }
                Coverage::WithoutHrData => {
                    Some(format!("{} is given data of employees, the listing covers no HR data", hop.importer.name))
                }
                Coverage::Full | Coverage::ByReading => None,
            });
        texts.map(|text| Found::basis(candidate.basis, text).cited(hop)).collect()
    }))
}

/// The findings of `find` on the needs of the unended bases.
fn lacking(case: &Case<'_>, find: fn(&Basis, Need) -> Option<String>) -> Vec<Found> {
    let mut found = Vec::new();
    for candidate in case.unended() {
        let basis = candidate.basis;
        let needs = needs::unmet(basis, &mut case.moment()).filter_map(|need| find(basis, need));
        found.extend(needs.map(|text| Found::basis(basis, text)));
    }
    found
}
