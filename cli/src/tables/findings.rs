use std::iter;

use comfy_table::{Cell, Color};
use landfall_transfer_law::lint::{Finding, Severity};

use crate::{
    cells::or_dash,
    output::{Grid, Screen, Table},
};

/// Findings of the lint, one per row, the worst first.
#[derive(Default)]
pub(crate) struct FindingTable {
    rows: Vec<(Severity, [String; 6])>,
}

impl Table for FindingTable {
    type Row<'a> = Finding;

    fn push(&mut self, finding: &Finding) {
        let Finding { severity, id, object, agreement: _, clause, article, text, action } = finding;
        let cells = [
            (*id).to_owned(),
            object.to_string(),
            or_dash(clause.as_ref()),
            (*article).to_owned(),
            text.clone(),
            (*action).to_owned(),
        ];
        self.rows.push((*severity, cells));
    }

    fn render(&self, screen: Screen) -> String {
        if self.rows.is_empty() {
            return "0 findings".to_owned();
        }
        let headings = ["SEVERITY", "ID", "OBJECT", "CLAUSE", "ARTICLE", "WHAT IS WRONG", "WHAT TO DO"];
        let mut grid = Grid::new(screen, &headings);
        for (severity, cells) in &self.rows {
            let cells = iter::once(name(*severity)).chain(cells.iter().map(String::as_str));
            grid.push_styled(cells, 0, |cell: Cell| cell.fg(colour(*severity)));
        }
        let counts = [(Severity::Error, "errors"), (Severity::Warning, "warnings"), (Severity::Info, "notes")]
            .map(|(asked, name)| (self.rows.iter().filter(|(severity, _)| *severity == asked).count(), name))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {}", if count == 1 { name.trim_end_matches('s') } else { name }));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let findings = if self.rows.len() == 1 { "finding" } else { "findings" };
        format!("{}\n\n{} {findings}: {counts}", grid.wrapped(), self.rows.len())
    }
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Info => "Info",
    }
}

fn colour(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info => Color::DarkGrey,
    }
}
