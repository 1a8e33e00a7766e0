use jiff::Timestamp;
use landfall_transfer_law::{
    DatedDuty, Development, Duties, DutyDate, EdgeId, Effect, Hits, Outcome, Rejudgment, Verdict, clock::End,
};
use serde::Serialize;

use super::transfers;
use crate::{
    cells::{bytes, heading, in_brackets, time},
    locale::Locale,
    output::{Grid, Screen, Table},
};

/// A result of a simulation.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum SimulationRow<'a> {
    /// The development and the objects of the register that it affects.
    Development { name: &'a str, title: &'a str, pronounced: Timestamp, effective: Timestamp, hits: Hits },
    /// An edge whose verdict changes.
    #[serde(rename_all = "camelCase")]
    Edge {
        #[serde(flatten)]
        id: &'a EdgeId,
        bytes_sent: u64,
        /// If the traffic continues: just before the development, and from then on.
        before: &'a Verdict<'a>,
        after: &'a Verdict<'a>,
        /// New judgments of the traffic that was seen.
        rejudged: &'a [Rejudgment<'a>],
    },
    /// The duties under an agreement.
    Duties(Duties<'a>),
}

/// The results of a simulation, for people.
#[derive(Default)]
pub(crate) struct SimulationReport {
    head: Vec<String>,
    edges: Vec<[String; 6]>,
    rejudged: usize,
    fallen: (usize, u64),
    duties: Vec<(String, Vec<[String; 4]>)>,
    notes: Vec<String>,
}

impl<'a> SimulationRow<'a> {
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

impl Table for SimulationReport {
    type Row<'a> = SimulationRow<'a>;

    fn push(&mut self, row: &SimulationRow<'_>) {
        match row {
            SimulationRow::Development { name, title, pronounced, effective, hits } => {
                self.head.push(format!("{name}: {title}"));
                self.head.push(format!("pronounced {pronounced}, in effect {effective}"));
                let Hits { bases, resting, assessments, ended } = hits;
                for (what, names) in [
                    ("bases hit", bases),
                    ("based on them", resting),
                    ("assessments hit", assessments),
                    ("recipients ended", ended),
                ] {
                    if !names.is_empty() {
                        let names: Vec<_> = names.iter().map(String::as_str).collect();
                        self.head.push(format!("{what}: {}", names.join(", ")));
                    }
                }
            }
            SimulationRow::Edge { id, bytes_sent, before, after, rejudged } => {
                if before.outcome < Outcome::Unlawful && after.outcome == Outcome::Unlawful {
                    self.fallen = (self.fallen.0 + 1, self.fallen.1.saturating_add(*bytes_sent));
                }
                self.rejudged += usize::from(!rejudged.is_empty());
                self.edges.push([
                    before.outcome.to_string(),
                    after.outcome.to_string(),
                    id.exporter.short(),
                    format!("{}{}", id.recipient, in_brackets(&id.endpoint)),
                    bytes(*bytes_sent),
                    transfers::why(after),
                ]);
            }
            SimulationRow::Duties(Duties { agreement, duties, .. }) => {
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
            let headings = heading::headings(
                [heading::BEFORE, heading::AFTER, heading::EXPORTER, heading::RECIPIENT, heading::SENT, heading::WHY],
                Locale::ENGLISH,
            );
            let mut grid = Grid::new(screen, &headings).align_right(&[4]);
            for [before, after, exporter, recipient, sent, why] in &self.edges {
                grid.push([before, after, exporter, recipient, sent, &screen.short(why, transfers::MAX_WHY)]);
            }
            let (fallen, volume) = self.fallen;
            parts.push(format!(
                "If the traffic continues:\n\n{}\n\n{} edges change; {fallen} become Unlawful ({} sent so far); {} are judged \
                 again for the past",
                grid.cut(),
                self.edges.len(),
                bytes(volume),
                self.rejudged
            ));
        }
        for (agreement, duties) in &self.duties {
            let mut grid = Grid::new(screen, &["DUE", "LEGAL READING", "DUTY", "WHAT"]);
            for row in duties {
                grid.push(row);
            }
            parts.push(format!("Under {agreement}:\n\n{}", grid.wrapped()));
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
        DutyDate::Day(date) => (time::day(*date), String::new()),
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

/// The last day, or of a period of hours the instant.
fn end(end: &End) -> String {
    end.last_day.map_or_else(|| time::minute(end.exclusive), time::day)
}
