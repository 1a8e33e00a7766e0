use std::collections::BTreeSet;

use jiff::Timestamp;
use landfall_observation::Jurisdiction;

use crate::{
    Agreement, Certainty, Edge, Outcome, Ruleset, Verdict,
    hop::HopJudgment,
    verdict::{Ground, KnownCategories, LocationFinding, Missing, Note, NoteCode, Reason, ReasonCode},
};

/// A verdict in the making.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) outcome: Outcome,
    pub(super) verdict: Verdict,
}

impl Draft {
    pub(super) fn new(edge: &Edge, categories: KnownCategories) -> Self {
        let verdict = Verdict {
            outcome: Outcome::NotPersonal,
            bases: Vec::new(),
            reasons: Vec::new(),
            missing: Vec::new(),
            grounds: Vec::new(),
            notes: Vec::new(),
            categories,
            location: LocationFinding::default(),
            chain: Vec::new(),
            at: edge.last_seen,
            ruleset: String::new(),
        };
        Self { outcome: Outcome::NotPersonal, verdict }
    }

    pub(super) fn against(&mut self, effect: Outcome, code: ReasonCode, ground: Ground) {
        self.verdict.reasons.push(Reason { effect, code, ground });
    }

    pub(super) fn for_(&mut self, ground: Ground) {
        self.verdict.grounds.push(ground);
    }

    pub(super) fn note(&mut self, code: NoteCode, text: String) {
        self.verdict.notes.push(Note { code, text });
    }

    pub(super) fn missing(&mut self, missing: Option<Missing>) {
        self.verdict.missing.extend(missing);
    }

    pub(super) fn place(&mut self, jurisdiction: Jurisdiction) {
        self.verdict.location = LocationFinding {
            jurisdictions: BTreeSet::from([jurisdiction]),
            anywhere: false,
            certainty: Certainty::Uncorroborated,
        };
    }

    pub(super) fn location(&mut self, location: LocationFinding) {
        self.verdict.location = location;
    }

    /// Takes a hop in: the verdict is the worst over the chain.
    pub(super) fn hop(&mut self, judgment: HopJudgment, agreement: &Agreement) {
        let HopJudgment { verdict, reasons, missing, grounds } = judgment;
        self.outcome = self.outcome.max(verdict.outcome);
        let cite = |mut ground: Ground| {
            ground.clause = ground.obligation.and_then(|id| agreement.clauses.get(id)).cloned();
            ground
        };
        self.verdict.reasons.extend(reasons.into_iter().map(|reason| Reason { ground: cite(reason.ground), ..reason }));
        self.verdict.missing.extend(missing);
        self.verdict.grounds.extend(grounds.into_iter().map(cite));
        for basis in &verdict.bases {
            if !self.verdict.bases.contains(basis) {
                self.verdict.bases.push(basis.clone());
            }
        }
        self.verdict.chain.push(verdict);
    }

    pub(super) fn finish(mut self, ruleset: &Ruleset, at: Timestamp) -> Verdict {
        if !self.verdict.missing.is_empty() {
            self.outcome = self.outcome.max(Outcome::Conditional);
        }
        let worst = self.verdict.reasons.iter().map(|reason| reason.effect).max();
        let outcome = worst.map_or(self.outcome, |worst| worst.max(self.outcome));
        self.verdict.reasons.sort_by(|a, b| b.effect.cmp(&a.effect).then_with(|| a.cmp(b)));
        self.verdict.reasons.dedup();
        self.verdict.missing.sort();
        self.verdict.missing.dedup();
        self.verdict.notes.sort();
        Verdict { outcome, at, ruleset: ruleset.version.clone(), ..self.verdict }
    }
}
