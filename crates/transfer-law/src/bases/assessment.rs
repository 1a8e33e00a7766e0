//! The transfer impact assessment that every safeguard of Art. 46 needs (C-311/18, Schrems II;
//! EDPB Recommendations 01/2020; for standard clauses, clause 14).
//!
//! Where the importer needs the data in the clear, or decrypts it itself, no technical measure is
//! effective (use cases 6 and 7 of the Recommendations); an assessment that accepts the transfer
//! only with measures then cannot carry it.

use jiff::civil::Date;
use landfall_observation::Jurisdiction;

use super::{Hop, fails, lacks};
use crate::{
    Assessment, AssessmentOutcome, Basis, Hit, Instrument, Interpretation, KeyCustody, Place, Ruleset, Sentence,
    Setting,
    moment::{self, Moment},
    territory::judged_as,
    verdict::{Missing, MissingCode, Reason, ReasonCode},
};

const ASSESSMENT: &str = "Art. 46(1) GDPR, (EU) 2021/914 clause 14, C-311/18";
const USE_CASES: &str = "EDPB Recommendations 01/2020, use cases 6 and 7; C-311/18";

/// Why an assessment does not support a transfer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault<'a> {
    /// It is of another importer.
    OtherImporter { of: &'a str },
    /// It does not assess the law of that country.
    CountryNotAssessed { country: Jurisdiction },
    /// The transfer may reach places that are not named, and nobody can assess the law of every country.
    PlacesNotNamed,
    /// It comes to the result that the transfer must end.
    MustEnd { decided: Date },
    /// It accepts the transfer with measures, and none is effective: the importer needs the data in the clear, or
    /// decrypts it itself.
    MeasuresIneffective { plaintext_needed: bool },
    /// It has no result yet.
    Open,
    /// It was decided after the transfer.
    DecidedLater { decided: Date },
    /// A legal development affected what it rests on, after it was decided.
    Hit(&'a Hit),
    /// Its review is overdue.
    Overdue { decided: Date, review: Option<Date> },
}

/// Whether the instrument needs an assessment: every one of Art. 46, but clauses of module 4 with which a processor
/// returns the controller's own data and nothing else (clause 14).
pub(crate) fn is_needed(instrument: &Instrument, module: u8) -> bool {
    match instrument {
        Instrument::StandardContractualClauses { returns_controllers_data_only, .. } => {
            !(module == 4 && *returns_controllers_data_only)
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
    }
}

/// The assessment that the instrument names, if registered.
pub(crate) fn named<'a>(basis: &'a Basis, ruleset: &'a Ruleset) -> Option<(&'a str, &'a Assessment)> {
    let (name, found) = ruleset.assessments.get_key_value(basis.instrument.assessment()?)?;
    Some((name, found))
}

/// Whether it assesses this importer and place; else what is wrong.
pub(crate) fn hop_fault<'a>(found: &'a Assessment, importer: &str, place: Place) -> Option<Fault<'a>> {
    if found.importer != importer {
        return Some(Fault::OtherImporter { of: &found.importer });
    }
    match place {
        Place::In(country) if !assesses(found, country) => Some(Fault::CountryNotAssessed { country }),
        // An assessment that forbids the transfer needs no named places.
        Place::Anywhere if found.outcome != AssessmentOutcome::NotAcceptable => Some(Fault::PlacesNotNamed),
        Place::In(_) | Place::Anywhere | Place::Organisation => None,
    }
}

/// Whether it assesses the law of a country. An assessment of the United States also covers their territories.
pub(crate) fn assesses(found: &Assessment, country: Jurisdiction) -> bool {
    found.countries.contains(country) || found.countries.iter().any(|assessed| judged_as(assessed) == country)
}

/// What is wrong with its result at an instant, the worst first.
pub(crate) fn result_faults<'a, 'm>(
    found: &'a Assessment,
    interpretation: &Interpretation,
    moment: &'m mut Moment,
) -> impl Iterator<Item = Fault<'a>> + use<'a, 'm> {
    let Assessment { key_custody, plaintext_needed, outcome, decided, next_review, hit, .. } = found;
    let decided = *decided;
    let result = match outcome {
        AssessmentOutcome::NotAcceptable => Some(Fault::MustEnd { decided }),
        AssessmentOutcome::AcceptableWithMeasures if *plaintext_needed || *key_custody == KeyCustody::Importer => {
            Some(Fault::MeasuresIneffective { plaintext_needed: *plaintext_needed })
        }
        AssessmentOutcome::Open => Some(Fault::Open),
        AssessmentOutcome::Acceptable | AssessmentOutcome::AcceptableWithMeasures => None,
    };
    let limit = interpretation.assessment_max_age_days;
    // Lazy, because each comparison with the moment limits how long the verdict holds.
    let dated = (0..3).filter_map(move |question| match question {
        0 => (!moment.reached_day(decided)).then_some(Fault::DecidedLater { decided }),
        1 => {
            let hit = hit.as_ref().filter(|hit| !is_made_after(decided, hit) && moment.reached(hit.from));
            hit.map(Fault::Hit)
        }
        _ => {
            let overdue = match next_review {
                // A review on the review date itself is in time.
                Some(review) => moment.is_older(*review, 1),
                None => moment.is_older(decided, limit),
            };
            overdue.then_some(Fault::Overdue { decided, review: *next_review })
        }
    });
    result.into_iter().chain(dated)
}

/// Whether an assessment decided on that day took `hit` into account: it was made on a later day.
fn is_made_after(decided: Date, hit: &Hit) -> bool {
    moment::start(decided).is_some_and(|start| start > hit.from)
}

/// What is missing from the assessment that `basis` names; `Err` if it forbids the transfer.
pub(super) fn check<'a>(
    basis: &'a Basis,
    hop: &Hop<'a>,
    place: Place,
    moment: &mut Moment,
) -> Result<Option<Missing<'a>>, Box<Reason<'a>>> {
    let Some((name, found)) = named(basis, hop.ruleset) else {
        let says = Sentence::Assess { basis: basis.name.as_str().into() };
        return Ok(Some(lacks(basis, MissingCode::ImpactAssessment, ASSESSMENT, says)));
    };
    let fault =
        hop_fault(found, &hop.importer.name, place).or_else(|| result_faults(found, hop.interpretation, moment).next());
    fault.map(|fault| judged(basis, name, fault, hop.interpretation)).transpose()
}

fn judged<'a>(
    basis: &'a Basis,
    assessment: &'a str,
    fault: Fault<'a>,
    interpretation: &Interpretation,
) -> Result<Missing<'a>, Box<Reason<'a>>> {
    let name = &basis.name;
    let forbids = |article, says| Err(fails(basis, ReasonCode::AssessmentNotAcceptable, article, says));
    let (code, says) = match fault {
        Fault::OtherImporter { of } => (
            MissingCode::ImpactAssessment,
            Sentence::AssessThisImporter { basis: name.into(), assessment: assessment.into(), importer: of.into() },
        ),
        Fault::CountryNotAssessed { country } => (
            MissingCode::ImpactAssessment,
            Sentence::AssessCountry { basis: name.into(), assessment: assessment.into(), place: country },
        ),
        Fault::PlacesNotNamed => {
            (MissingCode::ImpactAssessment, Sentence::NamePlaces { basis: name.into(), assessment: assessment.into() })
        }
        Fault::Open => (
            MissingCode::AssessmentOutcome,
            Sentence::FinishAssessment { basis: name.into(), assessment: assessment.into() },
        ),
        Fault::DecidedLater { decided } => (
            MissingCode::ImpactAssessment,
            Sentence::AssessedLater { basis: name.into(), assessment: assessment.into(), decided },
        ),
        Fault::Hit(Hit { development, must_end: false, .. }) => (
            MissingCode::AssessmentRefresh,
            Sentence::RefreshAfter {
                basis: name.into(),
                assessment: assessment.into(),
                development: development.into(),
            },
        ),
        Fault::Overdue { decided, review } => {
            let says = Sentence::RefreshAssessment { basis: name.into(), assessment: assessment.into(), decided };
            let mut refresh = lacks(basis, MissingCode::AssessmentRefresh, ASSESSMENT, says);
            let limit = interpretation.assessment_max_age_days;
            refresh.ground.setting = review.is_none().then_some(Setting::AssessmentMaxAgeDays(limit));
            return Ok(refresh);
        }
        Fault::Hit(Hit { development, .. }) => {
            return forbids(
                ASSESSMENT,
                Sentence::MustEndAfter { assessment: assessment.into(), development: development.into() },
            );
        }
        Fault::MustEnd { decided } => {
            return forbids(ASSESSMENT, Sentence::MustEnd { assessment: assessment.into(), decided });
        }
        Fault::MeasuresIneffective { .. } => {
            return forbids(USE_CASES, Sentence::MeasuresIneffective { assessment: assessment.into() });
        }
    };
    Ok(lacks(basis, code, ASSESSMENT, says))
}
