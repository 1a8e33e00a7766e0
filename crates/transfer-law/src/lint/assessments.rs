//! Transfer impact assessments: is there one of the right importer and country, and what came of it
//! (C-311/18; clause 14 of the SCC; EDPB Rec. 01/2020).

use std::collections::BTreeMap;

use landfall_observation::{Jurisdiction, JurisdictionSet};

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, list, merged},
    reach::Hop,
    standing::fallen,
    validity::{entities, hint},
};
use crate::{Assessment, AssessmentOutcome, Basis, Hit, Instrument, KeyCustody, territory::judged_as};

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
        action: "bring it to a result",
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
        action: "look at it again, and set the next date",
        check: stale_assessment,
    },
    Rule {
        id: "TIA-HIT",
        severity: Error,
        milder: None,
        article: "Art. 46(1) GDPR, (EU) 2021/914 clause 14(f), EDPB Rec. 01/2020 step 6",
        meaning: "a legal development touched what the assessment rests on",
        action: "make it again on the law as it is now",
        check: hit_assessment,
    },
    Rule {
        id: "TIA-CONTRADICTION",
        severity: Error,
        milder: None,
        article: "Art. 5(2), 46(1) GDPR, C-311/18",
        meaning: "two assessments of one importer and country come to opposite results",
        action: "decide which holds, and take the other out",
        check: contradicting_assessments,
    },
    Rule {
        id: "TIA-STRANGER",
        severity: Warning,
        milder: None,
        article: "Art. 5(2), 46(1) GDPR",
        meaning: "an assessment is of an entity that nothing else names; it is found by the exact name",
        action: "correct the name, or take the assessment out",
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
    merged(case.uses().filter_map(|(hop, place, basis)| {
        let (name, assessment) = named(case, basis).filter(|_| fallen(case, basis).is_none())?;
        let text = if assessment.importer != hop.importer.name {
            format!("{name} is of {}, the importer is {}", assessment.importer, hop.importer.name)
        } else if is_adequate(case, hop, place) {
            // Art. 45 needs no assessment.
            return None;
        } else if let Some(place) = place.filter(|place| !countries(assessment).contains(*place)) {
            format!("{name} does not assess the law of {place}, which {} reaches", hop.importer.name)
        } else if place.is_none() {
            format!("{name} cannot assess places that {} does not name", hop.importer.name)
        } else {
            return None;
        };
        Some(Found::basis(basis, text).cited(hop))
    }))
}

/// Whether an adequacy decision stands for the hop to `place`.
fn is_adequate(case: &Case<'_>, hop: &Hop<'_>, place: Option<Jurisdiction>) -> bool {
    let about = hop.candidates(case.ruleset, place).into_iter();
    about
        .filter(|basis| matches!(basis.instrument, Instrument::Adequacy { .. }))
        .any(|basis| fallen(case, basis).is_none())
}

fn open_assessment(case: &Case<'_>) -> Vec<Found> {
    relied_on(case)
        .filter(|(_, assessment)| assessment.outcome == AssessmentOutcome::Open)
        .map(|(name, _)| Found::assessment(name, "has no result".to_owned()))
        .collect()
}

fn negative_assessment(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for basis in needing(case) {
        if let Some((name, Assessment { outcome: AssessmentOutcome::NotAcceptable, decided, .. })) = named(case, basis)
        {
            let text = format!("{name} of {decided} comes to the result that the transfer must end");
            found.push(Found::basis(basis, text));
        }
    }
    found
}

fn measures_that_cannot_work(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, assessment) in relied_on(case) {
        let Assessment { outcome, plaintext_needed, key_custody, importer, .. } = assessment;
        let why = match (plaintext_needed, key_custody) {
            _ if *outcome != AssessmentOutcome::AcceptableWithMeasures => continue,
            (true, _) => "needs the data in the clear",
            (false, KeyCustody::Importer) => "holds the keys",
            (false, KeyCustody::ExporterEea | KeyCustody::ThirdPartyEea) => continue,
        };
        found.push(Found::assessment(name, format!("is acceptable with measures, and {importer} {why}")));
    }
    found
}

fn stale_assessment(case: &Case<'_>) -> Vec<Found> {
    let limit = case.strictest(|settings| settings.assessment_max_age_days);
    let mut found = Vec::new();
    for (name, Assessment { decided, next_review, .. }) in relied_on(case) {
        let text = match next_review {
            // The day of the review itself is in time.
            Some(review) if case.is_older(*review, 1) => format!("was to be reviewed on {review}"),
            None if case.is_older(*decided, limit) => {
                format!("was decided on {decided}, and assessmentMaxAgeDays is {limit}")
            }
            _ => continue,
        };
        found.push(Found::assessment(name, text));
    }
    found
}

fn hit_assessment(case: &Case<'_>) -> Vec<Found> {
    relied_on(case)
        .filter_map(|(name, assessment)| Some((name, assessment.hit.as_ref()?)))
        .filter(|(_, hit)| hit.from <= case.at)
        .map(|(name, Hit { development, from, must_end })| {
            let result = if *must_end { ": the transfer must end" } else { "" };
            Found::assessment(name, format!("{development} touched what it rests on at {from}{result}"))
        })
        .collect()
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
            Found::assessment(name, format!("is of {importer:?}, whom nothing else names{}", hint(&known, importer)))
        })
        .collect()
}

/// The instruments of Art. 46 that have not fallen and need an assessment. Clause 14 does not apply
/// where a processor returns the controller's own data and nothing else (module 4).
fn needing<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Basis> {
    let all = case.ruleset.bases.iter().filter(|basis| fallen(case, basis).is_none());
    all.filter(|basis| match &basis.instrument {
        Instrument::StandardContractualClauses { modules, returns_controllers_data_only, .. } => {
            !(*returns_controllers_data_only && modules.iter().all(|module| *module == 4))
        }
        Instrument::BindingCorporateRules { .. }
        | Instrument::CodeOfConduct { .. }
        | Instrument::Certification { .. }
        | Instrument::AdHocClauses { .. }
        | Instrument::AdministrativeArrangement { .. }
        | Instrument::PublicInstrument { .. } => true,
        Instrument::Adequacy { .. }
        | Instrument::DpfListing { .. }
        | Instrument::ClauseSet { .. }
        | Instrument::ForeignOrder { .. }
        | Instrument::Derogation { .. } => false,
    })
}

/// The assessments that a basis in force names, each once.
fn relied_on<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a str, &'a Assessment)> {
    let all: BTreeMap<_, _> = needing(case).filter_map(|basis| named(case, basis)).collect();
    all.into_iter()
}

fn named<'a>(case: &Case<'a>, basis: &'a Basis) -> Option<(&'a str, &'a Assessment)> {
    let (name, assessment) = case.ruleset.assessments.get_key_value(basis.instrument.assessment()?)?;
    Some((name, assessment))
}

fn countries(assessment: &Assessment) -> JurisdictionSet {
    assessment.countries.iter().map(judged_as).collect()
}
