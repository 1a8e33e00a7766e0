//! The transfer impact assessment that every safeguard of Art. 46 needs (C-311/18, Schrems II;
//! EDPB Recommendations 01/2020; for standard clauses, clause 14).
//!
//! Where the importer needs the data in the clear, or decrypts it itself, no technical measure is
//! effective (use cases 6 and 7 of the Recommendations); an assessment that accepts the transfer
//! only with measures then cannot carry it.

use jiff::civil::Date;

use super::{Hop, fails, lacks};
use crate::{
    Assessment, AssessmentOutcome, Basis, Hit, KeyCustody, Place, Sentence, Setting, moment,
    verdict::{Missing, MissingCode, Reason, ReasonCode},
};

const ASSESSMENT: &str = "Art. 46(1) GDPR, (EU) 2021/914 clause 14, C-311/18";
const USE_CASES: &str = "EDPB Recommendations 01/2020, use cases 6 and 7; C-311/18";

/// What is missing of the assessment with the name `reference`; `Err` if it forbids the transfer.
pub(super) fn check<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    place: Place,
    reference: Option<&'a str>,
) -> Result<Option<Missing<'a>>, Box<Reason<'a>>> {
    let name = &basis.name;
    let lack = |code, says| Ok(Some(lacks(basis, code, ASSESSMENT, says)));
    let Some((reference, found)) = reference.and_then(|name| Some((name, hop.ruleset.assessments.get(name)?))) else {
        return lack(MissingCode::ImpactAssessment, Sentence::Assess { basis: name });
    };
    if found.importer != hop.importer.name {
        let says = Sentence::AssessThisImporter { basis: name, assessment: reference, importer: &found.importer };
        return lack(MissingCode::ImpactAssessment, says);
    }
    match place {
        Place::In(place) if !found.countries.contains(place) => {
            let says = Sentence::AssessCountry { basis: name, assessment: reference, place };
            return lack(MissingCode::ImpactAssessment, says);
        }
        // Nobody can assess the law of any country there is. Anywhere is also where the assessment
        // forbids the transfer.
        Place::Anywhere if found.outcome != AssessmentOutcome::NotAcceptable => {
            return lack(MissingCode::ImpactAssessment, Sentence::NamePlaces { basis: name, assessment: reference });
        }
        Place::In(_) | Place::Anywhere | Place::Organisation => {}
    }
    result(basis, hop, reference, found)
}

fn result<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    reference: &'a str,
    found: &'a Assessment,
) -> Result<Option<Missing<'a>>, Box<Reason<'a>>> {
    let Assessment { key_custody, plaintext_needed, outcome, decided, next_review, hit, .. } = found;
    let name = &basis.name;
    let lack = |code, says| Ok(Some(lacks(basis, code, ASSESSMENT, says)));
    match outcome {
        AssessmentOutcome::NotAcceptable => {
            let says = Sentence::MustEnd { assessment: reference, decided: *decided };
            return Err(fails(basis, ReasonCode::AssessmentNotAcceptable, ASSESSMENT, says));
        }
        AssessmentOutcome::AcceptableWithMeasures if *plaintext_needed || *key_custody == KeyCustody::Importer => {
            let says = Sentence::MeasuresIneffective { assessment: reference };
            return Err(fails(basis, ReasonCode::AssessmentNotAcceptable, USE_CASES, says));
        }
        AssessmentOutcome::Open => {
            let says = Sentence::FinishAssessment { basis: name, assessment: reference };
            return lack(MissingCode::AssessmentOutcome, says);
        }
        AssessmentOutcome::Acceptable | AssessmentOutcome::AcceptableWithMeasures => {}
    }
    if !hop.moment.reached_day(*decided) {
        let says = Sentence::AssessedLater { basis: name, assessment: reference, decided: *decided };
        return lack(MissingCode::ImpactAssessment, says);
    }
    if let Some(Hit { development, must_end, .. }) =
        hit.as_ref().filter(|hit| !is_made_after(*decided, hit) && hop.moment.reached(hit.from))
    {
        if *must_end {
            let says = Sentence::MustEndAfter { assessment: reference, development };
            return Err(fails(basis, ReasonCode::AssessmentNotAcceptable, ASSESSMENT, says));
        }
        let says = Sentence::RefreshAfter { basis: name, assessment: reference, development };
        return lack(MissingCode::AssessmentRefresh, says);
    }
    let limit = hop.interpretation.assessment_max_age_days;
    let overdue = match next_review {
        Some(review) => hop.moment.is_older(*review, 1),
        None => hop.moment.is_older(*decided, limit),
    };
    if overdue {
        let says = Sentence::RefreshAssessment { basis: name, assessment: reference, decided: *decided };
        let mut refresh = lacks(basis, MissingCode::AssessmentRefresh, ASSESSMENT, says);
        refresh.ground.setting = next_review.is_none().then_some(Setting::AssessmentMaxAgeDays(limit));
        return Ok(Some(refresh));
    }
    Ok(None)
}

/// Whether an assessment of `decided` knew of `hit`: made on a later day.
fn is_made_after(decided: Date, hit: &Hit) -> bool {
    moment::start(decided).is_some_and(|start| start > hit.from)
}
