use comfy_table::{Cell, CellAlignment};
use jiff::{civil::Date, tz::TimeZone};
use landfall_transfer_law::{
    Obligation,
    clock::{self, Checked, Due, End, Land, Rule, Start},
};
use serde::Serialize;

use crate::output::{Screen, Table, draw_wrapped, grid};

/// A due date as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Computed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duty: Option<Obligation>,
    pub(crate) rule: Rule,
    /// With `--ends-before` the day that was found.
    pub(crate) start: Start,
    pub(crate) zone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) land: Option<Land>,
    #[serde(flatten)]
    pub(crate) due: Due,
}

/// A due date: the steps, then the two readings.
#[derive(Default)]
pub(crate) struct DueTable {
    steps: Vec<[String; 4]>,
    ends: Vec<String>,
}

/// Checked vectors; of a mismatch the fields that differ.
#[derive(Default)]
pub(crate) struct CheckTable {
    rows: Vec<[String; 3]>,
    mismatches: usize,
}

impl Table for DueTable {
    type Row<'a> = Computed;

    fn push(&mut self, computed: &Computed) {
        let due = &computed.due;
        self.steps.extend(due.reasoning.iter().map(|step| {
            let count = step.count.map_or(String::new(), |count| count.to_string());
            [weekday(step.day), count, step.text.clone(), step.law.to_owned()]
        }));
        let zone = clock::zone(&computed.zone).unwrap_or(TimeZone::UTC);
        self.ends.push(format!("conservative: {}", end(due.conservative, &zone)));
        self.ends.push(format!("legal:        {}", end(due.legal, &zone)));
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = grid(&["DAY", "COUNT", "WHAT", "BY"], screen);
        if let Some(column) = grid.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for step in &self.steps {
            grid.add_row(step.iter().map(Cell::new));
        }
        format!("{}\n\n{}", draw_wrapped(&grid), self.ends.join("\n"))
    }
}

impl Table for CheckTable {
    type Row<'a> = Checked;

    fn push(&mut self, vector: &Checked) {
        let Checked { id, expected, got, ok } = vector;
        let differing = |field: &&&'static str| expected.get(**field) != got.get(**field);
        let fields: std::collections::BTreeSet<_> = expected.keys().chain(got.keys()).collect();
        let told = fields.iter().filter(|field| differing(field)).map(|field| {
            let value = |side: Option<&String>| side.map_or_else(|| "nothing".to_owned(), Clone::clone);
            format!("{field}: expected {}, got {}", value(expected.get(**field)), value(got.get(**field)))
        });
        let told = told.collect::<Vec<_>>().join("; ");
        self.mismatches += usize::from(!ok);
        self.rows.push([id.clone(), if *ok { "ok" } else { "MISMATCH" }.to_owned(), told]);
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = grid(&["VECTOR", "RESULT", "DIFFERENCE"], screen);
        for row in &self.rows {
            grid.add_row(row.iter().map(Cell::new));
        }
        format!("{}\n\n{} vectors, {} mismatches", draw_wrapped(&grid), self.rows.len(), self.mismatches)
    }
}

fn weekday(day: Date) -> String {
    day.strftime("%a %Y-%m-%d").to_string()
}

fn end(end: End, zone: &TimeZone) -> String {
    let End { last_day, exclusive } = end;
    let instant = exclusive.display_with_offset(zone.to_offset(exclusive));
    match last_day {
        Some(day) => format!("until the end of {}, before {instant}", weekday(day)),
        None => format!("before {instant}"),
    }
}
