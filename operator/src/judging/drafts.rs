//! Document D13, the report of a breach to the controller, in both its stages: drafted as soon as a breach is known, for
//! people to complete and to send. The ledger keeps each draft once for all that it says, however often it is drawn up.

mod text;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_api::{IncidentSpec, NamespacedReference};
use landfall_evidence::{Digest, RecordKind};
use landfall_transfer_law::EdgeId;
use serde::{Deserialize, Serialize};

pub(crate) use self::text::all as texts;
use super::{
    BreachTerms, Incident, IncidentKey,
    change::{ChangeKind, Remembered, View, json, key},
    records::Subject,
};

/// Incidents whose drafts are drawn up in a round. A law that hits thousands of edges is judged first.
const A_ROUND: usize = 50;

/// The draft of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The Incident.
    pub subject: Subject,
    /// The edge that it is about, where it is about one.
    pub edge: Option<Arc<EdgeId>>,
    /// Name of the file.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// A report that was drafted.
#[derive(Debug)]
pub struct DraftChange {
    /// What it says.
    pub draft: Arc<Draft>,
    /// When it was drafted; `None`: the ledger holds it.
    pub at: Option<Timestamp>,
}

/// A draft, as the ledger keeps it (kind `draft`): nobody has sent it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftRecord {
    /// Always [`DraftRecord::SCHEMA`].
    pub schema: String,
    /// When it was drafted.
    pub at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub draft: Arc<Draft>,
}

/// What a draft said last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftDigest {
    /// The Incident.
    pub subject: Subject,
    /// Name of the file.
    pub name: String,
    /// Of its text.
    pub digest: Digest,
}

/// What the draft of a report is drawn up from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The Incident.
    pub(crate) reference: &'a NamespacedReference,
    pub(crate) spec: &'a IncidentSpec,
    /// What is remembered of it.
    pub(crate) incident: Option<&'a Incident>,
    pub(crate) terms: &'a BreachTerms,
    /// From when its clocks run.
    pub(crate) started: Option<Timestamp>,
}

/// All drafts.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// What each said last, and whether readers were shown it since the start.
    known: BTreeMap<(Subject, String), (Digest, bool)>,
    /// The Incidents whose drafts are to be drawn up, and what they stand for.
    due: BTreeMap<NamespacedReference, Option<IncidentKey>>,
}

impl DraftRecord {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.draft/v1";
}

impl Drafts {
    pub(super) fn restore(&mut self, DraftDigest { subject, name, digest }: DraftDigest) {
        self.known.insert((subject, name), (digest, false));
    }

    /// Something that stands in the drafts of an Incident has changed.
    pub(super) fn touch(&mut self, reference: NamespacedReference, key: Option<IncidentKey>) {
        self.due.insert(reference, key);
    }

    /// The Incidents whose turn it is, in a round with so many new verdicts.
    pub(super) fn take_due(&mut self, verdicts: usize) -> Vec<(NamespacedReference, Option<IncidentKey>)> {
        let count = A_ROUND.saturating_sub(verdicts).max(1);
        std::iter::from_fn(|| self.due.pop_first()).take(count).collect()
    }

    /// Draws up the drafts of an Incident; gives those that say something else than before, or that nobody was shown.
    pub(super) fn draw(&mut self, facts: Facts<'_>, now: Timestamp) -> Vec<DraftChange> {
        let Facts { reference, incident, .. } = facts;
        let subject = Subject::incident(reference);
        let edge = incident.and_then(|incident| incident.key.edge()).cloned();
        let drafted = texts(facts).into_iter().filter_map(|(name, text)| {
            let digest = Digest::of(text.as_bytes());
            let before = self.known.insert((subject.clone(), name.clone()), (digest, true));
            let is_news = before.is_none_or(|(before, _)| before != digest);
            if !is_news && before.is_some_and(|(_, is_shown)| is_shown) {
                return None;
            }
            let draft = Draft { subject: subject.clone(), edge: edge.clone(), name, text };
            Some(DraftChange { draft: Arc::new(draft), at: is_news.then_some(now) })
        });
        drafted.collect()
    }
}

impl ChangeKind for DraftChange {
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        let Some(at) = self.at else { return Vec::new() };
        let record = DraftRecord { schema: DraftRecord::SCHEMA.to_owned(), at, draft: Arc::clone(&self.draft) };
        vec![(RecordKind::Draft, json(&record))]
    }

    fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        self.at?;
        let Draft { subject, name, text, .. } = &*self.draft;
        let digest = Digest::of(text.as_bytes());
        let digest = DraftDigest { subject: subject.clone(), name: name.clone(), digest };
        Some((key(&("draft", subject, name)), Some(Remembered::Draft(digest))))
    }

    fn view(&self) -> Option<View> {
        Some(View::Draft(Arc::clone(&self.draft)))
    }
}

#[cfg(test)]
mod tests;
