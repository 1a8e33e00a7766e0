//! Whether the agreement says what Art. 28(3) GDPR asks for.

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, list},
};
use crate::{Citation, Obligation, StatementTopic, clock};

/// The requirements of Art. 28(3)(a) to (h) except (g), which is `GAP-01`: the rule, and the obligations in the text
/// that satisfy the letter.
const LETTERS: [(&str, &[Obligation]); 7] = [
    ("ART28-A", &[Obligation::InsGive, Obligation::TrfGate, Obligation::InsLaw]),
    ("ART28-B", &[Obligation::Confid]),
    ("ART28-C", &[Obligation::Tom]),
    ("ART28-D", &[Obligation::SubNote, Obligation::SubObj, Obligation::SubFlow]),
    ("ART28-E", &[Obligation::DsrHelp]),
    ("ART28-F", &[Obligation::Support, Obligation::BrFirst]),
    ("ART28-H", &[Obligation::Proof28, Obligation::Audit, Obligation::InsIllegal]),
];

/// Milder, because the text may name data subjects for whom the vocabulary has no concept.
const NO_DATA_SUBJECTS: &str = "no data subjects of Annex 1 are registered by a concept";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "GAP-01",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 28(3)(g), 30(1)(f) GDPR",
        meaning: "no clause on deletion or return at the end (error), no statement on retention periods (warning)",
        action: "agree on deletion or return after the end of the services, and name the periods",
        check: deletion,
    },
    Rule {
        id: "GAP-03",
        severity: Error,
        milder: None,
        article: "Art. 28(3) GDPR",
        meaning: "a listed recipient is given a category or data subjects that Annex 1 does not name",
        action: "name the category in Annex 1 by agreement with the controllers, or stop giving it",
        check: beyond_annex_1,
    },
    letter(
        "ART28-A",
        "Art. 28(3)(a) GDPR",
        "no clause on documented instructions, third countries or compelling law",
        |case| uncovered(case, "ART28-A"),
    ),
    letter("ART28-B", "Art. 28(3)(b) GDPR", "no clause on confidentiality", |case| uncovered(case, "ART28-B")),
    letter("ART28-C", "Art. 28(3)(c), 32 GDPR", "no clause on the security of processing", |case| {
        uncovered(case, "ART28-C")
    }),
    letter(
        "ART28-D",
        "Art. 28(2), (3)(d), (4) GDPR",
        "no clause on notice of, objection to, or duties of sub-processors",
        |case| uncovered(case, "ART28-D"),
    ),
    letter("ART28-E", "Art. 28(3)(e) GDPR", "no clause on help with the rights of data subjects", |case| {
        uncovered(case, "ART28-E")
    }),
    letter(
        "ART28-F",
        "Art. 28(3)(f), 33(2) GDPR",
        "no clause on help with Art. 32 to 36, or on reports of breaches",
        |case| uncovered(case, "ART28-F"),
    ),
    letter(
        "ART28-H",
        "Art. 28(3)(h) and second subparagraph GDPR",
        "no clause on proof, audits or unlawful instructions",
        |case| uncovered(case, "ART28-H"),
    ),
    Rule {
        id: "ART28-SUBJECT",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 28(3) GDPR",
        meaning: "the agreement does not say which categories it covers, for which purposes, or for how long (error); no data subjects are registered by a concept of the vocabulary (warning)",
        action: "complete Annex 1 and the clauses on scope and term",
        check: subject_matter,
    },
    Rule {
        id: "PARTIES-NONE",
        severity: Error,
        milder: None,
        article: "Art. 28(3), 30(2)(a) GDPR",
        meaning: "the agreement names no controller",
        action: "register the controllers on whose behalf the processor acts",
        check: no_controller,
    },
    Rule {
        id: "OBLIGATION-UNKNOWN",
        severity: Warning,
        milder: None,
        article: "Art. 5(2) GDPR",
        meaning: "the register cites a clause, or sets a period, for an obligation that does not exist",
        action: "use the ids listed in docs/lint.md; other ids have no effect",
        check: unknown_obligation,
    },
];

const fn letter(
    id: &'static str,
    article: &'static str,
    meaning: &'static str,
    check: fn(&Case<'_>) -> Vec<Found>,
) -> Rule {
    Rule {
        id,
        severity: Error,
        milder: None,
        article,
        meaning,
        action: "agree on the missing clause, or cite it in the register",
        check,
    }
}

fn deletion(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        if agreement.clause(Obligation::Delete).is_none() {
            let text = "no clause says whether data is deleted or returned after the end of the services".to_owned();
            found.push(Found::agreement(id, agreement.clause(Obligation::Term), text));
        }
        if !agreement.text.statements.iter().any(|claim| claim.topic == StatementTopic::Retention) {
            let text = "nothing says how long which data is kept".to_owned();
            found.push(Found::agreement(id, agreement.clause(Obligation::AvvScope), text).mild(true));
        }
    }
    found
}

fn beyond_annex_1(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        let annex_1 = listed.agreement.clause(Obligation::AvvScope);
        let clause = Citation::joined(annex_1.into_iter().chain(&listed.engagement.clause));
        for category in listed.recipient.categories.difference(&listed.agreement.scope) {
            let text = format!("{} is given {category}, which Annex 1 does not name", listed.name);
            found.push(Found::listed(listed, clause.as_ref(), text));
        }
        for concept in listed.recipient.data_subjects.iter().flatten() {
            if !listed.agreement.data_subjects.contains(concept) {
                let text = format!("{} is given data of {concept}, whom Annex 1 does not name", listed.name);
                found.push(Found::listed(listed, clause.as_ref(), text));
            }
        }
    }
    found
}

fn uncovered(case: &Case<'_>, rule: &str) -> Vec<Found> {
    let Some((_, obligations)) = LETTERS.iter().find(|(id, _)| *id == rule) else { return Vec::new() };
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let (present, missing): (Vec<_>, Vec<_>) =
            obligations.iter().partition(|name| agreement.clause(**name).is_some());
        if !missing.is_empty() {
            let clause = Citation::joined(present.into_iter().filter_map(|name: &Obligation| agreement.clause(*name)));
            found.push(Found::agreement(id, clause.as_ref(), format!("no clause is cited for {}", list(missing))));
        }
    }
    found
}

fn subject_matter(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        let lacks = [
            (agreement.scope.is_empty(), "Annex 1 names no category of personal data", Obligation::AvvScope),
            (agreement.data_subjects.is_empty(), NO_DATA_SUBJECTS, Obligation::AvvScope),
            (
                agreement.clause(Obligation::AvvScope).is_none(),
                "no clause is cited for subject matter and purposes (AVV-SCOPE)",
                Obligation::AvvScope,
            ),
            (
                agreement.clause(Obligation::Term).is_none(),
                "no clause is cited for the duration (TERM)",
                Obligation::Term,
            ),
        ];
        for (_, text, clause) in lacks.into_iter().filter(|(lacks, ..)| *lacks) {
            let found_here = Found::agreement(id, agreement.clause(clause), text.to_owned());
            found.push(found_here.mild(text == NO_DATA_SUBJECTS));
        }
    }
    found
}

fn no_controller(case: &Case<'_>) -> Vec<Found> {
    let without = case.agreements().filter(|(_, agreement)| agreement.controllers.is_empty());
    without.map(|(id, _)| Found::agreement(id, None, "no controller is registered".to_owned())).collect()
}

fn unknown_obligation(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement) in case.agreements() {
        for (name, clause) in &agreement.unknown_obligations {
            let text = format!("a clause is cited for {name}, which is no obligation");
            found.push(Found::agreement(id, Some(clause), text));
        }
        for name in agreement.periods.keys().filter(|name| clock::duty(**name).is_none()) {
            found.push(Found::agreement(
                id,
                agreement.clause(*name),
                format!("a period is set for {name}, which is no duty"),
            ));
        }
    }
    found
}
