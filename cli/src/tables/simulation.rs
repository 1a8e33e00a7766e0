use comfy_table::{Cell, CellAlignment};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use landfall_transfer_law::{
    DatedDuty, Development, Duties, DutyDate, EdgeId, Effect, Hits, Outcome, Rejudgment, Verdict, clock::End,
};
use serde::Serialize;

use super::transfer_table;
use crate::output::{Screen, Table, bytes, draw, draw_wrapped, grid};

/// One thing that a simulation found.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Simulated<'a> {
    /// The development and what it hits in the register.
    Development { name: &'a str, title: &'a str, pronounced: Timestamp, effective: Timestamp, hits: Hits },
    /// An edge whose verdict changes.
    #[serde(rename_all = "camelCase")]
    Edge {
        #[serde(flatten)]
        id: &'a EdgeId,
        bytes_sent: u64,
        /// If the traffic goes on: just before and from then on.
        before: &'a Verdict<'a>,
        after: &'a Verdict<'a>,
        /// Judgments to append for the traffic that was seen.
        rejudged: &'a [Rejudgment<'a>],
    },
    /// What is due under an agreement.
    Duties(Duties<'a>),
}

/// What a simulation found, for people.
#[derive(Default)]
pub(crate) struct Simulation {
    head: Vec<String>,
    edges: Vec<[String; 6]>,
    rejudged: usize,
    fallen: (usize, u64),
    duties: Vec<(String, Vec<[String; 4]>)>,
    notes: Vec<String>,
}

impl<'a> Simulated<'a> {
    pub(crate) fn development(development: &'a Development, hits: Hits) -> Self {
        let Development { name, title, pronounced, .. } = development;
        Self::Development { name, title, pronounced: *pronounced, effective: development.effective(), hits }
    }

    pub(crate) fn edge(effect: &'a Effect<'a>) -> Self {
        Self::Edge {
            id: &effect.edge.id,
            bytes_sent: effect.edge.volume.bytes_sent,
            before: &effect.before,
            after: &effect.after,
            rejudged: &effect.seen,
        }
    }
}

impl Table for Simulation {
    type Row<'a> = Simulated<'a>;

    fn push(&mut self, row: &Simulated<'_>) {
        match row {
            Simulated::Development { name, title, pronounced, effective, hits } => {
                self.head.push(format!("{name}: {title}"));
                self.head.push(format!("pronounced {pronounced}, in effect {effective}"));
                let Hits { bases, resting, assessments, ended } = hits;
                for (what, names) in [
                    ("bases hit", bases),
                    ("resting on them", resting),
                    ("assessments hit", assessments),
                    ("recipients ended", ended),
                ] {
                    if !names.is_empty() {
                        let names: Vec<_> = names.iter().map(String::as_str).collect();
                        self.head.push(format!("{what}: {}", names.join(", ")));
                    }
                }
            }
            Simulated::Edge { id, bytes_sent, before, after, rejudged } => {
                if before.outcome < Outcome::Unlawful && after.outcome == Outcome::Unlawful {
                    self.fallen = (self.fallen.0 + 1, self.fallen.1.saturating_add(*bytes_sent));
                }
                self.rejudged += usize::from(!rejudged.is_empty());
                let endpoint = if id.endpoint.is_empty() { String::new() } else { format!(" ({})", id.endpoint) };
                self.edges.push([
                    before.outcome.to_string(),
                    after.outcome.to_string(),
                    id.exporter.short(),
                    format!("{}{endpoint}", id.recipient),
                    bytes(*bytes_sent),
                    transfer_table::why(after),
                ]);
            }
            Simulated::Duties(Duties { agreement, duties, .. }) => {
                self.duties.push((agreement.to_string(), duties.iter().map(due).collect()));
            }
        }
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    fn render(&self, screen: Screen) -> String {
        let mut parts = vec![self.head.join("\n")];
        if self.edges.is_empty() {
            parts.push("no verdict changes".to_owned());
        } else {
            let mut grid = grid(&["BEFORE", "AFTER", "EXPORTER", "RECIPIENT", "SENT", "WHY"], screen);
            if let Some(column) = grid.column_mut(4) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            for [before, after, workload, recipient, sent, why] in &self.edges {
                let why = screen.short(why, transfer_table::WHY);
                grid.add_row([before, after, workload, recipient, sent, &why].map(Cell::new));
            }
            let (fallen, volume) = self.fallen;
            parts.push(format!(
                "If the traffic goes on:\n\n{}\n\n{} edges change; {fallen} may not go on ({} seen so far); {} are judged \
                 again for the time before",
                draw(&mut grid, screen),
                self.edges.len(),
                bytes(volume),
                self.rejudged
            ));
        }
        for (agreement, duties) in &self.duties {
            let mut grid = grid(&["DUE", "LEGAL READING", "DUTY", "WHAT"], screen);
            for row in duties {
                grid.add_row(row.iter().map(Cell::new));
            }
            parts.push(format!("Under {agreement}:\n\n{}", draw_wrapped(&grid)));
        }
        parts.extend(self.notes.iter().cloned());
        parts.join("\n\n")
    }
}

fn due(duty: &DatedDuty) -> [String; 4] {
    let DatedDuty { id, clause, what, date, settings, note } = duty;
    let (due, legal) = match date {
        DutyDate::Period { conservative, legal, .. } if conservative == legal => (end(conservative), String::new()),
        DutyDate::Period { conservative, legal, .. } => (end(conservative), end(legal)),
        DutyDate::Day(date) => (day(*date), String::new()),
        DutyDate::From(instant) => (format!("from {instant}"), String::new()),
        DutyDate::Error(error) => (format!("unknown: {error}"), String::new()),
    };
    let duty = clause.as_ref().map_or_else(|| id.to_string(), |clause| format!("{id} {clause}"));
    let mut text: Vec<_> = std::iter::once(*what).chain(note.as_deref()).collect();
    let settings: Vec<_> = settings.iter().map(ToString::to_string).collect();
    let settings = settings.join(", ");
    if !settings.is_empty() {
        text.push(&settings);
    }
    [due, legal, duty, text.join("; ")]
}

/// The last day, or for hours the instant.
fn end(end: &End) -> String {
    end.last_day.map_or_else(|| end.exclusive.to_zoned(TimeZone::UTC).strftime("%F %H:%MZ").to_string(), day)
}

fn day(day: Date) -> String {
    day.strftime("%a %F").to_string()
}
