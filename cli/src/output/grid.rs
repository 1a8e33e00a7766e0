use std::fmt::Display;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, presets};

use super::screen::{Screen, Width};

/// Names up to this length are kept whole.
const MAX_NAME: u16 = 65;
/// On narrower lines no column is kept whole.
const MIN_UNTRUNCATED: u16 = 120;

/// Rows under headings, without lines, as wide as the screen.
pub(crate) struct Grid {
    table: Table,
    screen: Screen,
    whole: Vec<usize>,
}

impl Grid {
    pub(crate) fn new(screen: Screen, headings: &[&str]) -> Self {
        let mut table = Table::new();
        let arrangement = match screen.width {
            Width::Terminal => ContentArrangement::Dynamic,
            Width::Lines(columns) => {
                table.set_width(columns);
                ContentArrangement::Dynamic
            }
            Width::Wide => ContentArrangement::Disabled,
        };
        table.load_style(presets::NOTHING).set_content_arrangement(arrangement).set_header(headings);
        if screen.colour {
            table.enforce_styling();
        } else {
            // With use of the terminal disabled, the table does not determine its width.
            if screen.width == Width::Terminal
                && let Some(columns) = table.width()
            {
                table.set_width(columns);
            }
            table.force_no_tty();
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self { table, screen, whole: Vec::new() }
    }

    /// Aligns columns to the right, as numbers are.
    pub(crate) fn align_right(mut self, columns: &[usize]) -> Self {
        for column in columns {
            if let Some(column) = self.table.column_mut(*column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self
    }

    /// Keeps columns whole whose cells people copy. A column that is wider than names are is cut all the same, and on a
    /// narrow screen all columns share the space.
    pub(crate) fn keep_whole(mut self, columns: &[usize]) -> Self {
        self.whole = columns.to_vec();
        self
    }

    pub(crate) fn push(&mut self, cells: impl IntoIterator<Item = impl Display>) {
        self.table.add_row(cells.into_iter().map(Cell::new));
    }

    /// Adds a row in which one cell stands out.
    pub(crate) fn push_styled(
        &mut self,
        cells: impl IntoIterator<Item = impl Display>,
        column: usize,
        style: impl Fn(Cell) -> Cell,
    ) {
        let cells = cells.into_iter().map(Cell::new).enumerate();
        self.table.add_row(cells.map(|(index, cell)| if index == column { style(cell) } else { cell }));
    }

    /// The grid as text. In a pipe each row is one line, cut where it does not fit.
    pub(crate) fn cut(self) -> String {
        let Self { mut table, screen, whole } = self;
        if !matches!(screen.width, Width::Lines(..MIN_UNTRUNCATED)) {
            let widths = table.column_max_content_widths();
            for column in whole {
                let is_name = widths.get(column).is_some_and(|width| *width <= MAX_NAME);
                if let Some(column) = table.column_mut(column).filter(|_| is_name) {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        if let Width::Lines(_) = screen.width {
            if let Some(header) = table.header().cloned() {
                let mut header: Row = header;
                header.max_height(1);
                table.set_header(header);
            }
            for row in table.row_iter_mut() {
                row.max_height(1);
            }
        }
        table.trim_fmt()
    }

    /// The grid as text whose cells are sentences: nothing is cut, and a row continues on the next line.
    pub(crate) fn wrapped(self) -> String {
        self.table.trim_fmt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_in_a_pipe_is_a_line_that_fits() {
        let filled = |screen| {
            let mut grid = Grid::new(screen, &["A", "NAME", "WHY"]).keep_whole(&[1]);
            grid.push(["x", "crm-assistant-0123456789", &"because ".repeat(60)]);
            grid.cut()
        };
        for columns in [40, 80, 160] {
            let text = filled(Screen::pipe(Some(columns)));
            let lines: Vec<_> = text.lines().collect();
            assert_eq!(lines.len(), 2, "{text}");
            assert!(lines.iter().all(|line| line.chars().count() <= usize::from(columns)), "{text}");
            assert!(lines[1].ends_with('…'), "{text}");
            assert!(columns < MIN_UNTRUNCATED || lines[1].contains("crm-assistant-0123456789"), "{text}");
        }
        let wide = filled(Screen::pipe(None));
        assert!(wide.contains("because ".repeat(60).trim_end()) && !wide.contains('…'), "{wide}");
    }
}
