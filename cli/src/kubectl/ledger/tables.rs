//! What the operator says of its ledger, for people.

use comfy_table::Cell;
use serde_json::Value;

use super::super::harmless;
use crate::output::{Screen, Table, draw, grid, keep};

/// The segments, and the key.
#[derive(Debug, Default)]
pub(super) struct Segments {
    key: String,
    rows: Vec<[String; 7]>,
}

/// What a verification came to.
#[derive(Debug, Default)]
pub(super) struct Verification {
    lines: Vec<String>,
}

impl Table for Segments {
    type Row<'a> = Value;

    fn push(&mut self, row: &Value) {
        if row["type"] == "key" {
            self.key = text(&row["id"]);
            return;
        }
        let manifest = &row["manifest"];
        let data = if row["hasData"] == true { "there" } else { "expired" };
        let [number, class, records, from, to, until] =
            ["number", "class", "records", "from", "to", "keepUntil"].map(|field| text(&manifest[field]));
        self.rows.push([number, class, records, from, to, until, data.to_owned()]);
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = grid(&["SEGMENT", "CLASS", "RECORDS", "FROM", "TO", "KEPT UNTIL", "DATA"], screen);
        for row in &self.rows {
            grid.add_row(row.iter().map(Cell::new));
        }
        keep(&mut grid, &[0, 3, 4], screen);
        format!("{}\n\n{} segments, signed with the key {}", draw(&mut grid, screen), self.rows.len(), self.key)
    }
}

impl Table for Verification {
    type Row<'a> = Value;

    fn push(&mut self, row: &Value) {
        if row["type"] == "finding" {
            self.lines.push(text(&row["text"]));
            return;
        }
        let [segments, records, expired, waiting, findings] =
            ["segments", "records", "expiredSegments", "notYetSealed", "findings"].map(|field| text(&row[field]));
        let outcome = if row["findings"] == 0 { "in order".to_owned() } else { format!("{findings} findings") };
        self.lines.push(format!(
            "{outcome}: {segments} segments with {records} records, {expired} of them expired; not yet sealed: {waiting}"
        ));
        if let Some(why) = row["database"].as_str() {
            self.lines.push(format!("what is not yet sealed cannot be read: {}", harmless::line(why, 400)));
        } else if row["findings"] == 0 && !row["head"].is_null() {
            // A line of its own, to be noted as it stands.
            self.lines.push(format!("head {}", text(&row["head"])));
        }
    }

    fn render(&self, _screen: Screen) -> String {
        self.lines.join("\n")
    }
}

/// A value in a cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => harmless::line(text, 400),
        other => harmless::line(&other.to_string(), 400),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verification_says_what_was_found_or_the_head() {
        let mut sound = Verification::default();
        sound.push(&json!({
            "type": "summary", "segments": 2, "records": 30, "expiredSegments": 1, "notYetSealed": 4, "head": "2:30:aa",
            "findings": 0, "database": null,
        }));
        let expected = "in order: 2 segments with 30 records, 1 of them expired; not yet sealed: 4\nhead 2:30:aa";
        assert_eq!(sound.lines.join("\n"), expected);
        let mut damaged = Verification::default();
        damaged.push(&json!({ "type": "finding", "text": "segment 1: \u{1b}[2Jchanged" }));
        damaged.push(&json!({
            "type": "summary", "segments": 1, "records": 3, "expiredSegments": 0, "notYetSealed": null, "head": "1:3:aa",
            "findings": 1, "database": "locked",
        }));
        let lines = damaged.lines.join("\n");
        assert!(lines.contains("1 findings") && lines.ends_with("cannot be read: locked"), "{lines}");
        assert!(!lines.contains('\u{1b}') && !lines.contains("head"), "{lines}");
    }
}
