//! `landfall ledger`: the evidence of what was seen and judged.

mod export;
mod hold;
mod proof;
mod rotate;
mod show;
mod signing;
mod verify;
mod writer;

use std::path::PathBuf;

use clap::Subcommand;

pub(crate) use proof::{Proof, Shown};
pub(crate) use writer::LedgerWriter;

use crate::exit_status::ExitStatus;

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
    /// Keeps what names people, and on demand observations, beyond their period, for legal claims (Art. 17(3)(e) GDPR).
    /// The hold, its reason and who decided it are recorded. No other process may write to the ledger meanwhile.
    #[command(
        after_help = "Example:\n  landfall ledger hold ledger LG-12-2026 --reason \"claim of a data subject, Art. 82 GDPR\" --by \"legal department\""
    )]
    Hold(hold::Hold),
    /// Lifts a hold: data whose period is over goes. No other process may write to the ledger meanwhile.
    #[command(
        after_help = "Example:\n  landfall ledger lift ledger LG-12-2026 --reason \"settled\" --by \"legal department\""
    )]
    Lift(hold::Lift),
    /// The holds that were set and not lifted.
    #[command(after_help = "Example:\n  landfall ledger holds ledger --public-key auditor/public-key.pem")]
    Holds(hold::List),
    /// Lets another key sign from the next segment on. The key so far admits it, and who verifies with either follows. No
    /// other process may write to the ledger meanwhile; the operator does it at its start (--previous-signing-key).
    #[command(
        after_help = "Example:\n  landfall ledger rotate-key ledger --new-key keys/2027.pem    # made if it is not there"
    )]
    RotateKey(rotate::RotateKey),
}

/// Which ledger.
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
