use std::cmp::Reverse;

use landfall_transfer_law::{Outcome, VerdictRecord};

use super::top::Top;
use crate::{
    cells::{self, bytes, heading, in_brackets, marked_unverified, time},
    edge_summaries::EdgeSummary,
    locale::Locale,
    output::{Grid, Screen, Table},
};

/// The judged edges of a ledger that carry personal data, the worst verdict first.
#[derive(Default)]
pub(crate) struct EdgeTable {
    rows: Top<(Reverse<Outcome>, [String; 9])>,
    edges: usize,
    hidden: usize,
}

impl Table for EdgeTable {
    type Row<'a> = EdgeSummary;

    fn push(&mut self, row: &EdgeSummary) {
        let EdgeSummary { edge, verdict, worst, traffic, first_seen, last_seen, judgments, unverified, .. } = row;
        self.edges += 1;
        if verdict.outcome() == Outcome::NotPersonal {
            self.hidden += 1;
            return;
        }
        let cells = [
            marked_unverified(&verdict.outcome, *unverified),
            if *worst == verdict.outcome() { "-".to_owned() } else { worst.to_string() },
            edge.exporter.short(),
            format!("{}{}", edge.recipient, in_brackets(&edge.endpoint)),
            bytes(traffic.bytes_sent),
            time::second(*first_seen),
            time::second(*last_seen),
            judgments.to_string(),
            why(verdict),
        ];
        self.rows.push((Reverse(verdict.outcome()), cells));
    }

    fn render(&self, screen: Screen) -> String {
        let headings = heading::headings(
            [
                heading::VERDICT,
                heading::ONCE_WORSE,
                heading::EXPORTER,
                heading::RECIPIENT,
                heading::SENT,
                heading::FIRST_SEEN,
                heading::LAST_SEEN,
                heading::JUDGMENTS,
                heading::WHY,
            ],
            Locale::ENGLISH,
        );
        let mut grid = Grid::new(screen, &headings).align_right(&[4, 7]).keep_whole(&[0, 5, 6]);
        for (_, cells) in self.rows.sorted() {
            grid.push(cells);
        }
        let hidden = match self.hidden {
            0 => String::new(),
            hidden => format!(", {hidden} without personal data (-o json lists them)"),
        };
        format!("{}{}\n\n{} edges{hidden}", grid.cut(), self.rows.overflow(), self.edges)
    }
}

fn why(verdict: &VerdictRecord) -> String {
    let VerdictRecord { reasons, missing, bases, .. } = verdict;
    let against = reasons.iter().map(|reason| {
        let obligation = reason.ground.obligation.as_ref().map(ToString::to_string);
        let cited: Vec<_> =
            obligation.into_iter().chain(reason.ground.clause.as_ref().map(ToString::to_string)).collect();
        format!("{}{}", reason.code, in_brackets(&cited.join(" ")))
    });
    let missing = missing.iter().map(|missing| (&missing.subject, &missing.code));
    let mut parts = cells::reasons(against, missing, bases.iter().cloned(), Locale::ENGLISH);
    parts.dedup();
    parts.join("; ")
}
