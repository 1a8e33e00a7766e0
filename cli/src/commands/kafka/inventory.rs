use landfall_agent::kafka::inventory::{self, InventoryOptions};

use crate::{
    exit_status::ExitStatus,
    options::{FormatOptions, KafkaOptions},
    output::Printer,
    tables::KafkaInventoryTable,
};

/// Shows what a cluster is like.
#[derive(Debug, clap::Args)]
pub(super) struct Inventory {
    #[command(flatten)]
    kafka: KafkaOptions,
    #[command(flatten)]
    format: FormatOptions,
}

impl Inventory {
    /// librdkafka can crash on a malformed answer. It may do so here: this process holds nothing that could be lost, and prints
    /// only once it has everything.
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { kafka, format } = self;
        let connection = kafka.access()?.connection;
        let options = InventoryOptions { timeout: kafka.timeout, with_committed: true };
        let inventory = inventory::collect(&connection, options)?;
        let mut printer = Printer::<KafkaInventoryTable>::new(format.format());
        printer.print(&inventory)?;
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}
