#[cfg(feature = "parquet")]
mod parquet;

use std::{
    io::{self, BufWriter, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::{
    ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jiff::Timestamp;
use landfall_evidence::{Reader, RecordKind};

use super::{Folder, verification::ReadOptions};
use crate::{
    exit_status::ExitStatus,
    outputs::{Inputs, Outputs},
};

/// Prints the records, or writes them as Parquet.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    shown: ReadOptions,
    /// Only records of this kind; may be repeated.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = record_kind())]
    kind: Vec<RecordKind>,
    /// Only records appended at this instant (RFC 3339) or later.
    #[arg(long, value_name = "INSTANT")]
    from: Option<Timestamp>,
    /// Only records appended before this instant.
    #[arg(long, value_name = "INSTANT")]
    until: Option<Timestamp>,
    /// Print only the body of each record, without id, instant and kind.
    #[arg(long)]
    body: bool,
    /// How to write them.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "ndjson")]
    format: ExportFormat,
    /// Folder for the tables of `--format parquet`, one file per kind and day (UTC) on which records were sealed. A file of an
    /// earlier export of the same ledger is replaced; with --from and --until whole days are exported.
    #[arg(long, value_name = "DIR", required_if_eq("format", "parquet"))]
    to: Option<PathBuf>,
    /// Name of the cluster, for `--format parquet` where the ledger does not show it.
    #[arg(long, value_name = "NAME", requires = "to")]
    cluster: Option<String>,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// JSON objects on stdout, one a line.
    Ndjson,
    /// Tables for DuckDB, Spark, Trino or ClickHouse (docs/export.md).
    Parquet,
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        match self.format {
            ExportFormat::Ndjson => self.print(),
            #[cfg(feature = "parquet")]
            ExportFormat::Parquet => self.write_tables(),
            #[cfg(not(feature = "parquet"))]
            ExportFormat::Parquet => anyhow::bail!(
                "--format parquet: this program was built without it; build it with \
                 `cargo build --release --locked -p landfall --features parquet`"
            ),
        }
    }

    fn print(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, shown, kind, from, until, body, format: _, to, cluster } = self;
        anyhow::ensure!(
            to.is_none() && cluster.is_none(),
            "--to and --cluster are for --format parquet; ndjson goes to stdout"
        );
        Outputs::checked_against(&Inputs::default().folder("DIR", Some(&folder), &[]))?;
        let mut reader = Reader::open(&folder)?;
        if !kind.is_empty() {
            reader = reader.kinds(&kind);
        }
        let mut reader = reader.from(from.unwrap_or(Timestamp::MIN)).until(until.unwrap_or(Timestamp::MAX));
        if !shown.verify(&mut reader, &folder)? {
            return Ok(ExitStatus::CheckFailed);
        }
        let mut out = BufWriter::new(io::stdout().lock());
        for record in reader {
            let record = record?;
            let line =
                if body { record.body.into_bytes() } else { record.to_line().context("a record is not valid JSON")? };
            let line = if shown.unverified { marked_unverified(&line) } else { line };
            out.write_all(&line).and_then(|()| out.write_all(b"\n")).context("failed to write the results")?;
        }
        out.flush().context("failed to write the results")?;
        Ok(ExitStatus::Success)
    }
}

/// The names of the known kinds.
fn record_kind() -> impl TypedValueParser<Value = RecordKind> {
    PossibleValuesParser::new(RecordKind::ALL.map(RecordKind::name)).try_map(|name| name.parse())
}

/// Marks a JSON object as unverified, in its first field.
fn marked_unverified(line: &[u8]) -> Vec<u8> {
    match line {
        [b'{', b'}'] => br#"{"unverified":true}"#.to_vec(),
        [b'{', rest @ ..] => [br#"{"unverified":true,"#, rest].concat(),
        other => other.to_vec(),
    }
}
