use super::{text, texts, timestamp};
use crate::Column;

/// What a person decided; holds, too.
pub(super) const COLUMNS: &[Column] = &[
    timestamp("event_at", "at", "when it was read, or the hold set"),
    text("subject_kind", "subject/kind", "kind of the object"),
    text("subject_namespace", "subject/namespace", "its namespace"),
    text("subject_name", "subject/name", "its name"),
    texts("decisions", "decisions/*/what", "what was decided"),
    texts("decision_names", "decisions/*/name", "the report that each of `decisions` is about; null: none"),
    texts("decided_by", "decisions/*/by", "the office that was entered for each of `decisions`"),
    text("hold", "name", "name of a legal hold"),
    text("hold_event", "event", "`set` or `lifted`"),
    texts("hold_classes", "classes/*", "classes that it keeps"),
    timestamp("hold_until", "until", "until when; null: until it is lifted"),
    text("hold_reason", "reason", "why"),
    text("hold_by", "by", "the office that set or lifted it"),
];

/// A proposed text that nobody has sent.
pub(super) const DRAFT: &[Column] = &[
    timestamp("event_at", "at", "when it was written"),
    text("subject_kind", "subject/kind", "kind of the object"),
    text("subject_namespace", "subject/namespace", "its namespace"),
    text("subject_name", "subject/name", "its name"),
    text("file_name", "name", "name of the file"),
    text("draft", "text", "the text"),
];
