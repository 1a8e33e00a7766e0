//! One hop of the chain: is it a transfer, and what carries it (Art. 44 GDPR).

use std::collections::BTreeSet;

use jiff::Timestamp;
use landfall_observation::Jurisdiction;

use crate::{
    Basis, EntityKind, Place, Sentence, Territory,
    bases::{self, Fit, Hop},
    territory::{judged_as, territory},
    verdict::{Ground, HopVerdict, Missing, Outcome, Reason, ReasonCode},
};

/// The judgment of a hop with what led to it.
#[derive(Debug)]
pub(crate) struct HopJudgment<'a> {
    pub(crate) verdict: HopVerdict<'a>,
    pub(crate) reasons: Vec<Reason<'a>>,
    pub(crate) missing: Vec<Missing<'a>>,
    pub(crate) grounds: Vec<Ground<'a>>,
    /// Until when it can hold.
    pub(crate) until: Timestamp,
}

/// Judges a hop that reaches `places`, or anywhere at all.
///
/// Of several valid bases for a place the best carries; over several places the worst counts.
pub(crate) fn judge<'a>(hop: &Hop<'a>, places: BTreeSet<Jurisdiction>, anywhere: bool) -> HopJudgment<'a> {
    let mut judgment = HopJudgment {
        verdict: HopVerdict {
            exporter: &hop.exporter.name,
            importer: &hop.importer.name,
            places,
            anywhere,
            outcome: Outcome::IntraEea,
            bases: Vec::new(),
        },
        reasons: Vec::new(),
        missing: Vec::new(),
        grounds: Vec::new(),
        until: Timestamp::MAX,
    };
    let mut beyond: Vec<Place> = Vec::new();
    for place in &judgment.verdict.places {
        let place = Place::In(judged_as(*place));
        if !matches!(place, Place::In(place) if territory(place) == Territory::Eea) && !beyond.contains(&place) {
            beyond.push(place);
        }
    }
    beyond.extend(anywhere.then_some(Place::Anywhere));
    // Chapter V is also about international organisations, wherever they are.
    if hop.importer.kind == EntityKind::InternationalOrganisation {
        beyond.push(Place::Organisation);
    }
    for place in beyond {
        let outcome = judge_place(hop, place, &mut judgment);
        judgment.verdict.outcome = judgment.verdict.outcome.max(outcome);
    }
    if judgment.verdict.outcome == Outcome::IntraEea {
        let says = Sentence::IntraEea { importer: &hop.importer.name };
        judgment.grounds.push(Ground::new(says).article("Art. 44 GDPR, EDPB Guidelines 05/2021"));
    }
    judgment.until = hop.moment.next();
    judgment
}

fn judge_place<'a>(hop: &Hop<'a>, place: Place, judgment: &mut HopJudgment<'a>) -> Outcome {
    let (exporter, importer) = (&hop.exporter.name, &hop.importer.name);
    let best = best(hop, place);
    if let Place::In(jurisdiction) = place
        && territory(jurisdiction) == Territory::Review
        && !matches!(best, Some((_, Fit::Carries(_))))
    {
        let ground = Ground::new(Sentence::TerritoryReview { jurisdiction }).article("Art. 355 TFEU");
        judgment.reasons.push(Reason { effect: Outcome::Unknown, code: ReasonCode::TerritoryReview, ground });
        return Outcome::Unknown;
    }
    let Some((basis, fit)) = best else {
        let ground = Ground::new(Sentence::NoBasis { exporter, importer, place });
        let ground = ground.obligation("TRF-GATE").article("Art. 44 GDPR");
        judgment.reasons.push(Reason { effect: Outcome::Unlawful, code: ReasonCode::NoBasis, ground });
        return Outcome::Unlawful;
    };
    let (name, dpv) = (basis.name.as_str(), basis.dpv.as_deref());
    let rests_on = |judgment: &mut HopJudgment<'a>, says, setting| {
        if !judgment.verdict.bases.contains(&name) {
            judgment.verdict.bases.push(name);
        }
        let ground = Ground::new(says).obligation("TRF-GATE").article(bases::article(&basis.instrument));
        judgment.grounds.push(Ground { setting, ..ground.instrument(name) });
    };
    match fit {
        Fit::Carries(setting) => {
            rests_on(judgment, Sentence::Carries { basis: name, dpv, exporter, importer, place }, setting);
            Outcome::Permitted
        }
        Fit::Lacks(missing) => {
            rests_on(judgment, Sentence::CarriesOnce { basis: name, dpv, exporter, importer, place }, None);
            judgment.missing.extend(missing);
            Outcome::Conditional
        }
        // None carries: each of them says why.
        Fit::Fails(_) => {
            judgment.reasons.extend(about(hop, place).filter_map(|(_, fit)| match fit {
                Fit::Fails(reason) => Some(reason),
                Fit::Carries(_) | Fit::Lacks(_) => None,
            }));
            Outcome::Unlawful
        }
    }
}

/// The basis that does most for the hop; the earlier of equals.
fn best<'a>(hop: &Hop<'a>, place: Place) -> Option<(&'a Basis, Fit<'a>)> {
    let mut best: Option<(&Basis, Fit<'_>)> = None;
    for (basis, fit) in about(hop, place) {
        if best.as_ref().is_none_or(|(_, known)| fit.rank() < known.rank()) {
            best = Some((basis, fit));
        }
    }
    best
}

/// The bases that are about the hop, each with what it does for it.
fn about<'h, 'a>(hop: &'h Hop<'a>, place: Place) -> impl Iterator<Item = (&'a Basis, Fit<'a>)> + use<'h, 'a> {
    let country = match place {
        Place::In(jurisdiction) => Some(jurisdiction),
        Place::Anywhere | Place::Organisation => None,
    };
    let candidates = hop.ruleset.bases.about(&hop.importer.name, country);
    candidates.filter_map(move |basis| bases::assess(basis, hop, place).map(|fit| (basis, fit)))
}
