//! Finds problems of an agreement and its register before any traffic is seen.
//!
//! ```text
//! Ruleset + instant ─► rules, each a small pure function ─► findings, the worst first
//! ```
//!
//! The rules compare facts with each other and with what the text claims, and never refer to a party by name. Each is
//! in the file of its topic, with its function; [`rules`] lists them all, as does `docs/lint.md`. `GAP-01` to `GAP-13`
//! are gaps that agreements often have; the other ids are descriptive.
//!
//! Single transfers are judged by [`crate::judge`]: a register without findings does not rule out unlawful traffic.

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

pub use setup::{BUS_AGREEMENT, BUS_PASSWORD, BUS_SELECTOR, ENDPOINT_COLLISION, NETWORKS_UNDECLARED, REGISTER_NOTE};

/// A problem, or something that a person should check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule, such as `GAP-01`.
    pub id: &'static str,
    /// The object that must be corrected.
    pub object: Object,
    /// The agreement whose text is cited or whose list is meant.
    pub agreement: Option<AgreementId>,
    /// Line or clause of that text; if something is missing, where it should be.
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
    /// Law or agreement is breached, or a transfer has no basis.
    Error,
    /// A breach is ahead, or compliance cannot be shown.
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
    /// The severity of its less harmful cases, if the rule distinguishes them.
    pub milder: Option<Severity>,
    /// Article and instrument that it rests on.
    pub article: &'static str,
    /// When it finds something.
    pub meaning: &'static str,
    /// What to do then.
    pub action: &'static str,
    check: fn(&Case<'_>) -> Vec<Found>,
}

/// All findings about `ruleset` at the instant `at`, the worst first.
pub fn lint(ruleset: &Ruleset, at: Timestamp) -> Vec<Finding> {
    let case = Case::new(ruleset, at);
    let mut findings: Vec<_> =
        rules().flat_map(|rule| (rule.check)(&case).into_iter().map(|found| rule.finding(found))).collect();
    findings.sort();
    // A problem that several agreements share is reported once.
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
