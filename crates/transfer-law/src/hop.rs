//! One hop of the chain: is it a transfer, and what carries it (Art. 44 GDPR).

use std::collections::BTreeSet;

use landfall_observation::Jurisdiction;

use crate::{
    Territory,
    bases::{self, Fit, Hop, Place},
    territory::territory,
    verdict::{Ground, HopVerdict, Missing, Outcome, Reason, ReasonCode},
};

/// The judgment of a hop with what led to it.
#[derive(Debug)]
pub(crate) struct HopJudgment {
    pub(crate) verdict: HopVerdict,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) missing: Vec<Missing>,
    pub(crate) grounds: Vec<Ground>,
}

/// Judges a hop that reaches `places`, or anywhere at all.
///
/// Of several valid bases for a place the best carries; over several places the worst counts.
pub(crate) fn judge(hop: &Hop<'_>, places: &BTreeSet<Jurisdiction>, anywhere: bool) -> HopJudgment {
    let importer = hop.importers.first().copied().unwrap_or_default();
    let mut judgment = HopJudgment {
        verdict: HopVerdict {
            exporter: hop.exporter.to_owned(),
            importer: importer.to_owned(),
            places: places.clone(),
            outcome: Outcome::IntraEea,
            bases: Vec::new(),
        },
        reasons: Vec::new(),
        missing: Vec::new(),
        grounds: Vec::new(),
    };
    let beyond = places.iter().copied().filter(|place| territory(*place) != Territory::Eea).map(Place::In);
    for place in beyond.chain(anywhere.then_some(Place::Anywhere)) {
        let outcome = judge_place(hop, place, importer, &mut judgment);
        judgment.verdict.outcome = judgment.verdict.outcome.max(outcome);
    }
    if judgment.verdict.outcome == Outcome::IntraEea {
        judgment.grounds.push(Ground {
            article: Some("Art. 44 GDPR, EDPB Guidelines 05/2021"),
            text: format!("establishment, processing and access in the EEA only ({}): {importer}", bases::list(places)),
            ..Ground::default()
        });
    }
    judgment
}

fn judge_place(hop: &Hop<'_>, place: Place, importer: &str, judgment: &mut HopJudgment) -> Outcome {
    let mut fits: Vec<_> =
        hop.ruleset.bases.iter().filter_map(|basis| bases::assess(basis, hop, place).map(|fit| (basis, fit))).collect();
    fits.sort_by_key(|(_, fit)| fit.rank());
    let name = match place {
        Place::In(jurisdiction) => jurisdiction.to_string(),
        Place::Anywhere => "any country".to_owned(),
    };
    if let Place::In(jurisdiction) = place
        && territory(jurisdiction) == Territory::Review
        && !fits.iter().any(|(_, fit)| *fit == Fit::Carries)
    {
        judgment.reasons.push(Reason {
            effect: Outcome::Unknown,
            code: ReasonCode::TerritoryReview,
            ground: Ground {
                article: Some("Art. 355 TFEU"),
                text: format!("whether {name} counts as the EEA must be decided by a person"),
                ..Ground::default()
            },
        });
        return Outcome::Unknown;
    }
    let Some((best, fit)) = fits.first() else {
        judgment.reasons.push(Reason {
            effect: Outcome::Unlawful,
            code: ReasonCode::NoBasis,
            ground: Ground {
                obligation: Some("TRF-GATE"),
                article: Some("Art. 44 GDPR"),
                text: format!("no basis covers {} → {importer} in {name}", hop.exporter),
                ..Ground::default()
            },
        });
        return Outcome::Unlawful;
    };
    let carried = |judgment: &mut HopJudgment| {
        if !judgment.verdict.bases.contains(&best.name) {
            judgment.verdict.bases.push(best.name.clone());
            judgment.grounds.push(Ground {
                instrument: Some(best.name.clone()),
                text: format!("{} ({}) carries {} → {importer} in {name}", best.name, best.dpv, hop.exporter),
                ..Ground::default()
            });
        }
    };
    match fit {
        Fit::Carries => {
            carried(judgment);
            Outcome::Permitted
        }
        Fit::Lacks(missing) => {
            carried(judgment);
            judgment.missing.extend(missing.iter().cloned());
            Outcome::Conditional
        }
        // None carries: each of them says why.
        Fit::Fails(_) => {
            judgment.reasons.extend(fits.iter().filter_map(|(_, fit)| match fit {
                Fit::Fails(reason) => Some(reason.clone()),
                Fit::Carries | Fit::Lacks(_) => None,
            }));
            Outcome::Unlawful
        }
    }
}
