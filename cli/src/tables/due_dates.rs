use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use landfall_transfer_law::{
    Obligation,
    clock::{self, Checked, Due, End, Land, Rule, Start},
};
use serde::Serialize;

use crate::{
    cells::time,
    output::{Grid, Screen, Table},
};

/// A due date with what it was computed from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DueDate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duty: Option<Obligation>,
    pub(crate) rule: Rule,
    /// With `--ends-before`, the day that was found.
    pub(crate) start: Start,
    pub(crate) zone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) land: Option<Land>,
    #[serde(flatten)]
    pub(crate) due: Due,
}

/// The steps of the computation, then the end by either reading.
#[derive(Default)]
pub(crate) struct DueDateTable {
    steps: Vec<[String; 4]>,
    ends: Vec<String>,
}

/// Checked vectors, with the fields in which a mismatch differs.
#[derive(Default)]
pub(crate) struct VectorTable {
    rows: Vec<[String; 3]>,
    mismatches: usize,
}

impl Table for DueDateTable {
    type Row<'a> = DueDate;

    fn push(&mut self, date: &DueDate) {
        let due = &date.due;
        self.steps.extend(due.reasoning.iter().map(|step| {
            let count = step.count.map_or(String::new(), |count| count.to_string());
            [time::day(step.day), count, step.text.clone(), step.law.to_owned()]
        }));
        let zone = clock::zone(&date.zone).unwrap_or(TimeZone::UTC);
        self.ends.push(format!("conservative: {}", end(due.conservative, &zone)));
        self.ends.push(format!("legal:        {}", end(due.legal, &zone)));
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = Grid::new(screen, &["DAY", "COUNT", "WHAT", "BY"]).align_right(&[1]);
        for step in &self.steps {
            grid.push(step);
        }
        format!("{}\n\n{}", grid.wrapped(), self.ends.join("\n"))
    }
}

impl Table for VectorTable {
    type Row<'a> = Checked;

    fn push(&mut self, vector: &Checked) {
        let Checked { id, expected, got, ok } = vector;
        let fields: BTreeSet<_> = expected.keys().chain(got.keys()).collect();
        let value = |side: Option<&String>| side.map_or_else(|| "nothing".to_owned(), Clone::clone);
        let differences = fields
            .into_iter()
            .filter(|field| expected.get(*field) != got.get(*field))
            .map(|field| format!("{field}: expected {}, got {}", value(expected.get(field)), value(got.get(field))));
        let differences = differences.collect::<Vec<_>>().join("; ");
        self.mismatches += usize::from(!ok);
        self.rows.push([id.clone(), if *ok { "ok" } else { "MISMATCH" }.to_owned(), differences]);
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = Grid::new(screen, &["VECTOR", "RESULT", "DIFFERENCE"]);
        for row in &self.rows {
            grid.push(row);
        }
        format!("{}\n\n{} vectors, {} mismatches", grid.wrapped(), self.rows.len(), self.mismatches)
    }
}

fn end(end: End, zone: &TimeZone) -> String {
    let End { last_day, exclusive } = end;
    let instant = exclusive.display_with_offset(zone.to_offset(exclusive));
    match last_day {
        Some(day) => format!("until the end of {}, before {instant}", time::day(day)),
        None => format!("before {instant}"),
    }
}
