use super::text;
use crate::{
    Column,
    column::{ColumnType, Origin},
};

/// The columns that every table begins with.
pub(super) const COLUMNS: &[Column] = &[
    record("cluster", ColumnType::Text, Origin::Cluster, "cluster that the record names, otherwise that of the ledger"),
    record("segment", ColumnType::Integer, Origin::Segment, "number of its segment"),
    record(
        "record",
        ColumnType::Integer,
        Origin::Record,
        "its id: its place in the order of all records of the ledger",
    ),
    record("kind", ColumnType::Text, Origin::Kind, "its kind"),
    record("appended_at", ColumnType::Timestamp, Origin::Appended, "when it was appended, by the writer's clock"),
    record("verified", ColumnType::Boolean, Origin::Verified, "false: exported with `--unverified`"),
    text("body_schema", "schema", "name and version of the body's fields"),
    record("body", ColumnType::Text, Origin::WholeBody, "the whole body, JSON, byte for byte"),
];

/// A column of what is known about a record besides its body.
pub(super) const fn record(
    name: &'static str,
    column_type: ColumnType,
    origin: Origin,
    meaning: &'static str,
) -> Column {
    Column { name, column_type, is_list: false, origin, meaning }
}
