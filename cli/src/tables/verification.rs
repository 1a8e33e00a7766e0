use std::fmt::Display;

use landfall_evidence::{Finding, Head, KeyId};
use serde::Serialize;

use crate::output::{Screen, Table};

/// A line of the result of a verification.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum VerificationRow<'a> {
    /// Something that is wrong.
    Finding(&'a Finding),
    /// What was verified; the last line.
    #[serde(rename_all = "camelCase")]
    Summary {
        segments: u64,
        records: u64,
        expired_segments: u64,
        not_yet_sealed: Option<u64>,
        /// The last manifest in order.
        head: Option<Head>,
        /// The keys that sign the ledger, in the order in which they followed one another.
        keys: &'a [KeyId],
        findings: u64,
    },
}

/// The result of a verification.
#[derive(Default)]
pub(crate) struct VerificationReport {
    lines: Vec<String>,
}

impl Table for VerificationReport {
    type Row<'a> = VerificationRow<'a>;

    fn push(&mut self, row: &VerificationRow<'_>) {
        match row {
            VerificationRow::Finding(finding) => self.lines.push(finding.to_string()),
            VerificationRow::Summary { segments, records, expired_segments, not_yet_sealed, head, keys, findings } => {
                self.lines.push(summary_line(segments, records, expired_segments, *not_yet_sealed, *findings));
                if let [_, _, ..] = keys {
                    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                    self.lines.push(format!("signed with the keys {}, one after the other", keys.join(", ")));
                }
                // Only the head of a ledger that is in order is worth noting.
                self.lines.extend(head.filter(|_| *findings == 0).map(|head| format!("head {head}")));
            }
        }
    }

    fn render(&self, _screen: Screen) -> String {
        self.lines.join("\n")
    }
}

/// What was verified, in a line.
pub(crate) fn summary_line(
    segments: impl Display,
    records: impl Display,
    expired_segments: impl Display,
    not_yet_sealed: Option<impl Display>,
    findings: u64,
) -> String {
    let findings = if findings == 0 { "in order".to_owned() } else { format!("{findings} findings") };
    let not_yet_sealed = not_yet_sealed.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    format!(
        "{findings}: {segments} segments with {records} records, {expired_segments} of them expired; not yet sealed: \
         {not_yet_sealed}"
    )
}

/// That the records which are not in a segment yet could not be read.
pub(crate) fn unreadable_database(why: impl Display) -> String {
    format!("the unsealed records cannot be read: {why}")
}
