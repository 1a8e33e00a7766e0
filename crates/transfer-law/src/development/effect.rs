//! Applies a development to a ruleset, which gives a new ruleset.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    AssessmentEffect, AssessmentHit, AssessmentTarget, BasisEffect, BasisHit, BasisTarget, Development, EndedEngagement,
};
use crate::{Assessment, Bases, Basis, Hit, Ruleset};

/// What a development hits, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hits {
    /// The acts and bases named.
    pub bases: BTreeSet<String>,
    /// The bases that rest on an act named.
    pub resting: BTreeSet<String>,
    /// The assessments.
    pub assessments: BTreeSet<String>,
    /// The sub-processors that must not be used any more.
    pub ended: BTreeSet<String>,
}

impl Development {
    /// The objects of `ruleset` that it hits.
    pub fn hits(&self, ruleset: &Ruleset) -> Hits {
        let mut hits = Hits::default();
        for basis in &ruleset.bases {
            if self.bases.iter().any(|hit| hit.is_on(basis)) {
                hits.bases.insert(basis.name.clone());
            } else if self.bases.iter().any(|hit| hit.is_on_act_of(basis)) {
                hits.resting.insert(basis.name.clone());
            }
        }
        for (name, assessment) in &ruleset.assessments {
            if self.assessments.iter().any(|hit| hit.is_on(name, assessment)) {
                hits.assessments.insert(name.clone());
            }
        }
        hits.ended.extend(self.ended.iter().map(|ended| ended.recipient.clone()));
        hits
    }

    /// `ruleset` after the development.
    pub fn apply(&self, ruleset: &Ruleset) -> Ruleset {
        let mut after = ruleset.clone();
        after.bases = after.bases.iter().map(|basis| self.applied(basis.clone(), &ruleset.bases)).collect();
        for (name, assessment) in &mut after.assessments {
            for hit in self.assessments.iter().filter(|hit| hit.is_on(name, assessment)).collect::<Vec<_>>() {
                let must_end = hit.effect == AssessmentEffect::NotAcceptable;
                let earlier = assessment.hit.as_ref().is_some_and(|known| known.from <= self.pronounced);
                // Of two hits the one that forbids the transfer applies, else the earlier.
                if !earlier || (must_end && !assessment.hit.as_ref().is_some_and(|known| known.must_end)) {
                    let development = self.name.clone();
                    assessment.hit = Some(Hit { development, from: self.pronounced, must_end });
                }
            }
        }
        for EndedEngagement { recipient, from } in &self.ended {
            for agreement in after.agreements.values_mut() {
                if let Some(engagement) = agreement.engagements.get_mut(recipient) {
                    engagement.ended = Some(engagement.ended.map_or(*from, |known| known.min(*from)));
                }
            }
        }
        after.version = format!("{}+{}", ruleset.version, self.name);
        after.developments.push(self.clone());
        after.developments.sort_by(|a, b| (a.pronounced, &a.name).cmp(&(b.pronounced, &b.name)));
        after
    }

    /// The instant from which on all its effects apply.
    pub fn effective(&self) -> Timestamp {
        let bases = self.bases.iter().map(|hit| hit.effect.instant());
        let ended = self.ended.iter().map(|ended| ended.from);
        bases.chain(ended).fold(self.pronounced, Timestamp::max)
    }

    fn applied(&self, mut basis: Basis, registered: &Bases) -> Basis {
        for BasisHit { target, effect } in &self.bases {
            let hit = match target {
                BasisTarget::Name(name) => basis.name == *name,
                // What rests on an act ends with it; if the act is not registered, it ends by itself.
                BasisTarget::Decision(decision) => {
                    basis.instrument.decision() == Some(decision)
                        && (basis.instrument.is_enacted() || registered.act(decision).is_none())
                }
            };
            if hit {
                effect.on(&mut basis);
                basis.validity.ended_by = Some(self.name.clone());
            }
        }
        basis
    }
}

impl BasisHit {
    fn is_on(&self, basis: &Basis) -> bool {
        match &self.target {
            BasisTarget::Name(name) => basis.name == *name,
            BasisTarget::Decision(decision) => {
                basis.instrument.is_enacted() && basis.instrument.decision() == Some(decision)
            }
        }
    }

    fn is_on_act_of(&self, basis: &Basis) -> bool {
        matches!(&self.target, BasisTarget::Decision(decision) if basis.instrument.decision() == Some(decision))
    }
}

impl AssessmentHit {
    fn is_on(&self, name: &str, assessment: &Assessment) -> bool {
        match &self.target {
            AssessmentTarget::Name(target) => name == target,
            AssessmentTarget::Input(law) => assessment.laws.contains(law),
        }
    }
}

impl BasisEffect {
    /// When it happens.
    pub fn instant(self) -> Timestamp {
        match self {
            Self::Annulled { at, maintained_until } => maintained_until.unwrap_or(at),
            Self::Repealed(instant) | Self::Suspended(instant) | Self::Lapsed(instant) => instant,
        }
    }

    /// The earlier end counts.
    fn on(self, basis: &mut Basis) {
        let earlier = |known: &mut Option<Timestamp>, instant: Timestamp| {
            *known = Some(known.map_or(instant, |known| known.min(instant)));
        };
        let validity = &mut basis.validity;
        match self {
            Self::Annulled { at, maintained_until: None } => earlier(&mut validity.annulled, at),
            // A judgment that maintains the effects works like a repeal (Art. 264(2) TFEU).
            Self::Annulled { maintained_until: Some(until), .. } => earlier(&mut validity.repealed, until),
            Self::Repealed(instant) => earlier(&mut validity.repealed, instant),
            Self::Suspended(instant) => earlier(&mut validity.suspended, instant),
            Self::Lapsed(instant) => earlier(&mut validity.until, instant),
        }
    }
}

#[cfg(test)]
mod tests;
