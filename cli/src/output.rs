//! Prints results to stdout: a table for people, NDJSON or YAML for programs.

mod clock_table;
mod explanations;
mod flow_table;
mod ledger_table;
mod lint_table;
mod simulation;
mod transfer_table;

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write};

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table as Grid, presets};
use serde::Serialize;

pub(crate) use clock_table::{CheckTable, DueTable};
pub(crate) use explanations::Explanations;
pub(crate) use flow_table::FlowTable;
pub(crate) use ledger_table::{LedgerReport, LedgerTable};
pub(crate) use lint_table::LintTable;
pub(crate) use simulation::{Simulated, Simulation};
pub(crate) use transfer_table::TransferTable;

use crate::args::OutputFormat;

/// Where results go, one after the other.
pub(crate) enum Printer<T: Table> {
    /// Collected, because a table's columns need all of them.
    Table(T),
    Stream {
        yaml: bool,
        out: BufWriter<StdoutLock<'static>>,
    },
    /// Line by line, for people who watch.
    Lines {
        line: for<'a> fn(&T::Row<'a>) -> String,
        out: BufWriter<StdoutLock<'static>>,
    },
}

/// A table that can also be written line by line, its columns as wide as is usual.
pub(crate) trait Lines: Table {
    /// The names of the columns.
    fn header() -> String;

    /// One result.
    fn line(row: &Self::Row<'_>) -> String;
}

/// An empty grid without lines. On a terminal it wraps into its width, else a row is a line.
pub(crate) fn grid(header: &[&str]) -> Grid {
    let mut grid = Grid::new();
    let arrangement =
        if io::stdout().is_terminal() { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    grid.load_style(presets::NOTHING).set_content_arrangement(arrangement).set_header(header);
    for column in grid.column_iter_mut() {
        column.set_padding((0, 2));
    }
    grid
}

/// A table that grows by results of one kind.
pub(crate) trait Table {
    type Row<'a>: Serialize;

    /// Adds a result.
    fn push(&mut self, row: &Self::Row<'_>);

    /// The whole table; colours are ANSI escapes.
    fn render(&self, colour: bool) -> String;
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
            OutputFormat::Table => Self::Table(table),
            OutputFormat::Json | OutputFormat::Yaml => {
                Self::Stream { yaml: format == OutputFormat::Yaml, out: BufWriter::new(io::stdout().lock()) }
            }
        }
    }

    /// Prints one result, or keeps it for the table.
    pub(crate) fn print(&mut self, row: &T::Row<'_>) -> anyhow::Result<()> {
        match self {
            Self::Table(table) => table.push(row),
            Self::Lines { line, out } => writeln!(out, "{}", line(row)).context("failed to write the results")?,
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
        matches!(self, Self::Table(_))
    }

    /// Has what was printed so far appear, for those who watch.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Table(_) => Ok(()),
            Self::Stream { out, .. } | Self::Lines { out, .. } => out.flush().context("failed to write the results"),
        }
    }

    /// Prints what was kept and flushes.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Table(table) => {
                let mut out = io::stdout().lock();
                let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
                writeln!(out, "{}", table.render(colour)).context("failed to write the results")
            }
            Self::Stream { mut out, .. } | Self::Lines { mut out, .. } => {
                out.flush().context("failed to write the results")
            }
        }
    }
}

impl<T: Lines + Default> Printer<T> {
    /// A printer of results that come over time: a table is written line by line.
    pub(crate) fn live(format: OutputFormat) -> anyhow::Result<Self> {
        if format != OutputFormat::Table {
            return Ok(Self::new(format));
        }
        let mut out = BufWriter::new(io::stdout().lock());
        writeln!(out, "{}", T::header()).and_then(|()| out.flush()).context("failed to write the results")?;
        Ok(Self::Lines { line: T::line, out })
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
