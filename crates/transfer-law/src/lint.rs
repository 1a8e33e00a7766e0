//! What is wrong with an agreement and its register before any traffic is seen.
//!
//! ```text
//! Ruleset + instant ─► rules, each a small pure function ─► findings, the worst first
//! ```
//!
//! The rules compare facts with each other and with what the text claims, and never name a party.
//! Each is in the file of its topic, with its function; [`rules`] lists them all, and
//! `docs/lint.md` shows the list. `GAP-01` to `GAP-13` are gaps that agreements often have; the other ids say
//! what they are about.
//!
//! Nothing here is about a single transfer: that is [`crate::judge`]. A register without findings
//! can still see unlawful traffic.

mod article28;
mod assessments;
mod case;
mod chain;
mod claims;
mod contracts;
mod ended;
mod freshness;
mod places;
mod reach;
mod setup;
mod text;
mod validity;
mod wording;

use jiff::Timestamp;
use serde::Serialize;

use crate::{AgreementId, Citation, Ruleset};
use case::{Case, Found};

pub use setup::{ENDPOINT_COLLISION, NETWORKS_UNDECLARED, REGISTER_NOTE};

/// Something that is wrong, or that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule, such as `GAP-01`.
    pub id: &'static str,
    /// Where it must be put right.
    pub object: Object,
    /// The agreement whose text is cited or whose list is meant.
    pub agreement: Option<AgreementId>,
    /// Line or clause of that text; the one that should have it, where the text lacks something.
    pub clause: Option<Citation>,
    /// Article and instrument.
    pub article: &'static str,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub action: &'static str,
}

/// How bad a finding is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Severity {
    /// Law or agreement is not kept, or a transfer has nothing to rest on.
    Error,
    /// It will be, or cannot be shown to be kept.
    Warning,
    /// Worth knowing.
    Info,
}

/// An object of the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Object {
    /// Its kind, such as `Recipient`; `Register` for the register as a whole.
    pub kind: String,
    /// Its name, of an agreement with the namespace; empty for the register.
    pub name: String,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable id.
    pub id: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// How bad those are that cannot do the same harm, where the rule makes that difference.
    pub milder: Option<Severity>,
    /// Article and instrument that it rests on.
    pub article: &'static str,
    /// When it finds something.
    pub meaning: &'static str,
    /// What to do then.
    pub action: &'static str,
    check: fn(&Case<'_>) -> Vec<Found>,
}

/// Everything that is wrong with `ruleset` at the instant `at`, the worst first.
pub fn lint(ruleset: &Ruleset, at: Timestamp) -> Vec<Finding> {
    let case = Case::new(ruleset, at);
    let mut findings: Vec<_> =
        rules().flat_map(|rule| (rule.check)(&case).into_iter().map(|found| rule.finding(found))).collect();
    findings.sort();
    // What two agreements have in common is wrong once.
    findings.dedup();
    findings
}

/// All rules, in the order of `docs/lint.md`.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        text::RULES,
        article28::RULES,
        claims::RULES,
        places::RULES,
        chain::RULES,
        contracts::RULES,
        validity::RULES,
        assessments::RULES,
        freshness::RULES,
        setup::RULES,
    ]
    .into_iter()
    .flatten()
}

impl Rule {
    /// A finding about `object` by the compiler of the register, which alone sees hosts and prefixes.
    pub fn noted(&self, object: Object, text: String) -> Finding {
        self.finding(Found { object, agreement: None, clause: None, text, mild: false })
    }

    fn finding(&self, found: Found) -> Finding {
        let Found { object, agreement, clause, text, mild } = found;
        let severity = if mild { self.milder.unwrap_or(self.severity) } else { self.severity };
        Finding { severity, id: self.id, object, agreement, clause, article: self.article, text, action: self.action }
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name } = self;
        if name.is_empty() { f.write_str(kind) } else { write!(f, "{kind} {name}") }
    }
}

#[cfg(test)]
mod tests;
