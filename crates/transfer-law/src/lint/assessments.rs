//! Transfer impact assessments: whether there is one for the importer and country, and its result
//! (C-311/18; clause 14 of the SCC; EDPB Rec. 01/2020).

use std::collections::BTreeMap;

use landfall_observation::{Jurisdiction, JurisdictionSet};

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, list, merged},
    reach::Hop,
    validity::{entities, hint},
};
use crate::{
    Assessment, AssessmentOutcome, Basis, Hit, Instrument, Interpretation, Place,
    bases::{
        Fit,
        assessment::{self, Fault, named},
    },
    hop,
    territory::judged_as,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "TIA-MISSING",
        severity: Error,
        milder: None,
        article: "Art. 46(1) GDPR, C-311/18, (EU) 2021/914 clause 14",
        meaning: "a basis of Art. 46 names no transfer impact assessment, or one that the register does not have",
        action: "make the assessment, or correct the reference",
        check: no_assessment,
    },
    Rule {
        id: "TIA-FOREIGN",
        severity: Error,
        milder: None,
        article: "Art. 46(1) GDPR, C-311/18, (EU) 2021/914 clause 14",
        meaning: "the assessment is of another importer, or not of a country that the transfer reaches",
        action: "make an assessment of this importer in these countries",
        check: foreign_assessment,
    },
    Rule {
        id: "TIA-OPEN",
        severity: Error,
        milder: None,
        article: "Art. 46(1) GDPR, C-311/18, (EU) 2021/914 clause 14(d)",
        meaning: "the assessment has no result",
        action: "complete it",
        check: open_assessment,
    },
    Rule {
        id: "TIA-NEGATIVE",
        severity: Error,
        milder: None,
        article: "Art. 46(1) GDPR, C-311/18, (EU) 2021/914 clause 14(f)",
        meaning: "the assessment comes to the result that the transfer must end, and the basis is still in force",
        action: "suspend the transfer and end the contract",
        check: negative_assessment,
    },
    Rule {
        id: "TIA-USE-CASE-6",
        severity: Error,
        milder: None,
        article: "EDPB Rec. 01/2020 use cases 6 and 7",
        meaning: "the result rests on measures although the importer needs the data in the clear or holds the keys",
        action: "assess again: no technical measure is effective there; move the processing or keep the keys in the EEA",
        check: measures_that_cannot_work,
    },
    Rule {
        id: "TIA-STALE",
        severity: Warning,
        milder: None,
        article: "Art. 46(1) GDPR, (EU) 2021/914 clause 14, EDPB Rec. 01/2020 step 6",
        meaning: "the assessment is due for review",
        action: "review it, and set the next review date",
        check: stale_assessment,
    },
    Rule {
        id: "TIA-HIT",
        severity: Error,
        milder: None,
        article: "Art. 46(1) GDPR, (EU) 2021/914 clause 14(f), EDPB Rec. 01/2020 step 6",
        meaning: "a legal development affected what the assessment rests on",
        action: "repeat it under the current law",
        check: hit_assessment,
    },
    Rule {
        id: "TIA-CONTRADICTION",
        severity: Error,
        milder: None,
        article: "Art. 5(2), 46(1) GDPR, C-311/18",
        meaning: "two assessments of one importer and country come to opposite results",
        action: "decide which is right, and remove the other",
        check: contradicting_assessments,
    },
    Rule {
        id: "TIA-STRANGER",
        severity: Warning,
        milder: None,
        article: "Art. 5(2), 46(1) GDPR",
        meaning: "an assessment is of an entity that is named nowhere else; assessments are matched by the exact name",
        action: "correct the name, or remove the assessment",
        check: strange_importer,
    },
];

fn no_assessment(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for basis in needing(case) {
        let text = match basis.instrument.assessment() {
            None => "names no transfer impact assessment".to_owned(),
            Some(name) if !case.ruleset.assessments.contains_key(name) => {
                format!("names {name}, which is no TransferImpactAssessment")
            }
            Some(_) => continue,
        };
        found.push(Found::basis(basis, text));
    }
    found
}

fn foreign_assessment(case: &Case<'_>) -> Vec<Found> {
    merged(case.uses().filter_map(|(hop, place, candidate)| {
        let basis = candidate.basis;
        let (name, found) = named(basis, case.ruleset).filter(|_| !case.has_ended(candidate))?;
        let importer = &hop.importer.name;
        let text = match assessment::hop_fault(found, importer, place)? {
            Fault::OtherImporter { of } => format!("{name} is of {of}, the importer is {importer}"),
            // Art. 45 needs no assessment.
            _ if is_adequate(case, hop, place) => return None,
            Fault::CountryNotAssessed { country } => {
                format!("{name} does not assess the law of {country}, which {importer} reaches")
            }
            _ => format!("{name} cannot assess places that {importer} does not name"),
        };
        Some(Found::basis(basis, text).cited(hop))
    }))
}

/// Whether an adequacy decision carries the hop to `place`.
fn is_adequate(case: &Case<'_>, hop: &Hop<'_>, place: Place) -> bool {
    hop.judged(case.ruleset).iter().all(|hop| {
        hop::about(hop, place, &mut case.moment()).any(|(basis, fit)| {
            matches!(basis.instrument, Instrument::Adequacy { .. }) && matches!(fit, Fit::Carries(_))
        })
    })
}

fn open_assessment(case: &Case<'_>) -> Vec<Found> {
    from_results(case, |fault| (*fault == Fault::Open).then(|| "has no result".to_owned()))
}

fn negative_assessment(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for basis in needing(case) {
        if let Some((name, Assessment { outcome: AssessmentOutcome::NotAcceptable, decided, .. })) =
            named(basis, case.ruleset)
        {
            let text = format!("{name} of {decided} comes to the result that the transfer must end");
            found.push(Found::basis(basis, text));
        }
    }
    found
}

fn measures_that_cannot_work(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, assessment, reading) in relied_on(case) {
        for fault in assessment::result_faults(assessment, &reading, &mut case.moment()) {
            let Fault::MeasuresIneffective { plaintext_needed } = fault else { continue };
            let why = if plaintext_needed { "needs the data in the clear" } else { "holds the keys" };
            let text = format!("is acceptable with measures, and {} {why}", assessment.importer);
            found.push(Found::assessment(name, text));
        }
    }
    found
}

fn stale_assessment(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, assessment, reading) in relied_on(case) {
        let limit = reading.assessment_max_age_days;
        for fault in assessment::result_faults(assessment, &reading, &mut case.moment()) {
            let Fault::Overdue { decided, review } = fault else { continue };
            let text = match review {
                Some(review) => format!("was to be reviewed on {review}"),
                None => format!("was decided on {decided}, and assessmentMaxAgeDays is {limit}"),
            };
            found.push(Found::assessment(name, text));
        }
    }
    found
}

fn hit_assessment(case: &Case<'_>) -> Vec<Found> {
    from_results(case, |fault| {
        let Fault::Hit(Hit { development, from, must_end }) = fault else { return None };
        let result = if *must_end { ": the transfer must end" } else { "" };
        Some(format!("{development} affected what it rests on at {from}{result}"))
    })
}

fn contradicting_assessments(case: &Case<'_>) -> Vec<Found> {
    let mut by_place: BTreeMap<(&str, Jurisdiction), [Vec<&str>; 2]> = BTreeMap::new();
    for (name, assessment) in &case.ruleset.assessments {
        let side = match assessment.outcome {
            AssessmentOutcome::Acceptable | AssessmentOutcome::AcceptableWithMeasures => 0,
            AssessmentOutcome::NotAcceptable => 1,
            AssessmentOutcome::Open => continue,
        };
        for country in countries(assessment) {
            by_place.entry((&assessment.importer, country)).or_default()[side].push(name);
        }
    }
    let mut found = Vec::new();
    for ((importer, country), [acceptable, mut not]) in by_place {
        not.sort_unstable();
        for name in &acceptable {
            if !not.is_empty() {
                let text =
                    format!("calls transfers to {importer} in {country} acceptable; {} says they must end", list(&not));
                found.push(Found::assessment(name, text));
            }
        }
    }
    found
}

fn strange_importer(case: &Case<'_>) -> Vec<Found> {
    let known = entities(case);
    let strange =
        case.ruleset.assessments.iter().filter(|(_, assessment)| !known.contains(assessment.importer.as_str()));
    strange
        .map(|(name, Assessment { importer, .. })| {
            Found::assessment(
                name,
                format!("is of {importer:?}, which is named nowhere else{}", hint(&known, importer)),
            )
        })
        .collect()
}

/// The unended instruments that need an assessment with one of the modules agreed.
fn needing<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Basis> {
    case.unended().map(|candidate| candidate.basis).filter(|basis| match &basis.instrument {
        Instrument::StandardContractualClauses { modules, .. } => {
            modules.is_empty() || modules.iter().any(|module| assessment::is_needed(&basis.instrument, *module))
        }
        other => assessment::is_needed(other, 0),
    })
}

/// The assessments of unended bases, each once, with the strictest interpretation among those who rely on it.
fn relied_on<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a str, &'a Assessment, Interpretation)> {
    let mut all: BTreeMap<&str, (&Assessment, Interpretation)> = BTreeMap::new();
    for basis in needing(case) {
        let Some((name, found)) = named(basis, case.ruleset) else { continue };
        let readings = case.readings(basis).into_iter().chain(all.get(name).map(|(_, reading)| reading));
        let strictest = readings.min_by_key(|reading| reading.assessment_max_age_days).copied().unwrap_or_default();
        all.insert(name, (found, strictest));
    }
    all.into_iter().map(|(name, (found, reading))| (name, found, reading))
}

/// The findings of `find` on the results of the assessments relied on.
fn from_results(case: &Case<'_>, find: impl Fn(&Fault<'_>) -> Option<String>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, assessment, reading) in relied_on(case) {
        let mut moment = case.moment();
        let texts = assessment::result_faults(assessment, &reading, &mut moment).filter_map(|fault| find(&fault));
        found.extend(texts.map(|text| Found::assessment(name, text)));
    }
    found
}

fn countries(assessment: &Assessment) -> JurisdictionSet {
    assessment.countries.iter().map(judged_as).collect()
}
