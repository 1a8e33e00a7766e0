//! `landfall ledger`: the evidence of what was seen and judged.

mod export;
mod proof;
mod show;
mod verify;
mod writer;

use std::path::PathBuf;

use clap::Subcommand;

pub(crate) use proof::{Proof, Shown};
pub(crate) use show::{EdgeSummaries, EdgeSummary};
pub(crate) use verify::Verified;
pub(crate) use writer::LedgerWriter;

use crate::args::Ending;

/// Evidence of what was seen and judged.
#[derive(Debug, clap::Args)]
pub struct Ledger {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Whether everything sealed is as it was sealed; exit status 1 if not. Needs the folder and the
    /// public key, nothing else. Prints the head, to be noted elsewhere and given to a later run.
    #[command(
        after_help = "Examples:\n  landfall ledger verify ledger --public-key auditor/public-key.pem\n  landfall ledger verify ledger --public-key auditor/public-key.pem --head auditor/heads.txt"
    )]
    Verify(verify::Verify),
    /// The judged edges and how many records there are.
    #[command(after_help = "Example:\n  landfall ledger show ledger -o json | jq 'select(.outcome == \"Unlawful\")'")]
    Show(show::Show),
    /// The records, one JSON object a line.
    #[command(
        after_help = "Examples:\n  landfall ledger export ledger --kind judgment --from 2026-11-23T00:00:00Z\n  landfall ledger export ledger --kind observation --body |\n      landfall judge --register examples/crm-processor --observations -"
    )]
    Export(export::Export),
}

/// Which ledger.
#[derive(Debug, clap::Args)]
struct Folder {
    /// Folder of the ledger.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Ledger {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Show(show) => show.run(),
            Command::Export(export) => export.run(),
        }
    }
}
