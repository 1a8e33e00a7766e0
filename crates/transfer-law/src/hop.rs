//! One hop of the chain: whether it is a transfer, and on which bases it rests (Art. 44 GDPR).

use std::{collections::BTreeSet, ops::ControlFlow};

use landfall_observation::{DataCategory, Outcome};

use crate::{
    Basis, Categories, Citation, Names, Obligation, Place, Sentence, Territory,
    bases::{self, Fit, Hop, scope},
    by_place::ByPlace,
    moment::Moment,
    reach::Reach,
    ruleset::Candidate,
    territory::territory,
    verdict::{Ground, HopVerdict, Missing, Reason, ReasonCode},
};

/// Collects what the judgment of a hop finds.
#[derive(Debug)]
pub(crate) struct Findings<'v, 'a> {
    pub(crate) reasons: &'v mut Vec<Reason<'a>>,
    pub(crate) missing: &'v mut Vec<Missing<'a>>,
    pub(crate) grounds: &'v mut Vec<Ground<'a>>,
    pub(crate) by_place: &'v mut ByPlace,
    /// The agreement's citation for TRF-GATE.
    pub(crate) gate: Option<&'a Citation>,
    pub(crate) moment: &'v mut Moment,
}

/// Judges a hop that reaches `reach`.
///
/// Of several valid bases for a place the best carries; over several places the worst counts.
pub(crate) fn judge<'a>(hop: &Hop<'a>, reach: Reach, findings: &mut Findings<'_, 'a>) -> HopVerdict<'a> {
    let mut bases = Names::default();
    let mut outcome = Outcome::IntraEea;
    findings.by_place.add(reach.within_eea(), outcome);
    for place in reach.stops(hop.importer) {
        let there = judge_place(hop, place, findings, &mut bases);
        findings.by_place.add(reach.at(place), there);
        outcome = outcome.max(there);
    }
    let (exporter, importer) = (hop.exporter.name.as_str(), hop.importer.name.as_str());
    if outcome == Outcome::IntraEea {
        let ground = Ground::new(Sentence::IntraEea { importer: importer.into() });
        findings.grounds.push(ground.article("Art. 44 GDPR, EDPB Guidelines 05/2021"));
    }
    let Reach { places, anywhere } = reach;
    HopVerdict { exporter, importer, places, anywhere, outcome, bases }
}

fn judge_place<'a>(hop: &Hop<'a>, place: Place, findings: &mut Findings<'_, 'a>, carrying: &mut Names<'a>) -> Outcome {
    let (exporter, importer) = (&hop.exporter.name, &hop.importer.name);
    let answer = carried(hop, place, findings.moment);
    if let Place::In(jurisdiction) = place
        && territory(jurisdiction) == Territory::Review
        && answer.outcome() != Outcome::Permitted
    {
        let ground = Ground::new(Sentence::TerritoryReview { jurisdiction }).article("Art. 355 TFEU");
        findings.reasons.push(Reason { effect: Outcome::Unknown, code: ReasonCode::TerritoryReview, ground });
        return Outcome::Unknown;
    }
    let outcome = answer.outcome();
    match answer {
        Carried::By(basis, fit) => findings.rests_on(hop, place, basis, None, fit, carrying),
        Carried::Together(parts) => {
            for Part { basis, categories, fit } in parts {
                findings.rests_on(hop, place, basis, Some(categories), fit, carrying);
            }
        }
        Carried::NoBasis => {
            let ground = Ground::new(Sentence::NoBasis { exporter: exporter.into(), importer: importer.into(), place })
                .article("Art. 44 GDPR");
            let ground = Ground { clause: findings.gate, ..ground.obligation(Obligation::TrfGate) };
            findings.reasons.push(Reason { effect: Outcome::Unlawful, code: ReasonCode::NoBasis, ground });
        }
        // No basis carries it: each contributes its reason.
        Carried::NotAtAll => {
            let gate = findings.gate;
            findings.reasons.extend(about(hop, place, findings.moment).filter_map(|(_, fit)| match fit {
                Fit::Fails(reason) => Some(Reason { ground: Ground { clause: gate, ..reason.ground }, ..*reason }),
                Fit::Carries(_) | Fit::Lacks(_) => None,
            }));
        }
    }
    outcome
}

impl<'a> Findings<'_, 'a> {
    /// Records that the hop rests on `basis`, or will once nothing is missing, for all or for the given categories.
    fn rests_on(
        &mut self,
        hop: &Hop<'a>,
        place: Place,
        basis: &'a Basis,
        categories: Option<Vec<&'a DataCategory>>,
        fit: Fit<'a>,
        carrying: &mut Names<'a>,
    ) {
        let (exporter, importer) = (hop.exporter.name.as_str(), hop.importer.name.as_str());
        let (name, dpv) = (basis.name.as_str(), basis.dpv.as_deref());
        let (setting, says) = match fit {
            Fit::Carries(setting) => (
                setting,
                Sentence::Carries {
                    basis: name.into(),
                    dpv: dpv.map(Into::into),
                    exporter: exporter.into(),
                    importer: importer.into(),
                    place,
                    categories: categories.map(Into::into),
                },
            ),
            Fit::Lacks(missing) => {
                // Usually nothing else is missing, so that the list is moved instead of copied.
                if self.missing.is_empty() {
                    *self.missing = missing;
                } else {
                    self.missing.extend(missing);
                }
                (
                    None,
                    Sentence::CarriesOnce {
                        basis: name.into(),
                        dpv: dpv.map(Into::into),
                        exporter: exporter.into(),
                        importer: importer.into(),
                        place,
                        categories: categories.map(Into::into),
                    },
                )
            }
            Fit::Fails(_) => return,
        };
        carrying.add(name);
        self.grounds.push(Ground {
            obligation: Some(Obligation::TrfGate),
            clause: self.gate,
            article: Some(bases::article(&basis.instrument)),
            instrument: Some(name),
            setting,
            says,
        });
    }
}

/// Which bases carry a hop to a place.
#[derive(Debug)]
pub(crate) enum Carried<'a> {
    /// One basis, now or once nothing is missing.
    By(&'a Basis, Fit<'a>),
    /// Several, each for some of the categories.
    Together(Vec<Part<'a>>),
    /// There are bases, but none carries it.
    NotAtAll,
    /// No basis concerns it.
    NoBasis,
}

/// A basis that carries some of the categories.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) basis: &'a Basis,
    pub(crate) categories: Vec<&'a DataCategory>,
    pub(crate) fit: Fit<'a>,
}

impl Carried<'_> {
    /// The outcome of the hop.
    pub(crate) fn outcome(&self) -> Outcome {
        let of = |fit: &Fit<'_>| match fit {
            Fit::Carries(_) => Outcome::Permitted,
            Fit::Lacks(_) => Outcome::Conditional,
            Fit::Fails(_) => Outcome::Unlawful,
        };
        match self {
            Self::By(_, fit) => of(fit),
            Self::Together(parts) => parts.iter().map(|part| of(&part.fit)).max().unwrap_or(Outcome::Unlawful),
            Self::NotAtAll | Self::NoBasis => Outcome::Unlawful,
        }
    }
}

/// What carries the hop to `place`: the best basis, or if none does alone, several together.
pub(crate) fn carried<'a>(hop: &Hop<'a>, place: Place, moment: &mut Moment) -> Carried<'a> {
    let by_one = match best(hop, place, moment) {
        None => return Carried::NoBasis,
        Some((_, Fit::Fails(_))) => Carried::NotAtAll,
        Some((basis, fit)) => Carried::By(basis, fit),
    };
    if by_one.outcome() == Outcome::Permitted {
        return by_one;
    }
    let together = together(hop, place, moment).map(Carried::Together);
    together.filter(|together| together.outcome() < by_one.outcome()).unwrap_or(by_one)
}

/// Bases that each cover some of the categories and together all of them; those that lack nothing come first.
fn together<'a>(hop: &Hop<'a>, place: Place, moment: &mut Moment) -> Option<Vec<Part<'a>>> {
    let mut parts: Vec<(Categories<'a>, &'a Basis, Fit<'a>)> = Vec::new();
    for candidate in candidates(hop, place) {
        let covers = |category: &DataCategory| {
            scope::covers(candidate.basis, category) && candidate.act.is_none_or(|act| scope::covers(act, category))
        };
        let categories = hop.categories.narrowed(covers);
        // A basis that covers all categories was already tried, and one that covers none does not help.
        if categories == hop.categories || categories.is_empty() {
            continue;
        }
        let part = Hop { categories, ..hop.clone() };
        let fit = bases::assess(candidate, &part, place, moment);
        parts.extend(fit.filter(|fit| !matches!(fit, Fit::Fails(_))).map(|fit| (categories, candidate.basis, fit)));
    }
    parts.sort_by_key(|(_, _, fit)| fit.rank());
    let mut left: BTreeSet<&DataCategory> = hop.categories.iter().collect();
    let mut taken = Vec::new();
    for (categories, basis, fit) in parts {
        let categories: Vec<_> = categories.iter().filter(|category| left.remove(category)).collect();
        if !categories.is_empty() {
            taken.push(Part { basis, categories, fit });
        }
    }
    left.is_empty().then_some(taken)
}

/// The best basis for the hop; of equals the first, so that the search can stop at the first that carries.
fn best<'a>(hop: &Hop<'a>, place: Place, moment: &mut Moment) -> Option<(&'a Basis, Fit<'a>)> {
    let mut best: Option<(&Basis, Fit<'_>)> = None;
    let carrying = about(hop, place, moment).try_for_each(|(basis, fit)| {
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

/// The bases that concern the hop, each with how it fits.
pub(crate) fn about<'h, 'a>(
    hop: &'h Hop<'a>,
    place: Place,
    moment: &'h mut Moment,
) -> impl Iterator<Item = (&'a Basis, Fit<'a>)> + use<'h, 'a> {
    candidates(hop, place)
        .filter_map(move |candidate| Some((candidate.basis, bases::assess(candidate, hop, place, moment)?)))
}

/// The bases that may concern a hop to that importer and place.
fn candidates<'a>(hop: &Hop<'a>, place: Place) -> impl Iterator<Item = Candidate<'a>> + use<'a> {
    hop.ruleset.bases.about(&hop.importer.name, place.country())
}
