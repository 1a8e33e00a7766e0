//! Judgments as records of the ledger: owned data, readable years later in any language.
//!
//! A record must be readable by versions that know other codes. So each code is stored as [`Recorded`], and each
//! statement as a code with its arguments ([`RecordedSentence`]), never as text alone.

mod convert;
mod sentence;

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::Timestamp;
use landfall_observation::{DataCategory, JurisdictionSet, Recorded};
use serde::{Deserialize, Serialize};

use crate::{
    Certainty, Citation, Edge, EdgeId, Interval, Judgment, Language, MissingCode, NoteCode, Obligation, Outcome,
    ReasonCode, Rung, Setting, Sighting, Volume, edge::is_zero,
};

pub use sentence::RecordedSentence;

/// Names the fields of a record.
const SCHEMA: &str = "landfall.judgment/v1";

/// The version of the program that writes records: it defines what a code means.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// A judgment of one edge over one interval, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgmentRecord {
    /// Always `landfall.judgment/v1`.
    pub schema: String,
    /// Version of the program that judged.
    pub program: String,
    /// Which edge.
    #[serde(flatten)]
    pub edge: Arc<EdgeId>,
    /// From when until when.
    pub interval: Interval,
    /// Whether the interval was judged before, under another ruleset. Its traffic is the same and must not be counted
    /// twice.
    #[serde(default)]
    pub rejudged: bool,
    /// The traffic of the interval.
    #[serde(flatten)]
    pub traffic: Traffic,
    /// The verdict; shared with other readers.
    pub verdict: Arc<VerdictRecord>,
}

/// Further traffic of an edge whose verdict has not changed since the previous judgment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollupRecord {
    /// Always `landfall.rollup/v1`.
    pub schema: String,
    /// Which edge.
    #[serde(flatten)]
    pub edge: Arc<EdgeId>,
    /// From when until when.
    pub interval: Interval,
    /// The traffic of the interval.
    #[serde(flatten)]
    pub traffic: Traffic,
    /// The outcome of the previous judgment.
    pub outcome: Recorded<Outcome>,
}

/// The traffic of an interval. Each byte is in exactly one record: a judgment that is no re-judgment, or a
/// roll-up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// Bytes sent to the recipient, counted: of IP packets, or of a topic's messages.
    pub bytes_sent: u64,
    /// Bytes received from it, counted.
    pub bytes_received: u64,
    /// Bytes sent that are estimated; not among the above.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub estimated_bytes_sent: u64,
    /// Bytes received that are estimated; not among the above.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub estimated_bytes_received: u64,
    /// Connections opened by either side, or messages of a topic.
    pub connections: u64,
}

/// A [`Verdict`](crate::Verdict), kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictRecord {
    /// The outcome.
    pub outcome: Recorded<Outcome>,
    /// Names of the bases that carried the transfer.
    pub bases: Vec<String>,
    /// What spoke against a better outcome, the worst first.
    pub reasons: Vec<ReasonRecord>,
    /// What a person could have obtained to improve the outcome.
    pub missing: Vec<MissingRecord>,
    /// On what the outcome rested.
    pub grounds: Vec<GroundRecord>,
    /// Other observations, which changed no outcome.
    pub notes: Vec<NoteRecord>,
    /// What was transferred.
    pub categories: CategoriesRecord,
    /// Where and when the categories were seen, if they were held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<Sighting>,
    /// Where it was processed.
    pub location: LocationRecord,
    /// The hops of the chain.
    pub chain: Vec<HopRecord>,
    /// The outcomes by place, the worst first; none if no place was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceRecord>,
    /// As of which instant it was judged.
    pub at: Timestamp,
    /// Until when it held by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_until: Option<Timestamp>,
    /// Version of the ruleset.
    pub ruleset: String,
}

/// A [`Reason`](crate::Reason), kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// The outcome that it led to.
    pub effect: Recorded<Outcome>,
    /// Its name.
    pub code: Recorded<ReasonCode>,
    /// Where it stood, and what it says.
    #[serde(flatten)]
    pub ground: GroundRecord,
}

/// A [`Missing`](crate::Missing), kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingRecord {
    /// Its name.
    pub code: Recorded<MissingCode>,
    /// For which entity or instrument.
    pub subject: String,
    /// Where it stood, and what it says.
    #[serde(flatten)]
    pub ground: GroundRecord,
}

/// A [`Ground`](crate::Ground), kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroundRecord {
    /// Obligation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligation: Option<Recorded<Obligation>>,
    /// Where the agreement said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<Citation>,
    /// Article or guideline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Name of the instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The interpretation setting that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<RecordedSetting>,
    /// What it says.
    pub says: RecordedSentence,
    /// The same in the reader's language: filled in for printing ([`VerdictRecord::with_texts`]), never kept.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A [`Note`](crate::Note), kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteRecord {
    /// Its name.
    pub code: Recorded<NoteCode>,
    /// What it says.
    pub says: RecordedSentence,
    /// The same in the reader's language: filled in for printing, never kept.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A [`Setting`], kept: the field of `spec.interpretation` and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedSetting {
    /// One that is known.
    Known(Setting),
    /// One that a later version wrote.
    Unknown {
        /// The field.
        name: String,
        /// Its value.
        value: serde_json::Value,
    },
}

/// [`KnownCategories`](crate::KnownCategories), kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoriesRecord {
    /// The rung.
    pub rung: Recorded<Rung>,
    /// The categories.
    pub categories: BTreeSet<DataCategory>,
}

/// A [`LocationFinding`](crate::LocationFinding), kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationRecord {
    /// The places that counted.
    pub jurisdictions: JurisdictionSet,
    /// Whether the provider named no place.
    pub anywhere: bool,
    /// How sure that was.
    pub certainty: Recorded<Certainty>,
}

/// A [`HopVerdict`](crate::HopVerdict), kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopRecord {
    /// Legal name of the exporter.
    pub exporter: String,
    /// Legal name of the importer.
    pub importer: String,
    /// The places that it reached.
    pub places: JurisdictionSet,
    /// Whether it might have reached any place.
    pub anywhere: bool,
    /// The outcome.
    pub outcome: Recorded<Outcome>,
    /// Names of the bases that carried it.
    pub bases: Vec<String>,
}

/// A [`PlaceVerdict`](crate::PlaceVerdict), kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRecord {
    /// The outcome there.
    pub outcome: Recorded<Outcome>,
    /// The places that were named.
    pub places: JurisdictionSet,
    /// Whether any other place was among them.
    pub anywhere: bool,
}

// === impl JudgmentRecord ===

impl JudgmentRecord {
    /// The judgment of an edge over an interval, whose traffic is that of the edge.
    pub fn new(edge: &Edge, judgment: &Judgment<'_>) -> Self {
        let Judgment { interval, verdict } = judgment;
        Self::from_record(edge, *interval, Arc::new(verdict.into()))
    }

    /// The same for a verdict that is a record already.
    pub fn from_record(edge: &Edge, interval: Interval, verdict: Arc<VerdictRecord>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            program: PROGRAM.to_owned(),
            edge: edge.id.clone(),
            interval,
            rejudged: false,
            traffic: (&edge.volume).into(),
            verdict,
        }
    }

    /// The same with other traffic, if the edge has more than that of the interval.
    pub fn with_traffic(self, traffic: Traffic) -> Self {
        Self { traffic, ..self }
    }

    /// The same as a judgment of an interval that was judged before.
    pub fn into_rejudgment(self) -> Self {
        Self { rejudged: true, ..self }
    }
}

// === impl RollupRecord ===

impl RollupRecord {
    /// The traffic of an edge over an interval with one outcome.
    pub fn new(edge: Arc<EdgeId>, interval: Interval, traffic: Traffic, outcome: Outcome) -> Self {
        Self { schema: "landfall.rollup/v1".to_owned(), edge, interval, traffic, outcome: outcome.into() }
    }
}

// === impl Traffic ===

impl From<&Volume> for Traffic {
    fn from(volume: &Volume) -> Self {
        let &Volume { bytes_sent, bytes_received, connections, .. } = volume;
        let &Volume { estimated_bytes_sent, estimated_bytes_received, .. } = volume;
        Self { bytes_sent, bytes_received, estimated_bytes_sent, estimated_bytes_received, connections }
    }
}

impl Traffic {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The sum, saturating.
    pub fn plus(self, more: Self) -> Self {
        Self {
            bytes_sent: self.bytes_sent.saturating_add(more.bytes_sent),
            bytes_received: self.bytes_received.saturating_add(more.bytes_received),
            estimated_bytes_sent: self.estimated_bytes_sent.saturating_add(more.estimated_bytes_sent),
            estimated_bytes_received: self.estimated_bytes_received.saturating_add(more.estimated_bytes_received),
            connections: self.connections.saturating_add(more.connections),
        }
    }

    /// The difference to `earlier`, saturating.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            bytes_sent: self.bytes_sent.saturating_sub(earlier.bytes_sent),
            bytes_received: self.bytes_received.saturating_sub(earlier.bytes_received),
            estimated_bytes_sent: self.estimated_bytes_sent.saturating_sub(earlier.estimated_bytes_sent),
            estimated_bytes_received: self.estimated_bytes_received.saturating_sub(earlier.estimated_bytes_received),
            connections: self.connections.saturating_sub(earlier.connections),
        }
    }
}

impl fmt::Display for RecordedSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(setting) => setting.fmt(f),
            // Escaped, because it is printed to terminals.
            Self::Unknown { name, value } => write!(f, "{}: {}", name.escape_debug(), value.to_string().escape_debug()),
        }
    }
}

// === impl VerdictRecord ===

impl VerdictRecord {
    /// The outcome; what a later version wrote ranks as Unknown.
    pub fn outcome(&self) -> Outcome {
        rank(&self.outcome)
    }

    /// Whether any category of personal data is known or assumed to be sent.
    pub fn is_personal(&self) -> bool {
        !self.categories.categories.is_empty()
    }

    /// The same with the text of every statement in `language`, for printing.
    pub fn with_texts(mut self, language: Language) -> Self {
        let speak = |ground: &mut GroundRecord| ground.text = Some(ground.says.in_language(language));
        self.reasons.iter_mut().for_each(|reason| speak(&mut reason.ground));
        self.missing.iter_mut().for_each(|missing| speak(&mut missing.ground));
        self.grounds.iter_mut().for_each(speak);
        for note in &mut self.notes {
            note.text = Some(note.says.in_language(language));
        }
        self
    }
}

impl RollupRecord {
    /// The outcome of the previous judgment; what a later version wrote ranks as Unknown.
    pub fn outcome(&self) -> Outcome {
        rank(&self.outcome)
    }
}

impl PlaceRecord {
    /// The outcome there; what a later version wrote ranks as Unknown.
    pub fn outcome(&self) -> Outcome {
        rank(&self.outcome)
    }
}

impl ReasonRecord {
    /// The outcome that it led to; what a later version wrote ranks as Unknown.
    pub fn effect(&self) -> Outcome {
        rank(&self.effect)
    }
}

fn rank(outcome: &Recorded<Outcome>) -> Outcome {
    outcome.known().copied().unwrap_or(Outcome::Unknown)
}

#[cfg(test)]
mod tests;
