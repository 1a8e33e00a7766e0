//! One hop of the chain: is it a transfer, and what carries it (Art. 44 GDPR).

use std::collections::BTreeSet;

use landfall_observation::Jurisdiction;

use crate::{
    Territory,
    bases::{self, Fit, Hop, Place},
    territory::{judged_as, territory},
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
    let mut judgment = HopJudgment {
        verdict: HopVerdict {
            exporter: hop.exporter.to_owned(),
            importer: hop.importer.to_owned(),
            places: places.clone(),
            anywhere,
            outcome: Outcome::IntraEea,
            bases: Vec::new(),
        },
        reasons: Vec::new(),
        missing: Vec::new(),
        grounds: Vec::new(),
    };
    let beyond: BTreeSet<_> =
        places.iter().copied().filter(|place| territory(*place) != Territory::Eea).map(judged_as).collect();
    for place in beyond.into_iter().map(Place::In).chain(anywhere.then_some(Place::Anywhere)) {
        let outcome = judge_place(hop, place, &mut judgment);
        judgment.verdict.outcome = judgment.verdict.outcome.max(outcome);
    }
    if judgment.verdict.outcome == Outcome::IntraEea {
        judgment.grounds.push(Ground {
            article: Some("Art. 44 GDPR, EDPB Guidelines 05/2021"),
            text: format!(
                "seat and all known processing and access in the EEA ({}): {}",
                bases::list(places),
                hop.importer
            ),
            ..Ground::default()
        });
    }
    judgment
}

fn judge_place(hop: &Hop<'_>, place: Place, judgment: &mut HopJudgment) -> Outcome {
    let Hop { exporter, importer, .. } = hop;
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
                text: format!("no basis covers {exporter} → {importer} in {name}"),
                ..Ground::default()
            },
        });
        return Outcome::Unlawful;
    };
    let rests_on = |judgment: &mut HopJudgment, does: &str| {
        if !judgment.verdict.bases.contains(&best.name) {
            judgment.verdict.bases.push(best.name.clone());
        }
        judgment.grounds.push(Ground {
            obligation: Some("TRF-GATE"),
            article: Some(bases::article(&best.instrument)),
            instrument: Some(best.name.clone()),
            text: format!(
                "{} ({}) {does} {exporter} → {importer} in {name}",
                best.name,
                best.dpv.as_deref().unwrap_or_default()
            ),
            ..Ground::default()
        });
    };
    match fit {
        Fit::Carries => {
            rests_on(judgment, "carries");
            Outcome::Permitted
        }
        Fit::Lacks(missing) => {
            rests_on(judgment, "carries, once nothing is missing,");
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
