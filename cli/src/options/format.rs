use clap::{Args, ValueEnum};

/// How results are printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct FormatOptions {
    /// Format of the results; json prints one object per line (NDJSON). In a pipe or a file a table has lines of COLUMNS
    /// characters (default 160) and longer cells are cut; wide cuts nothing.
    #[arg(short, long, value_enum, default_value = "table", env = "LANDFALL_OUTPUT")]
    output: OutputFormat,
    /// Same as `-o json`.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// A table for people.
    Table,
    /// A table in which nothing is cut.
    Wide,
    /// One JSON object per line.
    Json,
    /// One YAML document per result.
    Yaml,
}

impl FormatOptions {
    /// The requested format.
    pub(crate) fn format(self) -> OutputFormat {
        if self.json { OutputFormat::Json } else { self.output }
    }
}
