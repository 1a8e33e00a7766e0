//! Standard contractual clauses, Implementing Decision (EU) 2021/914 (Art. 46(2)(c) GDPR; DPV
//! `eu-gdpr:A46-2-c`).
//!
//! The module must fit the roles. The exporters watched here are processors: towards one that
//! processes on their behalf it is module 3 (processor to processor), towards the controller
//! module 4. Clause 14 asks for a transfer impact assessment of the law and practice of the country
//! (C-311/18, Schrems II; EDPB Recommendations 01/2020), the appendix for Annexes I to III, with
//! module 4 for Annex I. Clause 14 does not apply where a processor only returns the controller's
//! own data; that cannot be seen here, so the assessment is asked for in either module.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Fit, Hop, Place, Role, fails, is_older, lacks};
use crate::{
    Assessment, AssessmentOutcome, Basis,
    verdict::{Missing, MissingCode, ReasonCode},
};

pub(super) const CLAUSES: &str = "Art. 46(2)(c) GDPR, (EU) 2021/914";
const ASSESSMENT: &str = "(EU) 2021/914 clause 14, C-311/18";

/// What was agreed.
#[derive(Debug)]
pub(super) struct Contract<'a> {
    pub(super) modules: &'a BTreeSet<u8>,
    pub(super) annexes_complete: bool,
    pub(super) signed: Option<Date>,
    pub(super) assessment: Option<&'a str>,
}

pub(super) fn assess(basis: &Basis, hop: &Hop<'_>, place: Place, contract: &Contract<'_>) -> Fit {
    let name = &basis.name;
    let (module, roles, annexes) = match hop.role {
        Role::Processor => (3, "processor to processor", "Annexes I to III"),
        Role::Controller => (4, "processor to controller", "Annex I"),
    };
    if !contract.modules.contains(&module) {
        let agreed = super::list(contract.modules);
        let text = format!("{name}: module {module} ({roles}) is needed, agreed is {agreed}");
        return Fit::Fails(fails(basis, ReasonCode::BasisDoesNotFit, Some(CLAUSES), text));
    }
    let mut missing = Vec::new();
    let is_signed = contract.signed.is_some_and(|date| !is_after(date, hop));
    if !is_signed {
        let text = format!("{name}: get the clauses signed");
        missing.push(lacks(basis, MissingCode::Signature, CLAUSES, text));
    }
    if !contract.annexes_complete {
        let text = format!("{name}: fill in {annexes} of the clauses");
        missing.push(lacks(basis, MissingCode::Annexes, CLAUSES, text));
    }
    match assessed(basis, hop, place, contract.assessment) {
        Ok(more) => missing.extend(more),
        Err(fit) => return fit,
    }
    if missing.is_empty() { Fit::Carries } else { Fit::Lacks(missing) }
}

/// What is missing of the impact assessment; `Err` if it forbids the transfer.
fn assessed(basis: &Basis, hop: &Hop<'_>, place: Place, reference: Option<&str>) -> Result<Option<Missing>, Fit> {
    let name = &basis.name;
    let lack = |code, text| Ok(Some(lacks(basis, code, ASSESSMENT, text)));
    let Some((reference, assessment)) = reference.and_then(|name| Some((name, hop.ruleset.assessments.get(name)?)))
    else {
        return lack(MissingCode::ImpactAssessment, format!("{name}: make the transfer impact assessment"));
    };
    let Assessment { importer, countries, outcome, decided, next_review, .. } = assessment;
    if importer != hop.importer {
        let text = format!("{name}: {reference} assesses {importer}, not this importer; make one for it");
        return lack(MissingCode::ImpactAssessment, text);
    }
    match place {
        Place::In(jurisdiction) if countries.contains(&jurisdiction) => {}
        Place::In(jurisdiction) => {
            let text = format!("{name}: {reference} does not assess the law of {jurisdiction}; extend it");
            return lack(MissingCode::ImpactAssessment, text);
        }
        // Anywhere is also where the assessment forbids the transfer.
        Place::Anywhere if *outcome == AssessmentOutcome::NotAcceptable => {}
        // Nobody can assess the law of any country there is.
        Place::Anywhere => {
            let text = format!("{name}: have the importer name its places, so that {reference} can cover them");
            return lack(MissingCode::ImpactAssessment, text);
        }
    }
    match outcome {
        AssessmentOutcome::NotAcceptable => {
            let text = format!("{reference} of {decided} comes to the result that the transfer must end");
            return Err(Fit::Fails(fails(basis, ReasonCode::AssessmentNotAcceptable, Some(ASSESSMENT), text)));
        }
        AssessmentOutcome::Open => {
            let text = format!("{name}: bring {reference} to a result");
            return lack(MissingCode::AssessmentOutcome, text);
        }
        AssessmentOutcome::Acceptable | AssessmentOutcome::AcceptableWithMeasures => {}
    }
    if is_after(*decided, hop) {
        let text = format!("{name}: {reference} was decided on {decided} only; the transfer came before");
        return lack(MissingCode::ImpactAssessment, text);
    }
    let limit = hop.settings.assessment_max_age_days;
    let overdue = match next_review {
        Some(review) => is_older(*review, 1, hop.at),
        None => is_older(*decided, limit, hop.at),
    };
    if overdue {
        let text = format!("{name}: refresh {reference}, decided on {decided}");
        return lack(MissingCode::AssessmentRefresh, text);
    }
    Ok(None)
}

/// Whether `date` begins after the transfer.
fn is_after(date: Date, hop: &Hop<'_>) -> bool {
    date.to_zoned(jiff::tz::TimeZone::UTC).is_ok_and(|start| start.timestamp() > hop.at)
}
