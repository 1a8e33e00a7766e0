use std::path::PathBuf;

use landfall_agent::{
    kafka::inventory::{self, InventoryOptions},
    locate::{Locator, LocatorConfig},
};

use crate::{
    exit_status::ExitStatus,
    options::{FormatOptions, KafkaOptions},
    output::Printer,
    tables::{KafkaInventoryTable, LocatedInventory, Locations},
};

/// Shows what a cluster is like.
#[derive(Debug, clap::Args)]
pub(super) struct Inventory {
    #[command(flatten)]
    kafka: KafkaOptions,
    /// Folder with published cloud ranges (*.json of AWS, GCP, Azure) and ASN or country databases (*.mmdb): shows where brokers and
    /// members of groups are, and what says so. Names that brokers advertise are looked up.
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS")]
    locations: Option<PathBuf>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Inventory {
    /// librdkafka can crash on a malformed answer. It may do so here: this process holds nothing that could be lost, and prints
    /// only once it has everything.
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { kafka, locations, format } = self;
        let locator =
            locations.as_deref().map(|folder| Locator::open(&LocatorConfig::from_dir(folder)?)).transpose()?;
        let connection = kafka.access()?.connection;
        let options = InventoryOptions { timeout: kafka.timeout, with_committed: true };
        let inventory = inventory::collect(&connection, options)?;
        let mut printer = Printer::<KafkaInventoryTable>::new(format.format());
        let locations = locator.map(|locator| Locations::of(&inventory, &locator));
        printer.print(&LocatedInventory { inventory, locations })?;
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}
