//! Prints results to stdout: a table for people, NDJSON or YAML for programs.

mod grid;
#[cfg(feature = "kubernetes")]
mod paragraphs;
mod screen;

use std::io::{self, BufWriter, StdoutLock, Write};

use anyhow::Context as _;
use serde::Serialize;

#[cfg(feature = "kubernetes")]
pub(crate) use self::paragraphs::{Paragraph, Paragraphs};
pub(crate) use self::{grid::Grid, screen::Screen};
use crate::{diagnostics, options::OutputFormat};

/// The number of results from which a table takes the widths of its columns.
const MAX_GATHERED: usize = 1000;

/// Prints results one after the other.
pub(crate) enum Printer<T: Table> {
    /// All results are collected first: the widths of the columns depend on them.
    Table(T, Screen),
    /// The first results are collected. If there are no more they become a table; else the columns take their widths from
    /// them, and everything is written line by line.
    Gathering {
        table: T,
        screen: Screen,
        gathered: usize,
        into_lines: fn(&T) -> anyhow::Result<LinePrinter<T>>,
    },
    Stream {
        yaml: bool,
        out: BufWriter<StdoutLock<'static>>,
    },
    /// Line by line, for live and for unbounded results.
    Lines(LinePrinter<T>),
}

/// Writes results line by line.
pub(crate) struct LinePrinter<T: Table> {
    /// The widths of the columns.
    widths: Vec<usize>,
    line: for<'a> fn(&T::Row<'a>, &[usize]) -> String,
    out: BufWriter<StdoutLock<'static>>,
}

/// A table that can also be written line by line.
pub(crate) trait Lines: Table {
    /// The widths of the columns without results.
    fn default_widths() -> Vec<usize>;

    /// The widths that fit the collected results, at least the default ones.
    fn widths(&self) -> Vec<usize>;

    /// The line with the names of the columns.
    fn header(widths: &[usize]) -> String;

    /// The collected results.
    fn lines(&self, widths: &[usize]) -> impl Iterator<Item = String>;

    /// One result; a cell that is wider than its column moves the rest of the line.
    fn line(row: &Self::Row<'_>, widths: &[usize]) -> String;
}

/// A table of results of one kind.
pub(crate) trait Table {
    type Row<'a>: Serialize;

    /// Adds a result.
    fn push(&mut self, row: &Self::Row<'_>);

    /// Adds a sentence about all results, which stands below them.
    fn note(&mut self, _sentence: String) {}

    /// The whole table as text.
    fn render(&self, screen: Screen) -> String;
}

impl<T: Table + Default> Printer<T> {
    pub(crate) fn new(format: OutputFormat) -> Self {
        Self::with_table(T::default(), format)
    }
}

impl<T: Table> Printer<T> {
    /// A printer that fills `table` if the format is a table.
    pub(crate) fn with_table(table: T, format: OutputFormat) -> Self {
        match format {
            OutputFormat::Table | OutputFormat::Wide => {
                Self::Table(table, Screen::stdout(format == OutputFormat::Wide))
            }
            OutputFormat::Json | OutputFormat::Yaml => {
                Self::Stream { yaml: format == OutputFormat::Yaml, out: BufWriter::new(io::stdout().lock()) }
            }
        }
    }

    /// Prints a result, or collects it for the table.
    pub(crate) fn print(&mut self, row: &T::Row<'_>) -> anyhow::Result<()> {
        match self {
            Self::Table(table, _) => table.push(row),
            Self::Gathering { table, gathered, .. } if *gathered < MAX_GATHERED => {
                table.push(row);
                *gathered += 1;
            }
            Self::Gathering { table, into_lines, .. } => {
                let mut lines = into_lines(table)?;
                lines.print(row)?;
                *self = Self::Lines(lines);
            }
            Self::Lines(lines) => lines.print(row)?,
            Self::Stream { yaml, out } => write_row(out, *yaml, row)?,
        }
        Ok(())
    }

    /// Prints something else between the results for programs; a table has no place for it.
    #[cfg(feature = "kafka")]
    pub(crate) fn print_beside(&mut self, row: &impl Serialize) -> anyhow::Result<()> {
        match self {
            Self::Stream { yaml, out } => write_row(out, *yaml, row),
            Self::Table(..) | Self::Gathering { .. } | Self::Lines(_) => Ok(()),
        }
    }

    /// Whether nothing is printed before the end.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self, Self::Table(..))
    }

    /// Flushes what was printed so far.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Table(..) | Self::Gathering { .. } => Ok(()),
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

    /// Prints what was collected and flushes.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Table(table, screen) | Self::Gathering { table, screen, .. } => {
                let mut out = io::stdout().lock();
                writeln!(out, "{}", table.render(screen)).context("failed to write the results")
            }
            Self::Stream { mut out, .. } | Self::Lines(LinePrinter { mut out, .. }) => {
                out.flush().context("failed to write the results")
            }
        }
    }
}

/// Writes a result for programs.
fn write_row(out: &mut impl Write, yaml: bool, row: &impl Serialize) -> anyhow::Result<()> {
    if yaml {
        let document = serde_saphyr::to_string(row).context("failed to write a result as YAML")?;
        return write!(out, "---\n{document}").context("failed to write the results");
    }
    serde_json::to_writer(&mut *out, row).map_err(io::Error::from).context("failed to write the results")?;
    out.write_all(b"\n").context("failed to write the results")
}

impl<T: Lines + Default> Printer<T> {
    /// A printer of live results: a table is written line by line.
    pub(crate) fn live(format: OutputFormat) -> anyhow::Result<Self> {
        if !matches!(format, OutputFormat::Table | OutputFormat::Wide) {
            return Ok(Self::new(format));
        }
        let mut lines = LinePrinter::new(T::default_widths())?;
        lines.out.flush().context("failed to write the results")?;
        Ok(Self::Lines(lines))
    }

    /// A printer of any number of results in bounded memory: the columns of a table fit the first results, and printing
    /// starts as soon as these are there.
    pub(crate) fn unbounded(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Table | OutputFormat::Wide => Self::Gathering {
                table: T::default(),
                screen: Screen::stdout(format == OutputFormat::Wide),
                gathered: 0,
                into_lines: LinePrinter::with_collected,
            },
            OutputFormat::Json | OutputFormat::Yaml => Self::new(format),
        }
    }
}

impl<T: Lines> LinePrinter<T> {
    /// Prints the header.
    fn new(widths: Vec<usize>) -> anyhow::Result<Self> {
        let mut out = BufWriter::new(io::stdout().lock());
        writeln!(out, "{}", T::header(&widths)).context("failed to write the results")?;
        Ok(Self { widths, line: T::line, out })
    }

    /// Prints the header and what a table has collected.
    fn with_collected(table: &T) -> anyhow::Result<Self> {
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
