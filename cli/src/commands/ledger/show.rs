use std::collections::BTreeMap;

use landfall_evidence::{Census, Reader, RecordKind, Recorded, census};
use landfall_transfer_law::Language;

use super::{Folder, proof::Shown};
use crate::{
    diagnostics,
    edge_summaries::{EdgeSummaries, EdgeSummary},
    exit_status::ExitStatus,
    options::{FormatOptions, LanguageOption},
    output::{Printer, Table},
    outputs::{Inputs, Outputs},
    tables::{EdgeTable, LedgerExplanations},
};

/// The judged edges and how many records there are.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    shown: Shown,
    /// Give the reasoning in sentences, with clause and article, in the language of today's reader: the ledger holds it as
    /// data.
    #[arg(long, value_enum, value_name = "LANGUAGE", num_args = 0..=1, default_missing_value = "en")]
    explain: Option<LanguageOption>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, shown, explain, format } = self;
        Outputs::beside(&Inputs::default().folder("DIR", Some(&folder), &[]))?;
        let mut reader = Reader::open(&folder)?.kinds(&[RecordKind::Judgment, RecordKind::Rollup]);
        if !shown.admit(&mut reader, &folder)? {
            return Ok(ExitStatus::CheckFailed);
        }
        let census = census(&folder)?;
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
        let Census { observations, mut kinds, not_yet_sealed, segments, expired } = census;
        let judgments = kinds.remove(&RecordKind::Judgment.into()).unwrap_or(0);
        let others: u64 = kinds.values().sum();
        let kinds = named(&kinds);
        diagnostics::status(format_args!(
            "{observations} observations, {judgments} judgments, {others} other records{kinds}; {segments} segments, \
             {expired} of them with expired data; not yet sealed: {not_yet_sealed}"
        ));
        Ok(ExitStatus::Success)
    }
}

/// How many there are of each kind, also of kinds that a later version of the program wrote.
fn named(kinds: &BTreeMap<Recorded<RecordKind>, u64>) -> String {
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
