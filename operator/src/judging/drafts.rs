//! Document D13, the report of a breach to the controller, in both stages. It is drafted as soon as a breach is known, for
//! people to complete and send. The ledger records each version of a draft once.

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

/// Incidents whose drafts are updated in one judgment, less the number of new verdicts: when a change of law affects
/// thousands of edges, all are judged before their reports are drafted.
const MAX_INCIDENTS: usize = 50;

/// The draft of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The Incident.
    #[serde(rename = "subject")]
    pub subject: Subject,
    /// The edge that it is about, where it is about one.
    #[serde(rename = "edge")]
    pub edge: Option<Arc<EdgeId>>,
    /// Name of the file.
    #[serde(rename = "name")]
    pub name: String,
    /// The Markdown text.
    #[serde(rename = "text")]
    pub text: String,
}

/// A draft that changed.
#[derive(Debug)]
pub struct DraftChange {
    /// The draft.
    pub draft: Arc<Draft>,
    /// When it was drafted; `None` if the ledger already has it.
    pub at: Option<Timestamp>,
}

/// A draft in the ledger (kind `draft`), not sent by anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRecord {
    /// Always [`DraftRecord::SCHEMA`].
    #[serde(rename = "schema")]
    pub schema: String,
    /// When it was drafted.
    #[serde(rename = "at")]
    pub at: Timestamp,
    /// The draft.
    #[serde(flatten)]
    pub draft: Arc<Draft>,
}

/// The digest of a draft's latest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftDigest {
    /// The Incident.
    #[serde(rename = "subject")]
    pub subject: Subject,
    /// Name of the file.
    #[serde(rename = "name")]
    pub name: String,
    /// SHA-256 of the text.
    #[serde(rename = "digest")]
    pub digest: Digest,
}

/// What a draft is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The Incident.
    pub(crate) reference: &'a NamespacedReference,
    pub(crate) spec: &'a IncidentSpec,
    /// The remembered incident, if there is one.
    pub(crate) incident: Option<&'a Incident>,
    pub(crate) terms: &'a BreachTerms,
    /// When its periods began.
    pub(crate) started: Option<Timestamp>,
}

/// All drafts.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// The latest version of each, and whether it was published to readers since the start.
    known: BTreeMap<(Subject, String), (Digest, bool)>,
    /// The Incidents whose drafts may have changed, with the incident that each is about.
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

    /// Marks the drafts of an Incident as possibly changed.
    pub(super) fn mark_due(&mut self, reference: NamespacedReference, key: Option<IncidentKey>) {
        self.due.insert(reference, key);
    }

    /// The next Incidents whose drafts are to be updated, after a judgment with `verdicts` new verdicts.
    pub(super) fn take_due(&mut self, verdicts: usize) -> Vec<(NamespacedReference, Option<IncidentKey>)> {
        let count = MAX_INCIDENTS.saturating_sub(verdicts).max(1);
        std::iter::from_fn(|| self.due.pop_first()).take(count).collect()
    }

    /// Drafts the reports of an Incident; returns those that changed or were not published since the start.
    pub(super) fn update(&mut self, facts: Facts<'_>, now: Timestamp) -> Vec<DraftChange> {
        let Facts { reference, incident, .. } = facts;
        let subject = Subject::incident(reference);
        let edge = incident.and_then(|incident| incident.key.edge()).cloned();
        let drafted = texts(facts).into_iter().filter_map(|(name, text)| {
            let digest = Digest::hash(text.as_bytes());
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
        let digest = Digest::hash(text.as_bytes());
        let digest = DraftDigest { subject: subject.clone(), name: name.clone(), digest };
        Some((key(&("draft", subject, name)), Some(Remembered::Draft(digest))))
    }

    fn view(&self) -> Option<View> {
        Some(View::Draft(Arc::clone(&self.draft)))
    }
}

#[cfg(test)]
mod tests;
