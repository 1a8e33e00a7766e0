use comfy_table::{Cell, Color};
use landfall_transfer_law::lint::{Finding, Severity};

use crate::output::{Screen, Table, draw_wrapped, grid};

/// Findings, one a line, the worst first.
#[derive(Default)]
pub(crate) struct LintTable {
    rows: Vec<(Severity, [String; 6])>,
}

impl Table for LintTable {
    type Row<'a> = Finding;

    fn push(&mut self, finding: &Finding) {
        let Finding { severity, id, object, agreement: _, clause, article, text, action } = finding;
        let clause = clause.clone().unwrap_or_else(|| "-".to_owned());
        let cells =
            [(*id).to_owned(), object.to_string(), clause, (*article).to_owned(), text.clone(), (*action).to_owned()];
        self.rows.push((*severity, cells));
    }

    fn render(&self, screen: Screen) -> String {
        if self.rows.is_empty() {
            return "0 findings".to_owned();
        }
        let mut grid = grid(&["SEVERITY", "ID", "OBJECT", "CLAUSE", "ARTICLE", "WHAT IS WRONG", "WHAT TO DO"], screen);
        for (severity, cells) in &self.rows {
            let mut first = Cell::new(format!("{severity:?}"));
            if screen.colour {
                first = first.fg(shade(*severity));
            }
            grid.add_row(std::iter::once(first).chain(cells.iter().map(Cell::new)));
        }
        let counts = [(Severity::Error, "errors"), (Severity::Warning, "warnings"), (Severity::Info, "notes")]
            .map(|(asked, name)| (self.rows.iter().filter(|(severity, _)| *severity == asked).count(), name))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {}", if count == 1 { name.trim_end_matches('s') } else { name }));
        let counts = counts.collect::<Vec<_>>().join(", ");
        let findings = if self.rows.len() == 1 { "finding" } else { "findings" };
        format!("{}\n\n{} {findings}: {counts}", draw_wrapped(&grid), self.rows.len())
    }
}

fn shade(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info => Color::DarkGrey,
    }
}
