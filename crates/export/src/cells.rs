//! The values of a row, taken from a record.

use jiff::Timestamp;
use landfall_evidence::{Record, RecordKind, Recorded};
use serde_json::Value;

use crate::column::{Column, ColumnType, Origin};

/// A record with what is known about it besides.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    record: &'a Record,
    body: Value,
    segment: u64,
    /// The cluster of the ledger.
    cluster: &'a str,
    verified: bool,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    /// An integer, or microseconds since 1970.
    Integer(i64),
    Boolean(bool),
    List(Vec<Self>),
}

// === impl Row ===

impl<'a> Row<'a> {
    pub(crate) fn new(record: &'a Record, segment: u64, cluster: &'a str, verified: bool) -> Self {
        // A body with a number that no JSON value holds (1e400) has null in its columns, and is whole in the last.
        let body = serde_json::from_str(&record.body).unwrap_or(Value::Null);
        Self { record, body, segment, cluster, verified }
    }

    pub(crate) fn cell(&self, column: &Column) -> Cell {
        let Self { record, body, segment, cluster, verified } = self;
        let delivery = record.origin.as_ref();
        match column.origin {
            Origin::Cluster => {
                let delivered = delivery.map(|origin| origin.source.cluster.as_str());
                let named = || [&body["cluster"], &body["edge"]["cluster"]].into_iter().find_map(Value::as_str);
                Cell::Text(delivered.or_else(named).unwrap_or(cluster).to_owned())
            }
            Origin::Segment => integer(*segment),
            Origin::Record => integer(record.id),
            Origin::Appended => Cell::Integer(record.at.as_microsecond()),
            Origin::Kind => Cell::Text(kind_name(&record.kind)),
            Origin::Verified => Cell::Boolean(*verified),
            Origin::DeliveryAgent => delivery.map_or(Cell::Null, |origin| Cell::Text(origin.source.agent.clone())),
            Origin::DeliveryEpoch => delivery.map_or(Cell::Null, |origin| integer(origin.source.epoch)),
            Origin::DeliveryNumber => delivery.map_or(Cell::Null, |origin| integer(origin.seq)),
            Origin::Body(path) if column.is_list => Cell::list(body, path, column.column_type),
            Origin::Body(path) => {
                let mut found = Vec::new();
                collect(body, path, &mut found);
                found.first().map_or(Cell::Null, |value| Cell::new(value, column.column_type))
            }
            Origin::WholeBody => Cell::Text(record.body.clone()),
        }
    }
}

// === impl Cell ===

impl Cell {
    /// A value of the body; null if it is of another type.
    fn new(value: &Value, column_type: ColumnType) -> Self {
        match (column_type, value) {
            (_, Value::Null) => Self::Null,
            (ColumnType::Text, Value::String(text)) => Self::Text(text.clone()),
            (ColumnType::Text, other) => Self::Text(other.to_string()),
            (ColumnType::Integer, number) => number.as_i64().map_or(Self::Null, Self::Integer),
            (ColumnType::Boolean, value) => value.as_bool().map_or(Self::Null, Self::Boolean),
            (ColumnType::Timestamp, value) => {
                let instant = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
                instant.map_or(Self::Null, |instant| Self::Integer(instant.as_microsecond()))
            }
        }
    }

    /// The values at a path; null if the list at its first `*` is missing.
    fn list(body: &Value, path: &str, column_type: ColumnType) -> Self {
        let (before, _) = path.split_once("/*").unwrap_or((path, ""));
        let mut lists = Vec::new();
        collect(body, before, &mut lists);
        if !matches!(lists[..], [Value::Array(_)]) {
            return Self::Null;
        }
        let mut found = Vec::new();
        collect(body, path, &mut found);
        Self::List(found.into_iter().map(|value| Self::new(value, column_type)).collect())
    }

    pub(crate) fn into_text(self) -> Option<Vec<u8>> {
        if let Self::Text(text) = self { Some(text.into_bytes()) } else { None }
    }

    pub(crate) fn into_integer(self) -> Option<i64> {
        if let Self::Integer(integer) = self { Some(integer) } else { None }
    }

    pub(crate) fn into_boolean(self) -> Option<bool> {
        if let Self::Boolean(boolean) = self { Some(boolean) } else { None }
    }

    /// Its size in memory, roughly.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Boolean(_) => 1,
            Self::Integer(_) => 8,
            Self::Text(text) => text.len(),
            Self::List(cells) => cells.iter().map(Self::size).sum(),
        }
    }
}

/// A number that may be too large for a column: the body has it.
fn integer(number: u64) -> Cell {
    i64::try_from(number).map_or(Cell::Null, Cell::Integer)
}

fn kind_name(kind: &Recorded<RecordKind>) -> String {
    match kind {
        Recorded::Known(kind) => kind.name().to_owned(),
        Recorded::Unknown(name) => name.clone(),
    }
}

/// The values at a path. Below `*`, what an element lacks is null, so that lists of the same elements have the same length.
fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    let (name, rest) = match path.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let mut descend = |value: &'a Value| match rest {
        Some(rest) => collect(value, rest, found),
        None => found.push(value),
    };
    match (name, value) {
        ("*", Value::Array(elements)) => elements.iter().for_each(descend),
        ("*", Value::Object(fields)) => fields.values().for_each(descend),
        ("*", _) => {}
        (name, value) => descend(value.get(name).unwrap_or(&Value::Null)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(texts: &[Option<&str>]) -> Cell {
        Cell::List(texts.iter().map(|text| text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))).collect())
    }

    #[test]
    fn a_list_has_an_entry_for_each_element_and_is_null_where_it_is_missing() {
        let body = json!({ "a": { "b": [{ "c": "x" }, { "c": null }, {}, { "c": 7 }] }, "list": ["p"], "none": [] });
        let list = |path| Cell::list(&body, path, ColumnType::Text);
        assert_eq!(list("a/b/*/c"), texts(&[Some("x"), None, None, Some("7")]));
        assert_eq!(list("list/*"), texts(&[Some("p")]));
        assert_eq!(list("none/*"), texts(&[]));
        assert_eq!([list("missing/*/c"), list("a/*/c")], [Cell::Null, Cell::Null]);
    }

    #[test]
    fn what_has_another_type_is_null_or_its_json() {
        for (value, column_type, expected) in [
            (json!("a"), ColumnType::Text, Cell::Text("a".to_owned())),
            (json!({ "a": [1] }), ColumnType::Text, Cell::Text(r#"{"a":[1]}"#.to_owned())),
            (json!(7), ColumnType::Integer, Cell::Integer(7)),
            (json!(u64::MAX), ColumnType::Integer, Cell::Null),
            (json!("7"), ColumnType::Integer, Cell::Null),
            (json!("true"), ColumnType::Boolean, Cell::Null),
            (json!("1970-01-01T01:00:01.5000009+01:00"), ColumnType::Timestamp, Cell::Integer(1_500_000)),
            (json!("yesterday"), ColumnType::Timestamp, Cell::Null),
            (json!(null), ColumnType::Text, Cell::Null),
        ] {
            assert_eq!(Cell::new(&value, column_type), expected, "{value}");
        }
    }
}
