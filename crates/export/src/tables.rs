//! The tables, one per kind of record. Append columns at the end of a table; `testdata/columns.txt` holds what was
//! published.

mod common;
mod decision;
mod edge;
mod incident;
mod judgment;
mod observation;
mod operation;

use landfall_evidence::{RecordKind, Recorded};

use crate::{
    Column,
    column::{ColumnType, Origin},
};

/// A table: the records of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name, which is that of its folder: the kind of record, or `other`.
    pub name: &'static str,
    /// The kind; `None` for those that this version does not know.
    pub kind: Option<RecordKind>,
    /// Its columns, in groups: those of all tables first.
    groups: &'static [&'static [Column]],
}

/// All tables.
pub static TABLES: [Table; 11] = [
    table(RecordKind::Observation, &[common::COLUMNS, observation::COLUMNS]),
    table(RecordKind::Judgment, &[common::COLUMNS, edge::COLUMNS, judgment::COLUMNS]),
    table(RecordKind::Rollup, &[common::COLUMNS, edge::COLUMNS, judgment::ROLLUP]),
    table(RecordKind::Incident, &[common::COLUMNS, edge::OF_SUBJECT, incident::COLUMNS]),
    table(RecordKind::Decision, &[common::COLUMNS, edge::OF_SUBJECT, decision::COLUMNS]),
    table(RecordKind::Draft, &[common::COLUMNS, edge::OF_SUBJECT, decision::DRAFT]),
    table(RecordKind::Notice, &[common::COLUMNS]),
    table(RecordKind::Playbook, &[common::COLUMNS]),
    table(RecordKind::KeyChange, &[common::COLUMNS, operation::KEY_CHANGE]),
    table(RecordKind::Gap, &[common::COLUMNS, operation::GAP]),
    Table { name: "other", kind: None, groups: &[common::COLUMNS] },
];

const fn table(kind: RecordKind, groups: &'static [&'static [Column]]) -> Table {
    let name = match kind {
        RecordKind::Observation => "observation",
        RecordKind::Judgment => "judgment",
        RecordKind::Rollup => "rollup",
        RecordKind::Incident => "incident",
        RecordKind::Decision => "decision",
        RecordKind::Draft => "draft",
        RecordKind::Notice => "notice",
        RecordKind::Playbook => "playbook",
        RecordKind::KeyChange => "key-change",
        RecordKind::Gap => "gap",
    };
    Table { name, kind: Some(kind), groups }
}

impl Table {
    /// The table that holds records of a kind.
    pub(crate) fn of(kind: &Recorded<RecordKind>) -> &'static Self {
        let [known @ .., other] = &TABLES;
        known.iter().find(|table| table.kind.as_ref() == kind.known()).unwrap_or(other)
    }

    /// Its columns.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.groups.iter().copied().flatten()
    }

    /// Name and version of its columns, in the metadata of each file as `landfall.schema`. The version stays while columns are
    /// only added.
    pub fn schema(&self) -> String {
        format!("landfall.export.{}/v1", self.name)
    }

    /// Its columns as the text of a Parquet schema.
    pub(crate) fn message_type(&self) -> String {
        let columns: Vec<_> = self.columns().map(Column::in_schema).collect();
        format!("message record {{ {} }}", columns.join(" "))
    }
}

const fn column(name: &'static str, column_type: ColumnType, path: &'static str, meaning: &'static str) -> Column {
    Column { name, column_type, is_list: false, origin: Origin::Body(path), meaning }
}

const fn text(name: &'static str, path: &'static str, meaning: &'static str) -> Column {
    column(name, ColumnType::Text, path, meaning)
}

const fn integer(name: &'static str, path: &'static str, meaning: &'static str) -> Column {
    column(name, ColumnType::Integer, path, meaning)
}

const fn boolean(name: &'static str, path: &'static str, meaning: &'static str) -> Column {
    column(name, ColumnType::Boolean, path, meaning)
}

const fn timestamp(name: &'static str, path: &'static str, meaning: &'static str) -> Column {
    column(name, ColumnType::Timestamp, path, meaning)
}

/// A list of texts.
const fn texts(name: &'static str, path: &'static str, meaning: &'static str) -> Column {
    list(text(name, path, meaning))
}

const fn list(of: Column) -> Column {
    Column { is_list: true, ..of }
}

#[cfg(test)]
mod tests;
