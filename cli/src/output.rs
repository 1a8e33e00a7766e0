//! Prints results to stdout: a table for people, NDJSON or YAML for programs.

mod screen;

use std::io::{self, BufWriter, StdoutLock, Write};

use anyhow::Context as _;
use serde::Serialize;

pub(crate) use screen::{Screen, draw, draw_wrapped, grid, keep};

use crate::{diagnostics, options::OutputFormat};

/// How many results a table gathers before its columns are as wide as they stay.
const GATHERED: usize = 1000;

/// Where results go, one after the other.
pub(crate) enum Printer<T: Table> {
    /// Collected, because a table's columns need all of them.
    Table(T, Screen),
    /// The first results: a table if they are all, else the columns take their width from them, and all is written line
    /// by line.
    Growing {
        table: T,
        screen: Screen,
        gathered: usize,
        go_on: fn(&T) -> anyhow::Result<LinePrinter<T>>,
    },
    Stream {
        yaml: bool,
        out: BufWriter<StdoutLock<'static>>,
    },
    /// Line by line, for people who watch, and for results without end.
    Lines(LinePrinter<T>),
}

/// Writes results line by line.
pub(crate) struct LinePrinter<T: Table> {
    /// How wide each column is.
    widths: Vec<usize>,
    line: for<'a> fn(&T::Row<'a>, &[usize]) -> String,
    out: BufWriter<StdoutLock<'static>>,
}

/// A table that can also be written line by line.
pub(crate) trait Lines: Table {
    /// How wide the columns are as a rule.
    fn usual() -> Vec<usize>;

    /// How wide they are by the results that are there, or as a rule if that is more.
    fn widths(&self) -> Vec<usize>;

    /// The names of the columns.
    fn header(widths: &[usize]) -> String;

    /// The results that are there.
    fn lines(&self, widths: &[usize]) -> impl Iterator<Item = String>;

    /// One result; what is wider than its column moves the rest.
    fn line(row: &Self::Row<'_>, widths: &[usize]) -> String;
}

/// A table that grows by results of one kind.
pub(crate) trait Table {
    type Row<'a>: Serialize;

    /// Adds a result.
    fn push(&mut self, row: &Self::Row<'_>);

    /// Adds a sentence about the results as a whole, to stand below them.
    fn note(&mut self, _sentence: String) {}

    /// The whole table, for where it is shown.
    fn render(&self, screen: Screen) -> String;
}

impl<T: Table + Default> Printer<T> {
    pub(crate) fn new(format: OutputFormat) -> Self {
        Self::filling(T::default(), format)
    }
}

impl<T: Table> Printer<T> {
    /// A printer that fills `table` if the format is one.
    pub(crate) fn filling(table: T, format: OutputFormat) -> Self {
        match format {
            OutputFormat::Table | OutputFormat::Wide => {
                Self::Table(table, Screen::of_stdout(format == OutputFormat::Wide))
            }
            OutputFormat::Json | OutputFormat::Yaml => {
                Self::Stream { yaml: format == OutputFormat::Yaml, out: BufWriter::new(io::stdout().lock()) }
            }
        }
    }

    /// Prints one result, or keeps it for the table.
    pub(crate) fn print(&mut self, row: &T::Row<'_>) -> anyhow::Result<()> {
        match self {
            Self::Table(table, _) => table.push(row),
            Self::Growing { table, gathered, .. } if *gathered < GATHERED => {
                table.push(row);
                *gathered += 1;
            }
            Self::Growing { table, go_on, .. } => {
                let mut lines = go_on(table)?;
                lines.print(row)?;
                *self = Self::Lines(lines);
            }
            Self::Lines(lines) => lines.print(row)?,
            Self::Stream { yaml: false, out } => {
                serde_json::to_writer(&mut *out, row)
                    .map_err(io::Error::from)
                    .context("failed to write the results")?;
                out.write_all(b"\n").context("failed to write the results")?;
            }
            Self::Stream { yaml: true, out } => {
                let document = serde_saphyr::to_string(row).context("failed to write a result as YAML")?;
                write!(out, "---\n{document}").context("failed to write the results")?;
            }
        }
        Ok(())
    }

    /// Whether nothing appears before the end.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self, Self::Table(..))
    }

    /// Has what was printed so far appear, for those who watch.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Table(..) | Self::Growing { .. } => Ok(()),
            Self::Stream { out, .. } | Self::Lines(LinePrinter { out, .. }) => {
                out.flush().context("failed to write the results")
            }
        }
    }

    /// As [`Self::finish`]; a note about the results stands below the table, or else on stderr.
    pub(crate) fn finish_with_note(mut self, note: Option<String>) -> anyhow::Result<()> {
        match (note, &mut self) {
            (Some(note), Self::Table(table, _)) => table.note(note),
            (Some(note), _) => diagnostics::note(note),
            (None, _) => {}
        }
        self.finish()
    }

    /// Prints what was kept and flushes.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Table(table, screen) | Self::Growing { table, screen, .. } => {
                let mut out = io::stdout().lock();
                writeln!(out, "{}", table.render(screen)).context("failed to write the results")
            }
            Self::Stream { mut out, .. } | Self::Lines(LinePrinter { mut out, .. }) => {
                out.flush().context("failed to write the results")
            }
        }
    }
}

impl<T: Lines + Default> Printer<T> {
    /// A printer of results that come over time: a table is written line by line.
    pub(crate) fn live(format: OutputFormat) -> anyhow::Result<Self> {
        if !matches!(format, OutputFormat::Table | OutputFormat::Wide) {
            return Ok(Self::new(format));
        }
        let mut lines = LinePrinter::new(T::usual())?;
        lines.out.flush().context("failed to write the results")?;
        Ok(Self::Lines(lines))
    }

    /// A printer of results of which there can be any number, in bounded memory: the columns of a table are as wide as
    /// the first results need, and it appears as soon as these are there.
    pub(crate) fn growing(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Table | OutputFormat::Wide => Self::Growing {
                table: T::default(),
                screen: Screen::of_stdout(format == OutputFormat::Wide),
                gathered: 0,
                go_on: LinePrinter::going_on,
            },
            OutputFormat::Json | OutputFormat::Yaml => Self::new(format),
        }
    }
}

impl<T: Lines> LinePrinter<T> {
    /// Writes the header.
    fn new(widths: Vec<usize>) -> anyhow::Result<Self> {
        let mut out = BufWriter::new(io::stdout().lock());
        writeln!(out, "{}", T::header(&widths)).context("failed to write the results")?;
        Ok(Self { widths, line: T::line, out })
    }

    /// Writes what a table holds.
    fn going_on(table: &T) -> anyhow::Result<Self> {
        let mut printer = Self::new(table.widths())?;
        for line in table.lines(&printer.widths) {
            writeln!(printer.out, "{line}").context("failed to write the results")?;
        }
        Ok(printer)
    }
}

impl<T: Table> LinePrinter<T> {
    fn print(&mut self, row: &T::Row<'_>) -> anyhow::Result<()> {
        let Self { widths, line, out } = self;
        writeln!(out, "{}", line(row, widths)).context("failed to write the results")
    }
}

/// 1234567 as `1.2 MB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut divisor = 1_u64;
    while unit + 1 < UNITS.len() && count / divisor >= 1000 {
        unit += 1;
        divisor *= 1000;
    }
    if unit == 0 {
        format!("{count} B")
    } else {
        format!("{}.{} {}", count / divisor, count % divisor * 10 / divisor, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_counts_are_short() {
        for (count, expected) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (u64::MAX, "18446744.0 TB")]
        {
            assert_eq!(bytes(count), expected);
        }
    }
}
