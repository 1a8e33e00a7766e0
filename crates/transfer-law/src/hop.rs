//! One hop of the chain: is it a transfer, and what carries it (Art. 44 GDPR).

use std::ops::ControlFlow;

use landfall_observation::JurisdictionSet;

use crate::{
    Basis, EntityKind, Names, Place, Sentence, Territory,
    bases::{self, Fit, Hop},
    territory::{abroad, territory},
    verdict::{Ground, HopVerdict, Missing, Outcome, Reason, ReasonCode},
};

/// Where what a judgment finds is gathered.
#[derive(Debug)]
pub(crate) struct Findings<'v, 'a> {
    pub(crate) reasons: &'v mut Vec<Reason<'a>>,
    pub(crate) missing: &'v mut Vec<Missing<'a>>,
    pub(crate) grounds: &'v mut Vec<Ground<'a>>,
    /// Where the agreement lays down TRF-GATE.
    pub(crate) gate: Option<&'a str>,
}

/// Judges a hop that reaches `places`, or anywhere at all.
///
/// Of several valid bases for a place the best carries; over several places the worst counts.
pub(crate) fn judge<'a>(
    hop: &Hop<'a>,
    places: JurisdictionSet,
    anywhere: bool,
    findings: &mut Findings<'_, 'a>,
) -> HopVerdict<'a> {
    let mut bases = Names::default();
    let mut outcome = Outcome::IntraEea;
    let mut judge_at = |place| outcome = outcome.max(judge_place(hop, place, findings, &mut bases));
    for place in abroad(places) {
        judge_at(Place::In(place));
    }
    if anywhere {
        judge_at(Place::Anywhere);
    }
    // Chapter V is also about international organisations, wherever they are.
    if hop.importer.kind == EntityKind::InternationalOrganisation {
        judge_at(Place::Organisation);
    }
    let (exporter, importer) = (hop.exporter.name.as_str(), hop.importer.name.as_str());
    if outcome == Outcome::IntraEea {
        let ground = Ground::new(Sentence::IntraEea { importer });
        findings.grounds.push(ground.article("Art. 44 GDPR, EDPB Guidelines 05/2021"));
    }
    HopVerdict { exporter, importer, places, anywhere, outcome, bases }
}

fn judge_place<'a>(hop: &Hop<'a>, place: Place, findings: &mut Findings<'_, 'a>, carrying: &mut Names<'a>) -> Outcome {
    let (exporter, importer) = (&hop.exporter.name, &hop.importer.name);
    let best = best(hop, place);
    if let Place::In(jurisdiction) = place
        && territory(jurisdiction) == Territory::Review
        && !matches!(best, Some((_, Fit::Carries(_))))
    {
        let ground = Ground::new(Sentence::TerritoryReview { jurisdiction }).article("Art. 355 TFEU");
        findings.reasons.push(Reason { effect: Outcome::Unknown, code: ReasonCode::TerritoryReview, ground });
        return Outcome::Unknown;
    }
    let Some((basis, fit)) = best else {
        let ground = Ground::new(Sentence::NoBasis { exporter, importer, place }).article("Art. 44 GDPR");
        let ground = Ground { clause: findings.gate, ..ground.obligation("TRF-GATE") };
        findings.reasons.push(Reason { effect: Outcome::Unlawful, code: ReasonCode::NoBasis, ground });
        return Outcome::Unlawful;
    };
    let (name, dpv) = (basis.name.as_str(), basis.dpv.as_deref());
    let mut rests_on = |says, setting| {
        carrying.add(name);
        findings.grounds.push(Ground {
            obligation: Some("TRF-GATE"),
            clause: findings.gate,
            article: Some(bases::article(&basis.instrument)),
            instrument: Some(name),
            setting,
            says,
        });
    };
    match fit {
        Fit::Carries(setting) => {
            rests_on(Sentence::Carries { basis: name, dpv, exporter, importer, place }, setting);
            Outcome::Permitted
        }
        Fit::Lacks(missing) => {
            rests_on(Sentence::CarriesOnce { basis: name, dpv, exporter, importer, place }, None);
            // Mostly nothing else is missing, and the list can stay as it is.
            if findings.missing.is_empty() {
                *findings.missing = missing;
            } else {
                findings.missing.extend(missing);
            }
            Outcome::Conditional
        }
        // None carries: each of them says why.
        Fit::Fails(_) => {
            let gate = findings.gate;
            findings.reasons.extend(about(hop, place).filter_map(|(_, fit)| match fit {
                Fit::Fails(reason) => Some(Reason { ground: Ground { clause: gate, ..reason.ground }, ..*reason }),
                Fit::Carries(_) | Fit::Lacks(_) => None,
            }));
            Outcome::Unlawful
        }
    }
}

/// The basis that does most for the hop; the earlier of equals, so that the first that carries is it.
fn best<'a>(hop: &Hop<'a>, place: Place) -> Option<(&'a Basis, Fit<'a>)> {
    let mut best: Option<(&Basis, Fit<'_>)> = None;
    let carrying = about(hop, place).try_for_each(|(basis, fit)| {
        if matches!(fit, Fit::Carries(_)) {
            return ControlFlow::Break((basis, fit));
        }
        if best.as_ref().is_none_or(|(_, known)| fit.rank() < known.rank()) {
            best = Some((basis, fit));
        }
        ControlFlow::Continue(())
    });
    carrying.break_value().or(best)
}

/// The bases that are about the hop, each with what it does for it.
fn about<'h, 'a>(hop: &'h Hop<'a>, place: Place) -> impl Iterator<Item = (&'a Basis, Fit<'a>)> + use<'h, 'a> {
    let country = match place {
        Place::In(jurisdiction) => Some(jurisdiction),
        Place::Anywhere | Place::Organisation => None,
    };
    let candidates = hop.ruleset.bases.about(&hop.importer.name, country);
    candidates.filter_map(move |candidate| Some((candidate.basis, bases::assess(candidate, hop, place)?)))
}
