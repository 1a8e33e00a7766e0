//! `landfall clock`: due dates and how they are computed.

mod check;
mod compute;

use clap::Subcommand;
use landfall_transfer_law::clock::CONTRACT_ZONE;

use crate::exit_status::ExitStatus;

/// Computes due dates by the BGB and by Regulation 1182/71.
#[derive(Debug, clap::Args)]
pub struct Clock {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Computes a due date, showing the steps.
    #[command(
        after_help = "Examples:\n  landfall clock compute SCH-INF --event 2026-11-23T10:00+01:00 --land BE\n  landfall clock compute --amount 1 --unit month --calendar 1182 --event 2026-01-30 --land DE-BE\n  landfall clock compute AUDIT --ends-before 2027-01-11"
    )]
    Compute(compute::Compute),
    /// Checks a file of due dates; exit status 1 if any differs from the computed one.
    #[command(after_help = "Example:\n  landfall clock check crates/transfer-law/testdata/clock-vectors.json")]
    Check(check::Check),
}

/// The time zone in which days end.
#[derive(Debug, clap::Args)]
struct Zone {
    /// Time zone of the agreement.
    #[arg(long, value_name = "NAME", default_value = CONTRACT_ZONE)]
    zone: String,
}

impl Clock {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        match self.command {
            Command::Compute(compute) => compute.run(),
            Command::Check(check) => check.run(),
        }
    }
}
