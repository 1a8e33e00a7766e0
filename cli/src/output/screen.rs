//! Where a table is shown, and how wide it may be there.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table as Grid, presets};

/// Characters of a line where there is neither a terminal nor `COLUMNS`.
const WIDTH: u16 = 160;
/// Less is not believed: no table is legible there.
const NARROW: u16 = 40;

/// From here on columns are kept whole.
const ROOM: u16 = 120;

/// Where a table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Whether colours, ANSI escapes, are wanted.
    pub(crate) colour: bool,
    width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// A terminal; what does not fit goes on in the next line.
    Terminal,
    /// A pipe or a file, in which a row is a line of at most so many characters; what does not fit is cut.
    Lines(u16),
    /// Whatever it takes.
    Wide,
}

impl Screen {
    /// Standard output.
    pub(crate) fn of_stdout(wide: bool) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let width = match (wide, is_terminal) {
            (true, _) => Width::Wide,
            (false, true) => Width::Terminal,
            (false, false) => Width::Lines(columns(env::var("COLUMNS").ok().as_deref())),
        };
        Self { colour: is_terminal && env::var_os("NO_COLOR").is_none(), width }
    }

    /// `text` cut to `width` characters, unless everything is wanted.
    pub(crate) fn short(self, text: &str, width: usize) -> String {
        if self.width == Width::Wide || text.chars().count() <= width {
            return text.to_owned();
        }
        let mut cut: String = text.chars().take(width - 1).collect();
        cut.push('…');
        cut
    }

    /// A pipe with lines of at most `columns` characters; as long as they are without.
    #[cfg(test)]
    pub(crate) fn pipe(columns: Option<u16>) -> Self {
        Self { colour: false, width: columns.map_or(Width::Wide, Width::Lines) }
    }
}

/// What `COLUMNS` says, if that is a width.
fn columns(text: Option<&str>) -> u16 {
    text.and_then(|text| text.trim().parse().ok()).filter(|columns| *columns >= NARROW).unwrap_or(WIDTH)
}

/// An empty grid without lines, as wide as the screen.
pub(crate) fn grid(header: &[&str], screen: Screen) -> Grid {
    let mut grid = Grid::new();
    let arrangement = match screen.width {
        Width::Terminal => ContentArrangement::Dynamic,
        Width::Lines(columns) => {
            grid.set_width(columns);
            ContentArrangement::Dynamic
        }
        Width::Wide => ContentArrangement::Disabled,
    };
    grid.load_style(presets::NOTHING).set_content_arrangement(arrangement).set_header(header);
    if !screen.colour {
        // Without a terminal the table does not know its width.
        if screen.width == Width::Terminal
            && let Some(columns) = grid.width()
        {
            grid.set_width(columns);
        }
        grid.force_no_tty();
    }
    for column in grid.column_iter_mut() {
        column.set_padding((0, 2));
    }
    grid
}

/// Keeps columns whole, but for one that is wider than names are: people copy what stands in them. Where there is little
/// room all columns share it.
pub(crate) fn keep(grid: &mut Grid, columns: &[usize], screen: Screen) {
    const NAME: u16 = 65;
    if matches!(screen.width, Width::Lines(..ROOM)) {
        return;
    }
    let widths = grid.column_max_content_widths();
    for column in columns {
        let is_name = widths.get(*column).is_some_and(|width| *width <= NAME);
        if let Some(column) = grid.column_mut(*column).filter(|_| is_name) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// The grid as text. In a pipe each row is one line, cut where it does not fit.
pub(crate) fn draw(grid: &mut Grid, screen: Screen) -> String {
    if let Width::Lines(_) = screen.width {
        if let Some(header) = grid.header().cloned() {
            let mut header: Row = header;
            header.max_height(1);
            grid.set_header(header);
        }
        for row in grid.row_iter_mut() {
            row.max_height(1);
        }
    }
    grid.trim_fmt()
}

/// The grid as text whose cells are sentences: nothing is cut, a row goes on in the next line.
pub(crate) fn draw_wrapped(grid: &Grid) -> String {
    grid.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_taken_from_the_environment_if_it_is_one() {
        for (text, expected) in [
            (None, WIDTH),
            (Some("100"), 100),
            (Some(" 40 "), 40),
            (Some("39"), WIDTH),
            (Some("0"), WIDTH),
            (Some("wide"), WIDTH),
            (Some("70000"), WIDTH),
        ] {
            assert_eq!(columns(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_row_in_a_pipe_is_a_line_that_fits() {
        let filled = |screen| {
            let mut grid = grid(&["A", "NAME", "WHY"], screen);
            grid.add_row(["x", "crm-assistant-0123456789", &"because ".repeat(60)]);
            keep(&mut grid, &[1], screen);
            draw(&mut grid, screen)
        };
        for columns in [40, 80, 160] {
            let text = filled(Screen::pipe(Some(columns)));
            let lines: Vec<_> = text.lines().collect();
            assert_eq!(lines.len(), 2, "{text}");
            assert!(lines.iter().all(|line| line.chars().count() <= usize::from(columns)), "{text}");
            assert!(lines[1].ends_with('…'), "{text}");
            assert!(columns < ROOM || lines[1].contains("crm-assistant-0123456789"), "{text}");
        }
        let wide = filled(Screen::pipe(None));
        assert!(wide.contains("because ".repeat(60).trim_end()) && !wide.contains('…'), "{wide}");
    }
}
