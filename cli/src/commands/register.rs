//! `landfall register`: maintains the folder of the register.

mod draft;
mod unregistered;
mod yaml;

use clap::Subcommand;

use crate::exit_status::ExitStatus;

/// Maintains the folder of the register.
#[derive(Debug, clap::Args)]
pub struct Register {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Drafts a Recipient for each recipient of data that is not registered.
    #[command(
        after_help = "Examples:\n  landfall register draft --pcap capture.pcapng --locations examples/locations > drafts.yaml\n  landfall register draft --register examples/crm-processor --ledger ledger"
    )]
    Draft(draft::Draft),
}

impl Register {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        match self.command {
            Command::Draft(draft) => draft.run(),
        }
    }
}
