//! Columns of the tables.

use std::fmt;

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, in snake case.
    pub name: &'static str,
    /// The type of its values.
    pub column_type: ColumnType,
    /// Whether a row has a list of such values.
    pub is_list: bool,
    /// Where its values come from.
    pub origin: Origin,
    /// What it means, for docs/export.md.
    pub meaning: &'static str,
}

/// The type of a value. Any value may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8.
    Text,
    /// Signed, 64 bits.
    Integer,
    /// True or false.
    Boolean,
    /// An instant in UTC, in microseconds.
    Timestamp,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The cluster that the record names, otherwise that of the ledger.
    Cluster,
    /// The number of its segment.
    Segment,
    /// The id of the record.
    Record,
    /// When it was appended.
    Appended,
    /// Its kind.
    Kind,
    /// Whether the ledger was verified.
    Verified,
    /// The agent that delivered an observation.
    DeliveryAgent,
    /// The run of that agent.
    DeliveryEpoch,
    /// Its number in that run.
    DeliveryNumber,
    /// A path in the body: names, separated by `/`; `*` stands for each element of a list, or each value of an object.
    Body(&'static str),
    /// The body.
    WholeBody,
}

impl Column {
    /// Its type as a column of a Parquet schema.
    pub(crate) fn in_schema(&self) -> String {
        let Self { name, column_type, is_list, .. } = self;
        let (physical, logical) = match column_type {
            ColumnType::Text => ("binary", " (STRING)"),
            ColumnType::Integer => ("int64", ""),
            ColumnType::Boolean => ("boolean", ""),
            ColumnType::Timestamp => ("int64", " (TIMESTAMP(MICROS,true))"),
        };
        if *is_list {
            format!(
                "optional group {name} (LIST) {{ repeated group list {{ optional {physical} element{logical}; }} }}"
            )
        } else {
            format!("optional {physical} {name}{logical};")
        }
    }

    /// Its type, as docs/export.md and the list of all columns write it.
    pub fn type_name(&self) -> String {
        if self.is_list { format!("list of {}", self.column_type) } else { self.column_type.to_string() }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Integer => "int64",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
        })
    }
}
