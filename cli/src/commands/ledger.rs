//! `landfall ledger`: the evidence of what was observed and judged.

#[cfg(feature = "object-storage")]
mod archive;
mod export;
mod hold;
#[cfg(feature = "object-storage")]
mod remote;
#[cfg(feature = "object-storage")]
mod restore;
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
    /// the head, which should be noted elsewhere and passed to a later run. Instead of a folder, the URL of a copy in object
    /// storage may be given.
    #[command(
        after_help = "Examples:\n  landfall ledger verify ledger --public-key auditor/public-key.pem\n  landfall ledger verify ledger --public-key auditor/public-key.pem --head auditor/heads.txt\n  landfall ledger verify s3://evidence/production --public-key auditor/public-key.pem --anchor s3://anchors/production"
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
    /// Copies the sealed segments to object storage or to another folder, once; the operator does so all the time
    /// (--ledger-archive). The ledger is only read. Credentials come from the environment (AWS_*, GOOGLE_*, AZURE_*).
    #[cfg(feature = "object-storage")]
    #[command(
        after_help = "Examples:\n  landfall ledger archive ledger s3://evidence/laptop\n  landfall ledger archive ledger file:///mnt/backup/ledger --anchor s3://anchors/laptop"
    )]
    Archive(archive::Archive),
    /// Restores a ledger from its copy into an empty folder, verifying it on the way. Nothing is put in place if a fault is
    /// found. What was not copied before the ledger was lost is not restored.
    #[cfg(feature = "object-storage")]
    #[command(
        after_help = "Example:\n  landfall ledger restore s3://evidence/production /var/lib/landfall/ledger --public-key auditor/public-key.pem --head auditor/heads.txt"
    )]
    Restore(restore::Restore),
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
            #[cfg(feature = "object-storage")]
            Command::Archive(archive) => archive.run(),
            #[cfg(feature = "object-storage")]
            Command::Restore(restore) => restore.run(),
        }
    }
}
