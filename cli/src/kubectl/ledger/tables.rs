//! The answers of the operator about its ledger, for people.

use serde_json::Value;

use super::super::sanitize::line;
use crate::{
    output::{Grid, Screen, Table},
    tables::{summary_line, unreadable_database},
};

/// The sealed segments and the key that signs them.
#[derive(Debug, Default)]
pub(super) struct SegmentTable {
    key: String,
    rows: Vec<[String; 7]>,
}

/// The result of a verification.
#[derive(Debug, Default)]
pub(super) struct VerificationReport {
    lines: Vec<String>,
}

impl Table for SegmentTable {
    type Row<'a> = Value;

    fn push(&mut self, row: &Value) {
        if row["type"] == "key" {
            self.key = text(&row["id"]);
            return;
        }
        let manifest = &row["manifest"];
        let data = if row["hasData"] == true { "present" } else { "expired" };
        let [number, class, records, from, to, until] =
            ["number", "class", "records", "from", "to", "keepUntil"].map(|field| text(&manifest[field]));
        self.rows.push([number, class, records, from, to, until, data.to_owned()]);
    }

    fn render(&self, screen: Screen) -> String {
        let headings = ["SEGMENT", "CLASS", "RECORDS", "FROM", "TO", "KEPT UNTIL", "DATA"];
        let mut grid = Grid::new(screen, &headings).keep_whole(&[0, 3, 4]);
        for row in &self.rows {
            grid.push(row);
        }
        format!("{}\n\n{} segments, signed with the key {}", grid.cut(), self.rows.len(), self.key)
    }
}

impl Table for VerificationReport {
    type Row<'a> = Value;

    fn push(&mut self, row: &Value) {
        if row["type"] == "finding" {
            self.lines.push(text(&row["text"]));
            return;
        }
        let [segments, records, expired] = ["segments", "records", "expiredSegments"].map(|field| text(&row[field]));
        let not_yet_sealed = row["notYetSealed"].as_u64();
        // Without a number of findings the answer is not the summary of a sound ledger.
        let findings = row["findings"].as_u64();
        self.lines.push(summary_line(segments, records, expired, not_yet_sealed, findings.unwrap_or(u64::MAX)));
        if let Some(why) = row["database"].as_str() {
            self.lines.push(unreadable_database(line(why, 400)));
        } else if findings == Some(0) && !row["head"].is_null() {
            // On a line of its own, to be copied.
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
        Value::String(text) => line(text, 400),
        other => line(&other.to_string(), 400),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verification_says_what_was_found_or_the_head() {
        let mut sound = VerificationReport::default();
        sound.push(&json!({
            "type": "summary", "segments": 2, "records": 30, "expiredSegments": 1, "notYetSealed": 4, "head": "2:30:aa",
            "findings": 0, "database": null,
        }));
        let expected = "in order: 2 segments with 30 records, 1 of them expired; not yet sealed: 4\nhead 2:30:aa";
        assert_eq!(sound.lines.join("\n"), expected);
        let mut damaged = VerificationReport::default();
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
