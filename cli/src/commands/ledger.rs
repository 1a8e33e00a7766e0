//! `landfall ledger`: the evidence of what was observed and judged.

mod export;
mod hold;
mod rotate;
mod show;
mod signing;
mod verification;
mod verify;
mod writer;

use std::path::PathBuf;

use clap::Subcommand;

pub(crate) use verification::{ReadOptions, VerifyOptions};
pub(crate) use writer::LedgerWriter;

use crate::exit_status::ExitStatus;

/// Verifies, shows and exports evidence.
#[derive(Debug, clap::Args)]
pub struct Ledger {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verifies all sealed segments; exit status 1 if anything was changed. Needs only the folder and the public key. Prints
    /// the head, which should be noted elsewhere and passed to a later run.
    #[command(
        after_help = "Examples:\n  landfall ledger verify ledger --public-key auditor/public-key.pem\n  landfall ledger verify ledger --public-key auditor/public-key.pem --head auditor/heads.txt"
    )]
    Verify(verify::Verify),
    /// Shows the judged edges and the number of records.
    #[command(after_help = "Example:\n  landfall ledger show ledger -o json | jq 'select(.outcome == \"Unlawful\")'")]
    Show(show::Show),
    /// Prints the records, one JSON object per line.
    #[command(
        after_help = "Examples:\n  landfall ledger export ledger --kind judgment --from 2026-11-23T00:00:00Z\n  landfall ledger export ledger --kind observation --body |\n      landfall judge --register examples/crm-processor --observations -"
    )]
    Export(export::Export),
    /// Keeps records that name people, and on request observations, beyond their retention period, for legal claims
    /// (Art. 17(3)(e) GDPR). The hold, its reason and who decided it are recorded. No other process may write to the ledger
    /// at the same time.
    #[command(
        after_help = "Example:\n  landfall ledger hold ledger LG-12-2026 --reason \"claim of a data subject, Art. 82 GDPR\" --by \"legal department\""
    )]
    Hold(hold::Hold),
    /// Lifts a hold: data whose retention period is over expires. No other process may write to the ledger at the same time.
    #[command(
        after_help = "Example:\n  landfall ledger lift ledger LG-12-2026 --reason \"settled\" --by \"legal department\""
    )]
    Lift(hold::Lift),
    /// Lists the holds that were set, and whether they are in force.
    #[command(after_help = "Example:\n  landfall ledger holds ledger --public-key auditor/public-key.pem")]
    Holds(hold::List),
    /// Signs the next segments with another key. The current key signs the change, so that verification with either key
    /// follows it. No other process may write to the ledger at the same time; the operator rotates its key when it starts
    /// (--previous-signing-key).
    #[command(
        after_help = "Example:\n  landfall ledger rotate-key ledger --new-key keys/2027.pem    # created if missing"
    )]
    RotateKey(rotate::RotateKey),
}

/// The ledger.
#[derive(Debug, clap::Args)]
struct Folder {
    /// Folder of the ledger.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Ledger {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Show(show) => show.run(),
            Command::Export(export) => export.run(),
            Command::Hold(hold) => hold.run(),
            Command::Lift(lift) => lift.run(),
            Command::Holds(list) => list.run(),
            Command::RotateKey(rotate) => rotate.run(),
        }
    }
}
