//! Legal developments: judgments, repeals, lapses, and their effect on a ruleset.

mod effect;

use jiff::Timestamp;
use landfall_observation::{AssessmentEffect, JurisdictionSet};
use serde::{Deserialize, Serialize};

pub use effect::Hits;

/// A judgment or a change of law or fact that touches transfers (kind LegalDevelopment).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Development {
    /// Name of the LegalDevelopment.
    pub name: String,
    /// What happened, in a line.
    pub title: String,
    /// When it was pronounced or adopted.
    pub pronounced: Timestamp,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When the processor learnt of it.
    pub known: Option<Timestamp>,
    /// The countries it concerns.
    pub countries: JurisdictionSet,
    /// What it does to bases.
    pub bases: Vec<BasisHit>,
    /// What it does to assessments.
    pub assessments: Vec<AssessmentHit>,
    /// Sub-processors that must not be used any more.
    pub ended: Vec<EndedEngagement>,
    /// Whether it puts transfers fundamentally in question, as a person decided.
    pub decision: Option<Decision>,
}

/// What a development does to bases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasisHit {
    /// Which bases.
    pub target: BasisTarget,
    /// What happens to them.
    pub effect: BasisEffect,
}

/// Which bases a development hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BasisTarget {
    /// A legal act by its number, and with it everything that rests on it.
    Decision(String),
    /// One basis by name.
    Name(String),
}

/// What happens to a basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BasisEffect {
    /// It was never valid (Art. 264(1), 267 TFEU), unless the Court maintains its effects until an instant
    /// (Art. 264(2) TFEU).
    Annulled {
        /// The judgment.
        at: Timestamp,
        /// Until when its effects are maintained.
        maintained_until: Option<Timestamp>,
    },
    /// Repealed, or replaced, from an instant on (Art. 45(5) GDPR).
    Repealed(Timestamp),
    /// Suspended from an instant on (Art. 45(5) GDPR).
    Suspended(Timestamp),
    /// It ends at an instant without a legal act: a sunset clause, a removal from a list.
    Lapsed(Timestamp),
}

/// What a development does to assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentHit {
    /// Which assessments.
    pub target: AssessmentTarget,
    /// What happens to them.
    pub effect: AssessmentEffect,
}

/// Which assessments a development hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssessmentTarget {
    /// One by name.
    Name(String),
    /// All that rest on this law or practice.
    Input(String),
}

/// A sub-processor that must not be used from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedEngagement {
    /// Name of the recipient.
    pub recipient: String,
    /// From when on.
    pub from: Timestamp,
}

/// The recorded decision whether a development puts transfers fundamentally in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Yes or no.
    pub fundamental: bool,
    /// Why.
    pub reasons: String,
    /// Who decided: a role or an office.
    pub decided_by: String,
    /// When.
    pub decided_at: Timestamp,
    /// The written finding that processing cannot lawfully go on (start of SCH-TRANS).
    pub not_lawful_since: Option<Timestamp>,
}
