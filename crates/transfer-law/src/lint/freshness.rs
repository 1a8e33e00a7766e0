//! How old the facts are (accountability, Art. 5(2), 24 GDPR).

use jiff::civil::Date;

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found},
};
use crate::{
    Approval, Basis, Instrument,
    bases::{self, dpf},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "FACT-STALE",
        severity: Warning,
        milder: None,
        article: "Art. 5(2), 24 GDPR",
        meaning: "facts about a listed recipient or a basis in use are older than legalDataMaxAgeDays",
        action: "check the facts again at their source, and set asOf",
        check: stale_facts,
    },
    Rule {
        id: "DPF-CHECK",
        severity: Warning,
        milder: None,
        article: "Art. 45(3) GDPR, (EU) 2023/1795",
        meaning: "the list was last checked more than dpfCheckMaxAgeDays ago",
        action: "look the entity up on the list, and set checkedAt",
        check: overdue_look_at_the_list,
    },
    Rule {
        id: "DATE-FUTURE",
        severity: Error,
        milder: None,
        article: "Art. 5(2) GDPR",
        meaning: "a check, signature, decision or approval is dated after today",
        action: "correct the date",
        check: dates_in_the_future,
    },
];

fn stale_facts(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let old = |date: Date, limit: u16| format!("the facts are of {date}, and legalDataMaxAgeDays is {limit}");
    for listed in &case.listed {
        let (as_of, reading) = (listed.recipient.as_of, &listed.agreement.interpretation);
        if bases::is_stale(as_of, reading, &mut case.moment()) {
            found.push(Found::recipient(listed.name, old(as_of, reading.legal_data_max_age_days)));
        }
    }
    for basis in in_use(case) {
        let too_old = case
            .readings(basis)
            .into_iter()
            .filter(|reading| bases::is_stale(basis.as_of, reading, &mut case.moment()));
        if let Some(limit) = too_old.map(|reading| reading.legal_data_max_age_days).min() {
            found.push(Found::basis(basis, old(basis.as_of, limit)));
        }
    }
    found
}

fn overdue_look_at_the_list(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for basis in in_use(case) {
        let Instrument::DpfListing { checked_at, .. } = &basis.instrument else { continue };
        let readings = case.readings(basis).into_iter();
        let too_old = readings.filter(|reading| dpf::is_check_old(*checked_at, reading, &mut case.moment()));
        if let Some(limit) = too_old.map(|reading| reading.dpf_check_max_age_days).min() {
            let text = format!("the list was looked at on {checked_at}, and dpfCheckMaxAgeDays is {limit}");
            found.push(Found::basis(basis, text));
        }
    }
    found
}

fn in_use<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Basis> {
    let in_use = case.bases_in_use();
    case.ruleset.bases.iter().filter(move |basis| in_use.contains(basis.name.as_str()))
}

fn dates_in_the_future(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let says = |what: &str, date: Date| format!("{what} is dated {date}, which is yet to come");
    for (name, recipient) in &case.ruleset.recipients {
        if case.is_ahead(recipient.as_of) {
            found.push(Found::recipient(name, says("the check of the facts", recipient.as_of)));
        }
    }
    let in_use = case.bases_in_use();
    for basis in &case.ruleset.bases {
        // A register contains many shipped acts; the dates of unused ones are irrelevant.
        if basis.instrument.is_enacted() && !in_use.contains(basis.name.as_str()) {
            continue;
        }
        let dates = [("the check of the facts", Some(basis.as_of)), own_date(basis)];
        for (what, date) in dates {
            let ahead = date.filter(|date| case.is_ahead(*date));
            found.extend(ahead.map(|date| Found::basis(basis, says(what, date))));
        }
    }
    for (name, assessment) in &case.ruleset.assessments {
        if case.is_ahead(assessment.decided) {
            found.push(Found::assessment(name, says("the decision", assessment.decided)));
        }
    }
    for development in &case.ruleset.developments {
        let Some(decision) = &development.decision else { continue };
        if decision.decided_at > case.at {
            let text = format!("the decision is dated {}, which is yet to come", decision.decided_at);
            found.push(Found::development(&development.name, text));
        }
    }
    found
}

/// The date that the instrument itself bears.
fn own_date(basis: &Basis) -> (&'static str, Option<Date>) {
    match &basis.instrument {
        Instrument::DpfListing { checked_at, .. } => ("the look at the list", Some(*checked_at)),
        Instrument::StandardContractualClauses { signed, .. } => ("the signature", *signed),
        Instrument::BindingCorporateRules { approved, .. } | Instrument::CodeOfConduct { approved, .. } => {
            ("the approval", *approved)
        }
        Instrument::Certification { certified, .. } => ("the certification", *certified),
        Instrument::AdHocClauses { authorised, .. } | Instrument::AdministrativeArrangement { authorised, .. } => {
            ("the authorisation", *authorised)
        }
        Instrument::Derogation { approval, .. } => ("the approval", approval.as_ref().map(|Approval { on, .. }| *on)),
        Instrument::Adequacy { .. }
        | Instrument::ClauseSet { .. }
        | Instrument::PublicInstrument { .. }
        | Instrument::ForeignOrder { .. } => ("nothing", None),
    }
}
