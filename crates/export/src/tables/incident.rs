use super::{boolean, list, text, texts, timestamp};
use crate::Column;

/// What the program did to an Incident.
pub(super) const COLUMNS: &[Column] = &[
    text("event", "event", "`opened`, `returned`, `overdue`, `closed`"),
    timestamp("event_at", "at", "when"),
    text("namespace", "namespace", "namespace of its object, if it has no edge"),
    text("name", "name", "name of its object, if it has no edge"),
    list(timestamp("known_at", "known/*", "each time a breach became known")),
    texts("codes", "finding/codes/*", "codes of the finding"),
    texts("obligations", "finding/obligations/*", "obligations that it concerns"),
    texts("categories", "finding/categories/*", "categories of personal data (DPV)"),
    text("rung", "finding/rung", "how they are known"),
    texts("places", "finding/places/*", "jurisdictions"),
    text("worst", "worst", "worst outcome since it was opened"),
    timestamp("last_seen", "lastSeen", "last unlawful traffic"),
    texts("tenants", "served/tenants/*", "tenants whose traffic it was"),
    boolean("untenanted", "served/untenanted", "true: some of its traffic names no tenant"),
    texts("overdue", "overdue/*/obligation", "obligations whose report was not sent in time"),
    list(timestamp("overdue_since", "overdue/*/due", "when each of `overdue` was due")),
];
