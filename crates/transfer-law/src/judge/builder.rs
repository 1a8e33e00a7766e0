use std::{collections::BTreeSet, mem};

use jiff::Timestamp;
use landfall_observation::{DataCategory, Jurisdiction, Rung};

use crate::{
    Agreement, Certainty, Citation, Names, Obligation, Outcome, Ruleset, Sentence, Verdict,
    bases::Hop,
    by_place::ByPlace,
    hop::{self, Findings},
    moment::Moment,
    reach::Reach,
    verdict::{Ground, KnownCategories, LocationFinding, Missing, Note, NoteCode, PlaceVerdict, Reason, ReasonCode},
};

/// No category at all.
static NOTHING: BTreeSet<DataCategory> = BTreeSet::new();

/// No category at all.
pub(super) fn nothing() -> &'static BTreeSet<DataCategory> {
    &NOTHING
}

impl KnownCategories<'_> {
    pub(super) fn none() -> Self {
        Self { rung: Rung::None, categories: nothing().into() }
    }
}

/// A verdict under construction.
#[derive(Debug)]
pub(super) struct VerdictBuilder<'a> {
    pub(super) outcome: Outcome,
    pub(super) verdict: Verdict<'a>,
    pub(super) moment: Moment,
    /// The outcomes of the hops by place.
    pub(super) by_place: ByPlace,
    /// The worst effect of a reason that concerns the whole transfer, whatever the place.
    everywhere: Outcome,
    /// Grounds that follow those of the outcome: how the categories are known.
    pub(super) trailing_grounds: Vec<Ground<'a>>,
    /// The agreement's citation for TRF-GATE.
    gate: Option<&'a Citation>,
}

impl<'a> VerdictBuilder<'a> {
    pub(super) fn new(
        ruleset: &'a Ruleset,
        agreement: Option<&'a Agreement>,
        known: KnownCategories<'a>,
        at: Timestamp,
    ) -> Self {
        let verdict = Verdict {
            outcome: Outcome::NotPersonal,
            bases: Names::default(),
            reasons: Vec::new(),
            missing: Vec::new(),
            grounds: Vec::new(),
            // Notes on the location, on third-country access, and on held categories beyond the agreement.
            notes: Vec::with_capacity(3),
            categories: known,
            sightings: Vec::new(),
            location: LocationFinding::default(),
            chain: Vec::new(),
            places: Vec::new(),
            at,
            holds_until: None,
            ruleset: &ruleset.version,
        };
        Self {
            outcome: Outcome::NotPersonal,
            verdict,
            moment: Moment::new(at),
            by_place: ByPlace::default(),
            everywhere: Outcome::NotPersonal,
            trailing_grounds: Vec::new(),
            gate: agreement.and_then(|text| text.clause(Obligation::TrfGate)),
        }
    }

    /// A reason that concerns the whole transfer.
    pub(super) fn against(&mut self, effect: Outcome, code: ReasonCode, ground: Ground<'a>) {
        self.everywhere = self.everywhere.max(effect);
        self.verdict.reasons.push(Reason { effect, code, ground });
    }

    /// A reason that concerns only the places of `reach`.
    pub(super) fn against_places(&mut self, reach: Reach, effect: Outcome, code: ReasonCode, ground: Ground<'a>) {
        self.by_place.add(reach, effect);
        self.verdict.reasons.push(Reason { effect, code, ground });
    }

    pub(super) fn rests_on(&mut self, ground: Ground<'a>) {
        self.verdict.grounds.push(ground);
    }

    pub(super) fn note(&mut self, code: NoteCode, says: Sentence<'a>) {
        self.verdict.notes.push(Note { code, says });
    }

    pub(super) fn missing(&mut self, missing: Option<Missing<'a>>) {
        self.verdict.missing.extend(missing);
    }

    pub(super) fn place(&mut self, jurisdiction: Jurisdiction) {
        self.verdict.location = LocationFinding {
            jurisdictions: [jurisdiction].into(),
            anywhere: false,
            certainty: Certainty::Uncorroborated,
        };
    }

    pub(super) fn location(&mut self, location: LocationFinding) {
        self.verdict.location = location;
    }

    /// Reserves capacity for a chain of that length; most hops have one ground.
    pub(super) fn expect_hops(&mut self, hops: usize) {
        self.verdict.chain = Vec::with_capacity(hops);
        self.verdict.grounds = Vec::with_capacity(hops);
    }

    /// Judges a hop and adds it: the verdict is the worst over the chain.
    pub(super) fn hop(&mut self, hop: &Hop<'a>, reach: Reach) -> Outcome {
        let Verdict { reasons, missing, grounds, .. } = &mut self.verdict;
        let (by_place, moment) = (&mut self.by_place, &mut self.moment);
        let mut findings = Findings { reasons, missing, grounds, by_place, gate: self.gate, moment };
        let verdict = hop::judge(hop, reach, &mut findings);
        self.outcome = self.outcome.max(verdict.outcome);
        for basis in &verdict.bases {
            self.verdict.bases.add(basis);
        }
        let outcome = verdict.outcome;
        self.verdict.chain.push(verdict);
        outcome
    }

    pub(super) fn finish(mut self, ruleset: &'a Ruleset) -> Verdict<'a> {
        if !self.verdict.missing.is_empty() {
            self.outcome = self.outcome.max(Outcome::Conditional);
        }
        let worst = self.verdict.reasons.iter().map(|reason| reason.effect).max();
        let outcome = worst.map_or(self.outcome, |worst| worst.max(self.outcome));
        self.verdict.places = self.outcomes_by_place(outcome);
        self.note_transitions(ruleset);
        self.verdict.grounds.append(&mut self.trailing_grounds);
        let Verdict { reasons, missing, notes, .. } = &mut self.verdict;
        let reason = |reason: &Reason<'a>| (std::cmp::Reverse(reason.effect), reason.code, reason.ground.instrument);
        reasons.sort_by_key(reason);
        reasons.dedup();
        missing.sort_by_key(|missing| (missing.code, missing.subject));
        missing.dedup();
        notes.sort_by_key(|note| note.code);
        let next = self.moment.next_change();
        let holds_until = (next < Timestamp::MAX).then_some(next);
        Verdict { outcome, holds_until, ..self.verdict }
    }

    /// Without a chain the places were not judged apart: each has the outcome of the transfer.
    fn outcomes_by_place(&mut self, outcome: Outcome) -> Vec<PlaceVerdict> {
        let mut by_place = mem::take(&mut self.by_place);
        if by_place.is_empty() {
            let LocationFinding { jurisdictions: places, anywhere, certainty: _ } = self.verdict.location;
            by_place.add(Reach { places, anywhere }, outcome);
        }
        by_place.worsen(|there| there.max(self.everywhere));
        by_place.into_verdicts()
    }

    /// Notes that a flow whose basis ended stays Unlawful during the transition that the agreement grants.
    fn note_transitions(&mut self, ruleset: &'a Ruleset) {
        let fallen = self.verdict.reasons.iter().filter_map(|reason| match &reason.ground.says {
            Sentence::Fallen { development, .. } => development.clone(),
            _ => None,
        });
        let mut by: Vec<_> = fallen.collect();
        by.sort_unstable();
        by.dedup();
        for development in by {
            let of_that_name = ruleset.developments.iter().find(|known| known.name == development);
            let is_fundamental = |decision: &crate::Decision| decision.fundamental;
            if of_that_name.and_then(|known| known.decision.as_ref()).is_some_and(is_fundamental) {
                self.note(NoteCode::TransitionIsNoBasis, Sentence::TransitionIsNoBasis { development });
            }
        }
    }
}
