//! Simulates a legal development: which edges it affects, whether they may continue, and which duties
//! follow by when.

mod duties;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use duties::{DatedDuty, DutyDate, DutyId};

use crate::{
    AgreementId, Development, Edge, Hits, Interpretation, Outcome, Rejudgment, Ruleset, Verdict, judge, rejudge,
};

/// The rulesets that a simulation compares.
#[derive(Debug, Clone)]
pub struct Scenario {
    before: Ruleset,
    after: Ruleset,
    /// Both rulesets without limits on the age of facts.
    fresh_before: Ruleset,
    fresh_after: Ruleset,
    development: Development,
}

/// What a development does to one edge.
#[derive(Debug, Clone, Serialize)]
pub struct Effect<'a> {
    /// Which edge.
    #[serde(skip)]
    pub edge: &'a Edge,
    /// The verdict just before the development takes effect, for unchanged traffic.
    pub before: Verdict<'a>,
    /// The verdict from then on.
    pub after: Verdict<'a>,
    /// What changes for the traffic that was seen (ex tunc), to be appended to what was judged.
    pub seen: Vec<Rejudgment<'a>>,
}

/// What a development does under one agreement.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duties<'a> {
    /// The agreement.
    pub agreement: &'a AgreementId,
    /// Edges that become Unlawful.
    pub unlawful: usize,
    /// What is due, in the order of time.
    pub duties: Vec<DatedDuty>,
}

impl Scenario {
    /// The scenario in which `development` applies to `ruleset`.
    pub fn new(ruleset: Ruleset, development: Development) -> Self {
        let after = development.apply(&ruleset);
        let (fresh_before, fresh_after) = (ageless(ruleset.clone()), ageless(after.clone()));
        Self { before: ruleset, after, fresh_before, fresh_after, development }
    }

    /// The objects of the register that it hits.
    pub fn hits(&self) -> Hits {
        self.development.hits(&self.before)
    }

    /// The edges whose verdict changes, now or for the traffic that was seen; the worst first, and of those
    /// the one that sent most.
    ///
    /// Before and after are judged at the instant from which the development is in effect, or if that has passed, as of
    /// the last traffic. It can lie years ahead, so it is assumed that facts are kept up to date until then.
    pub fn effects<'a>(&'a self, edges: &'a [Edge]) -> Vec<Effect<'a>> {
        let effective = self.development.effective();
        let just_before = effective.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(effective);
        let mut seen = rejudge(&self.before, &self.after, edges).into_iter().peekable();
        let mut effects = Vec::new();
        for edge in edges {
            let mut of_edge = Vec::new();
            while let Some((_, rejudgment)) = seen.next_if(|(changed, _)| std::ptr::eq(*changed, edge)) {
                of_edge.push(rejudgment);
            }
            // A past development is applied to the traffic as it was last seen.
            let (was, is) =
                if effective > edge.last_seen { (just_before, effective) } else { (edge.last_seen, edge.last_seen) };
            let before = judge(&self.fresh_before, edge, was);
            let after = judge(&self.fresh_after, edge, is);
            if !before.says_the_same(&after) || !of_edge.is_empty() {
                effects.push(Effect { edge, before, after, seen: of_edge });
            }
        }
        let key = |effect: &Effect<'_>| (effect.after.outcome, effect.edge.volume.bytes_sent);
        effects.sort_by(|a, b| key(b).cmp(&key(a)).then_with(|| a.edge.id.cmp(&b.edge.id)));
        effects
    }

    /// The dated duties of every agreement with an affected edge, as of `now`.
    pub fn duties<'a>(&'a self, effects: &[Effect<'a>], now: Timestamp) -> Vec<Duties<'a>> {
        let mut duties = Vec::new();
        for (id, agreement) in &self.before.agreements {
            let hit: Vec<_> = effects.iter().filter(|effect| effect.edge.id.agreement == *id).collect();
            if hit.is_empty() {
                continue;
            }
            let unlawful = hit.iter().filter(|effect| effect.became_unlawful()).count();
            let due = duties::for_agreement(agreement, &self.development, unlawful > 0, now);
            duties.push(Duties { agreement: id, unlawful, duties: due });
        }
        duties
    }
}

impl Effect<'_> {
    /// Whether the traffic becomes Unlawful.
    pub fn became_unlawful(&self) -> bool {
        self.before.outcome < Outcome::Unlawful && self.after.outcome == Outcome::Unlawful
    }
}

/// `ruleset` without limits on the age of facts and without review dates.
fn ageless(mut ruleset: Ruleset) -> Ruleset {
    for agreement in ruleset.agreements.values_mut() {
        agreement.interpretation = Interpretation {
            legal_data_max_age_days: u16::MAX,
            dpf_check_max_age_days: u16::MAX,
            assessment_max_age_days: u16::MAX,
            ..agreement.interpretation
        };
    }
    for assessment in ruleset.assessments.values_mut() {
        assessment.next_review = None;
    }
    ruleset
}

#[cfg(test)]
mod tests;
