//! Reports that were drafted: each is written down once for all that it says, however often it is drawn up.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_evidence::Digest;
use landfall_transfer_law::EdgeId;
use serde::{Deserialize, Serialize};

use super::Subject;

/// The draft of a report (document D13).
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
    pub draft: Draft,
}

/// What a draft said last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafted {
    /// The Incident.
    pub subject: Subject,
    /// Name of the file.
    pub name: String,
    /// Of its text.
    pub digest: Digest,
}

/// What all drafts said last.
#[derive(Debug, Default)]
pub(super) struct Drafts(BTreeMap<(Subject, String), Digest>);

impl DraftRecord {
    /// Names the fields.
    pub const SCHEMA: &'static str = "landfall.draft/v1";
}

impl Drafts {
    pub(super) fn restore(&mut self, Drafted { subject, name, digest }: Drafted) {
        self.0.insert((subject, name), digest);
    }

    /// Takes a draft; `None` if the ledger holds the same.
    pub(super) fn enter(&mut self, draft: Draft, now: Timestamp) -> Option<(Drafted, DraftRecord)> {
        let (subject, name, digest) = (draft.subject.clone(), draft.name.clone(), Digest::of(draft.text.as_bytes()));
        if self.0.insert((subject.clone(), name.clone()), digest) == Some(digest) {
            return None;
        }
        let record = DraftRecord { schema: DraftRecord::SCHEMA.to_owned(), at: now, draft };
        Some((Drafted { subject, name, digest }, record))
    }
}
