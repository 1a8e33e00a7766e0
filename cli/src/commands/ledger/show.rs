use std::collections::BTreeMap;

use landfall_evidence::{Reader, RecordCounts, RecordKind, Recorded, count_records};
use landfall_transfer_law::Language;

use super::{Folder, verification::ReadOptions};
use crate::{
    diagnostics,
    edge_summaries::{EdgeSummaries, EdgeSummary},
    exit_status::ExitStatus,
    options::{FormatOptions, LanguageOption},
    output::{Printer, Table},
    outputs::{Inputs, Outputs},
    tables::{EdgeTable, LedgerExplanations},
};

/// Shows the judged edges and the number of records.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    shown: ReadOptions,
    /// Print the reasoning in sentences, with clauses and articles. The ledger holds it as data, so that either language is
    /// possible.
    #[arg(long, value_enum, value_name = "LANGUAGE", num_args = 0..=1, default_missing_value = "en")]
    explain: Option<LanguageOption>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, shown, explain, format } = self;
        Outputs::checked_against(&Inputs::default().folder("DIR", Some(&folder), &[]))?;
        let mut reader = Reader::open(&folder)?.kinds(&[RecordKind::Judgment, RecordKind::Rollup]);
        if !shown.verify(&mut reader, &folder)? {
            return Ok(ExitStatus::CheckFailed);
        }
        let counts = count_records(&folder)?;
        let mut edges = EdgeSummaries::default();
        for record in reader {
            let record = record?;
            edges.add(record.id, record.kind == RecordKind::Rollup, &record.body)?;
        }
        let language = explain.map(Language::from);
        let edges = edges
            .into_summaries()
            .map(|edge| EdgeSummary { unverified: shown.unverified, ..edge.with_texts(language) });
        match language {
            Some(_) => print::<LedgerExplanations>(edges, format)?,
            None => print::<EdgeTable>(edges, format)?,
        }
        let RecordCounts { observations, mut kinds, not_yet_sealed, segments, expired } = counts;
        let judgments = kinds.remove(&RecordKind::Judgment.into()).unwrap_or(0);
        let others: u64 = kinds.values().sum();
        let kinds = counts_by_kind(&kinds);
        diagnostics::status(format_args!(
            "{observations} observations, {judgments} judgments, {others} other records{kinds}; {segments} segments, \
             {expired} of them with expired data; not yet sealed: {not_yet_sealed}"
        ));
        Ok(ExitStatus::Success)
    }
}

/// The number of records of each kind, including kinds that a later version of the program wrote.
fn counts_by_kind(kinds: &BTreeMap<Recorded<RecordKind>, u64>) -> String {
    let each = kinds.iter().map(|(kind, count)| match kind {
        Recorded::Known(kind) => format!("{kind} {count}"),
        Recorded::Unknown(name) => format!("{}, which a later version wrote, {count}", name.escape_debug()),
    });
    match each.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    }
}

fn print<T: Default + for<'a> Table<Row<'a> = EdgeSummary>>(
    edges: impl Iterator<Item = EdgeSummary>,
    format: FormatOptions,
) -> anyhow::Result<()> {
    let mut printer = Printer::<T>::new(format.format());
    for edge in edges {
        printer.print(&edge)?;
    }
    printer.finish()
}
