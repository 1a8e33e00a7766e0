//! `landfall register`: the register folder itself.

mod draft;
mod strangers;
mod yaml;

use clap::Subcommand;

use crate::exit_status::ExitStatus;

/// The register folder itself.
#[derive(Debug, clap::Args)]
pub struct Register {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Drafts a Recipient for everybody who was sent data and is not registered.
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
