use std::cmp::Reverse;

use comfy_table::{Cell, CellAlignment};
use landfall_evidence::{Finding, Head, KeyId};
use landfall_transfer_law::{Outcome, VerdictRecord};

use serde::Serialize;

use super::top::Top;
use crate::{
    edge_summaries::EdgeSummary,
    output::{Screen, Table, bytes, draw, grid, keep},
};

/// One line of what a verification came to.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Verified<'a> {
    /// Something that is not right.
    Finding(&'a Finding),
    /// What was looked at; the last line.
    #[serde(rename_all = "camelCase")]
    Summary {
        segments: u64,
        records: u64,
        expired_segments: u64,
        not_yet_sealed: Option<u64>,
        /// The last manifest in order.
        head: Option<Head>,
        /// The keys that sign it, one after the other.
        keys: &'a [KeyId],
        findings: u64,
    },
}

/// Judged edges, the worst first; without those that carry no personal data.
#[derive(Default)]
pub(crate) struct LedgerTable {
    rows: Top<(Reverse<Outcome>, [String; 9])>,
    edges: usize,
    hidden: usize,
}

/// What a verification came to.
#[derive(Default)]
pub(crate) struct LedgerReport {
    lines: Vec<String>,
}

impl Table for LedgerTable {
    type Row<'a> = EdgeSummary;

    fn push(&mut self, row: &EdgeSummary) {
        let EdgeSummary { edge, verdict, worst, traffic, first_seen, last_seen, judgments, unverified, .. } = row;
        self.edges += 1;
        if verdict.outcome() == Outcome::NotPersonal {
            self.hidden += 1;
            return;
        }
        let endpoint = if edge.endpoint.is_empty() { String::new() } else { format!(" ({})", edge.endpoint) };
        let cells = [
            format!("{}{}", if *unverified { "UNVERIFIED " } else { "" }, verdict.outcome),
            if *worst == verdict.outcome() { "-".to_owned() } else { worst.to_string() },
            edge.exporter.short(),
            format!("{}{endpoint}", edge.recipient),
            bytes(traffic.bytes_sent),
            first_seen.strftime("%F %H:%M:%SZ").to_string(),
            last_seen.strftime("%F %H:%M:%SZ").to_string(),
            judgments.to_string(),
            why(verdict),
        ];
        self.rows.push((Reverse(verdict.outcome()), cells));
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = grid(
            &["VERDICT", "ONCE WORSE", "EXPORTER", "RECIPIENT", "SENT", "FIRST SEEN", "LAST SEEN", "JUDGMENTS", "WHY"],
            screen,
        );
        for column in [4, 7] {
            if let Some(column) = grid.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for (_, cells) in self.rows.sorted() {
            grid.add_row(cells.iter().map(Cell::new));
        }
        keep(&mut grid, &[0, 5, 6], screen);
        let hidden = match self.hidden {
            0 => String::new(),
            hidden => format!(", {hidden} without personal data (-o json lists them)"),
        };
        format!("{}{}\n\n{} edges{hidden}", draw(&mut grid, screen), self.rows.rest(), self.edges)
    }
}

impl Table for LedgerReport {
    type Row<'a> = Verified<'a>;

    fn push(&mut self, row: &Verified<'_>) {
        self.lines.push(match row {
            Verified::Finding(finding) => finding.to_string(),
            Verified::Summary { segments, records, expired_segments, not_yet_sealed, head, keys, findings } => {
                let waiting = not_yet_sealed.map_or("unknown".to_owned(), |count| count.to_string());
                // A line of its own, to be noted as it stands; of a ledger that is in order alone.
                let head = head.filter(|_| *findings == 0).map_or(String::new(), |head| format!("\nhead {head}"));
                let keys = match keys {
                    [] | [_] => String::new(),
                    keys => {
                        let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                        format!("\nsigned with the keys {}, one after the other", keys.join(", "))
                    }
                };
                let findings = if *findings == 0 { "in order".to_owned() } else { format!("{findings} findings") };
                format!(
                    "{findings}: {segments} segments with {records} records, {expired_segments} of them expired; \
                     not yet sealed: {waiting}{keys}{head}"
                )
            }
        });
    }

    fn render(&self, _screen: Screen) -> String {
        self.lines.join("\n")
    }
}

/// What speaks against it, else what is missing, else what carries it.
fn why(verdict: &VerdictRecord) -> String {
    let reasons = verdict.reasons.iter().map(|reason| {
        let obligation = reason.ground.obligation.as_ref().map(ToString::to_string);
        let cited: Vec<_> = obligation.into_iter().chain(reason.ground.clause.clone()).collect();
        if cited.is_empty() { reason.code.to_string() } else { format!("{} ({})", reason.code, cited.join(" ")) }
    });
    let mut parts: Vec<String> = reasons.collect();
    if parts.is_empty() {
        parts.extend(verdict.missing.iter().map(|missing| format!("{} lacks {}", missing.subject, missing.code)));
    }
    if parts.is_empty() {
        parts.clone_from(&verdict.bases);
    }
    parts.dedup();
    parts.join("; ")
}
