//! Judgments as they are kept: owned, read back years later, in the words of their time.
//!
//! Codes are texts here: a record must still be read when a later version of the law knows other ones.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use jiff::Timestamp;
use landfall_observation::{DataCategory, JurisdictionSet};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{
    Edge, EdgeId, Ground, HopVerdict, Interval, Judgment, KnownCategories, LocationFinding, Missing, Note, Outcome,
    Reason, Sighting, Verdict, Volume,
};

/// Names the fields of a record.
const SCHEMA: &str = "landfall.judgment/v1";

/// A judgment of one edge over one interval, as the ledger keeps it. Its verdict has the fields and texts
/// of [`Verdict`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgmentRecord {
    /// Always `landfall.judgment/v1`.
    pub schema: String,
    /// Which edge.
    #[serde(flatten)]
    pub edge: Arc<EdgeId>,
    /// From when until when.
    pub interval: Interval,
    /// Whether that time was judged before, under another ruleset. The traffic is the same, then, and is
    /// not to be added up again.
    #[serde(default)]
    pub rejudged: bool,
    /// The traffic of the interval.
    #[serde(flatten)]
    pub traffic: Traffic,
    /// What was judged; shared, for others look at it, too.
    pub verdict: Arc<VerdictRecord>,
}

/// More traffic of an edge whose verdict stayed as the judgment before it says.
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
    /// What the judgment before it came to.
    pub outcome: Outcome,
}

/// The traffic of an interval. Each byte stands in one record: a judgment that is not a re-judgment, or a
/// roll-up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// IP bytes sent to the recipient.
    pub bytes_sent: u64,
    /// IP bytes received from it.
    pub bytes_received: u64,
    /// Connections opened by either side.
    pub connections: u64,
}

/// A [`Verdict`], kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictRecord {
    /// What it came to.
    pub outcome: Outcome,
    /// Names of the bases that carried the transfer.
    pub bases: Vec<String>,
    /// What spoke against a better outcome.
    pub reasons: Vec<ReasonRecord>,
    /// What a person could have fetched.
    pub missing: Vec<MissingRecord>,
    /// On what the outcome rested.
    pub grounds: Vec<GroundRecord>,
    /// What was noticed besides.
    pub notes: Vec<NoteRecord>,
    /// What was transferred.
    pub categories: CategoriesRecord,
    /// Where and when the categories had been seen, if they were held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<Sighting>,
    /// Where it was processed.
    pub location: LocationRecord,
    /// The hops of the chain.
    pub chain: Vec<HopRecord>,
    /// As of which instant it was judged.
    pub at: Timestamp,
    /// Until when it held by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_until: Option<Timestamp>,
    /// Version of the ruleset.
    pub ruleset: String,
}

/// A [`Reason`], kept.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// The outcome that it led to.
    pub effect: Outcome,
    /// Its name.
    pub code: String,
    /// Where it stood.
    #[serde(flatten)]
    pub ground: GroundRecord,
}

/// A [`Missing`], kept.
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
pub struct MissingRecord {
    /// Its name.
    pub code: String,
    /// For which entity or instrument.
    pub subject: String,
    /// Where it stood.
    #[serde(flatten)]
    pub ground: GroundRecord,
}

/// A [`Ground`], kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GroundRecord {
    /// Obligation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligation: Option<String>,
    /// Citation of the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Article or guideline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Name of the instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The interpretation setting that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// The sentence, in English.
    pub text: String,
}

/// A [`Note`], kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NoteRecord {
    /// Its name.
    pub code: String,
    /// The sentence, in English.
    pub text: String,
}

/// [`KnownCategories`], kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CategoriesRecord {
    /// The rung.
    pub rung: String,
    /// The categories.
    pub categories: BTreeSet<DataCategory>,
}

/// A [`LocationFinding`], kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocationRecord {
    /// The places that counted.
    pub jurisdictions: JurisdictionSet,
    /// Whether the provider named no place.
    pub anywhere: bool,
    /// How sure that was.
    pub certainty: String,
}

/// A [`HopVerdict`], kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HopRecord {
    /// Legal name of the exporter.
    pub exporter: String,
    /// Legal name of the importer.
    pub importer: String,
    /// The places that it reached.
    pub places: JurisdictionSet,
    /// Whether it might have reached any place.
    pub anywhere: bool,
    /// What it came to.
    pub outcome: Outcome,
    /// Names of the bases that carried it.
    pub bases: Vec<String>,
}

/// A text that is no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an outcome, such as Permitted")]
pub struct NotAnOutcome;

// === impl JudgmentRecord ===

impl JudgmentRecord {
    /// The judgment of an edge over an interval. What the edge gathered is the interval's traffic.
    pub fn new(edge: &Edge, judgment: &Judgment<'_>) -> Self {
        let Judgment { interval, verdict } = judgment;
        Self::kept(edge, *interval, Arc::new(verdict.into()))
    }

    /// The same of a verdict that was put into words already.
    pub fn kept(edge: &Edge, interval: Interval, verdict: Arc<VerdictRecord>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            edge: edge.id.clone(),
            interval,
            rejudged: false,
            traffic: (&edge.volume).into(),
            verdict,
        }
    }

    /// The same with the traffic of the interval alone, of an edge that gathered more.
    pub fn with_traffic(self, traffic: Traffic) -> Self {
        Self { traffic, ..self }
    }

    /// The same as a judgment of time that was judged before.
    pub fn again(self) -> Self {
        Self { rejudged: true, ..self }
    }
}

// === impl RollupRecord ===

impl RollupRecord {
    /// The traffic of an edge over an interval with one outcome.
    pub fn new(edge: Arc<EdgeId>, interval: Interval, traffic: Traffic, outcome: Outcome) -> Self {
        Self { schema: "landfall.rollup/v1".to_owned(), edge, interval, traffic, outcome }
    }
}

// === impl Traffic ===

impl From<&Volume> for Traffic {
    fn from(volume: &Volume) -> Self {
        let Volume { bytes_sent, bytes_received, connections, .. } = volume;
        Self { bytes_sent: *bytes_sent, bytes_received: *bytes_received, connections: *connections }
    }
}

impl Traffic {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Both together; stands still at the largest number.
    pub fn plus(self, more: Self) -> Self {
        Self {
            bytes_sent: self.bytes_sent.saturating_add(more.bytes_sent),
            bytes_received: self.bytes_received.saturating_add(more.bytes_received),
            connections: self.connections.saturating_add(more.connections),
        }
    }

    /// What came on top of `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            bytes_sent: self.bytes_sent.saturating_sub(earlier.bytes_sent),
            bytes_received: self.bytes_received.saturating_sub(earlier.bytes_received),
            connections: self.connections.saturating_sub(earlier.connections),
        }
    }
}

// === what is kept of a verdict ===

impl From<&Verdict<'_>> for VerdictRecord {
    fn from(verdict: &Verdict<'_>) -> Self {
        let Verdict {
            outcome,
            bases,
            reasons,
            missing,
            grounds,
            notes,
            categories: KnownCategories { rung, categories },
            sightings,
            location: LocationFinding { jurisdictions, anywhere, certainty },
            chain,
            at,
            holds_until,
            ruleset,
        } = verdict;
        Self {
            outcome: *outcome,
            bases: owned(bases),
            reasons: reasons.iter().map(ReasonRecord::from).collect(),
            missing: missing.iter().map(MissingRecord::from).collect(),
            grounds: grounds.iter().map(GroundRecord::from).collect(),
            notes: notes.iter().map(NoteRecord::from).collect(),
            categories: CategoriesRecord { rung: kebab(rung), categories: categories.iter().cloned().collect() },
            sightings: sightings.iter().map(|sighting| (*sighting).clone()).collect(),
            location: LocationRecord {
                jurisdictions: *jurisdictions,
                anywhere: *anywhere,
                certainty: kebab(certainty),
            },
            chain: chain.iter().map(HopRecord::from).collect(),
            at: *at,
            holds_until: *holds_until,
            ruleset: (*ruleset).to_owned(),
        }
    }
}

impl VerdictRecord {
    /// Whether anything personal is known, or said, to be sent.
    pub fn is_personal(&self) -> bool {
        !self.categories.categories.is_empty()
    }
}

impl From<&Reason<'_>> for ReasonRecord {
    fn from(reason: &Reason<'_>) -> Self {
        let Reason { effect, code, ground } = reason;
        Self { effect: *effect, code: format!("{code:?}"), ground: ground.into() }
    }
}

impl From<&Missing<'_>> for MissingRecord {
    fn from(missing: &Missing<'_>) -> Self {
        let Missing { code, subject, ground } = missing;
        Self { code: format!("{code:?}"), subject: (*subject).to_owned(), ground: ground.into() }
    }
}

impl From<&Ground<'_>> for GroundRecord {
    fn from(ground: &Ground<'_>) -> Self {
        let Ground { obligation, clause, article, instrument, setting, says } = ground;
        Self {
            obligation: obligation.map(ToOwned::to_owned),
            clause: clause.map(ToOwned::to_owned),
            article: article.map(ToOwned::to_owned),
            instrument: instrument.map(ToOwned::to_owned),
            setting: setting.map(|setting| setting.to_string()),
            text: says.to_string(),
        }
    }
}

impl From<&Note<'_>> for NoteRecord {
    fn from(note: &Note<'_>) -> Self {
        let Note { code, says } = note;
        Self { code: format!("{code:?}"), text: says.to_string() }
    }
}

impl From<&HopVerdict<'_>> for HopRecord {
    fn from(hop: &HopVerdict<'_>) -> Self {
        let HopVerdict { exporter, importer, places, anywhere, outcome, bases } = hop;
        Self {
            exporter: (*exporter).to_owned(),
            importer: (*importer).to_owned(),
            places: *places,
            anywhere: *anywhere,
            outcome: *outcome,
            bases: owned(bases),
        }
    }
}

fn owned<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Vec<String> {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect()
}

/// The name of a variant as it is serialized.
fn kebab(variant: &impl std::fmt::Debug) -> String {
    format!("{variant:?}").to_ascii_lowercase()
}

// === impl Outcome ===

impl Outcome {
    /// All outcomes, from best to worst.
    pub const ALL: [Self; 7] = [
        Self::NotPersonal,
        Self::IntraEea,
        Self::NotATransfer,
        Self::Permitted,
        Self::Conditional,
        Self::Unknown,
        Self::Unlawful,
    ];
}

impl FromStr for Outcome {
    type Err = NotAnOutcome;

    fn from_str(text: &str) -> Result<Self, NotAnOutcome> {
        Self::ALL.into_iter().find(|outcome| format!("{outcome:?}") == text).ok_or(NotAnOutcome)
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixture::*, judge_over};

    #[test]
    fn a_verdict_is_kept_as_it_is_printed() {
        let mut whole = american();
        whole.bases.push(scc("Acme Inc."));
        whole.assessments.insert("tia".to_owned(), tia("Acme Inc."));
        let mut lacking = american();
        lacking.bases.push(scc("Acme Inc."));
        let edges = [to_acme(), to_stranger(), located(to_acme(), Some("CN")), located(to_acme(), None)];
        let (mut missing, mut reasons, mut notes, mut bases) = (0, 0, 0, 0);
        for (rules, edge) in [american(), whole, lacking].iter().flat_map(|rules| edges.iter().map(move |e| (rules, e)))
        {
            for judgment in judge_over(rules, edge, Interval::of(edge)) {
                let kept = JudgmentRecord::new(edge, &judgment);
                let printed = serde_json::to_value(&judgment.verdict).unwrap();
                assert_eq!(serde_json::to_value(&kept.verdict).unwrap(), printed);
                let line = serde_json::to_string(&kept).unwrap();
                assert_eq!(serde_json::from_str::<JudgmentRecord>(&line).unwrap(), kept);
                missing += kept.verdict.missing.len();
                reasons += kept.verdict.reasons.len();
                notes += kept.verdict.notes.len();
                bases += kept.verdict.bases.len();
            }
        }
        assert!(missing > 0 && reasons > 0 && notes > 0 && bases > 0, "{missing} {reasons} {notes} {bases}");
    }

    #[test]
    fn rungs_and_certainties_are_written_as_in_a_verdict() {
        use crate::{Certainty, Rung};
        for rung in [Rung::Seen, Rung::Held, Rung::Declared, Rung::Assumed, Rung::None] {
            assert_eq!(serde_json::to_value(rung).unwrap(), kebab(&rung));
        }
        let all = [Certainty::Corroborated, Certainty::Uncorroborated, Certainty::Conflict, Certainty::Observed];
        for certainty in all.into_iter().chain([Certainty::Hint, Certainty::Unknown]) {
            assert_eq!(serde_json::to_value(certainty).unwrap(), kebab(&certainty));
        }
    }

    #[test]
    fn an_outcome_is_read_as_it_is_written() {
        for outcome in Outcome::ALL {
            let text = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
        }
        assert!(serde_json::from_str::<Outcome>("\"Fine\"").is_err());
        assert!(Outcome::ALL.is_sorted());
    }
}
