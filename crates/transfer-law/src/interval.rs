//! Verdicts over time: a verdict holds for an interval, and when the law changes, intervals are judged again. Earlier
//! judgments are kept; the new one is appended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Edge, Ruleset, Verdict, judge};

/// An interval of time, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The first instant.
    pub from: Timestamp,
    /// Its end, exclusive.
    pub until: Timestamp,
}

/// A verdict and the interval for which it holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgment<'a> {
    /// From when until when.
    pub interval: Interval,
    /// The verdict, as of the first instant of the interval.
    pub verdict: Verdict<'a>,
}

/// A judgment to append: the verdict of an interval under the ruleset before and after a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rejudgment<'a> {
    /// From when until when.
    pub interval: Interval,
    /// The verdict before the change.
    pub before: Verdict<'a>,
    /// The verdict after the change.
    pub after: Verdict<'a>,
}

impl Interval {
    /// The interval of an edge's traffic.
    pub fn from_edge(edge: &Edge) -> Self {
        let from = edge.first_seen;
        let until = edge.last_seen.max(from);
        Self { from, until: until.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(until) }
    }
}

impl Verdict<'_> {
    /// Whether it says the same as `other`, ignoring when and under which ruleset each was judged.
    pub fn says_the_same(&self, other: &Verdict<'_>) -> bool {
        self.outcome == other.outcome
            && self.bases == other.bases
            && self.reasons == other.reasons
            && self.missing == other.missing
            && self.notes == other.notes
            && self.chain == other.chain
            && self.places == other.places
    }
}

/// The verdicts of `edge` over `interval`, one for each part in which the verdict is the same.
pub fn judge_over<'a>(ruleset: &'a Ruleset, edge: &'a Edge, interval: Interval) -> Vec<Judgment<'a>> {
    let mut judgments: Vec<Judgment<'a>> = Vec::new();
    let mut from = interval.from;
    loop {
        let verdict = judge(ruleset, edge, from);
        let until = verdict.holds_until.unwrap_or(interval.until).min(interval.until);
        match judgments.last_mut() {
            Some(last) if last.verdict.says_the_same(&verdict) => last.interval.until = until,
            _ => judgments.push(Judgment { interval: Interval { from, until }, verdict }),
        }
        // An empty interval would never end.
        if until <= from || until >= interval.until {
            return judgments;
        }
        from = until;
    }
}

/// Judges the traffic of `edges` again, as of its own time, and returns the parts for which `after` differs
/// from `before`.
pub fn rejudge<'a>(
    before: &'a Ruleset,
    after: &'a Ruleset,
    edges: impl IntoIterator<Item = &'a Edge>,
) -> Vec<(&'a Edge, Rejudgment<'a>)> {
    let mut changed = Vec::new();
    for edge in edges {
        let interval = Interval::from_edge(edge);
        let new = judge_over(after, edge, interval);
        let mut old = judge_over(before, edge, interval).into_iter().peekable();
        for now in new {
            while let Some(was) = old.peek() {
                let from = was.interval.from.max(now.interval.from);
                let until = was.interval.until.min(now.interval.until);
                if !was.verdict.says_the_same(&now.verdict) {
                    let interval = Interval { from, until };
                    let rejudgment = Rejudgment { interval, before: was.verdict.clone(), after: now.verdict.clone() };
                    changed.push((edge, rejudgment));
                }
                // The verdict that ends later is compared with the next one of the other ruleset.
                if was.interval.until > now.interval.until {
                    break;
                }
                old.next();
                if until >= now.interval.until {
                    break;
                }
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests;
