//! `landfall kafka`: one look at a Kafka cluster.

mod inspect;
mod inventory;
mod landing;
mod sample;

use clap::Subcommand;

use crate::exit_status::ExitStatus;

/// Looks at a Kafka cluster.
#[derive(Debug, clap::Args)]
pub struct Kafka {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows brokers, topics, groups with the hosts of their members, and access control lists; reads no message. What may not
    /// be seen is said, with the access control entry that is missing.
    #[command(
        after_help = "Examples:\n  landfall kafka inventory --bootstrap kafka-1.example:9092\n  landfall kafka inventory --bootstrap kafka-1.example:9093 --properties inventory.properties -o json |\n      jq -r '.groups[] | .name as $group | .members[] | [$group, .clientHost] | @tsv'"
    )]
    Inventory(inventory::Inventory),
    /// Reads the newest messages of topics and shows which personal data they hold, by field. Needs READ on the topics; joins no
    /// group and changes nothing.
    #[command(
        after_help = "Examples:\n  landfall kafka sample --bootstrap kafka-1.example:9092 --topic 'crm.*'\n  landfall kafka sample --bootstrap kafka-1.example:9093 --properties sample.properties --from-beginning --messages 100000 -o json"
    )]
    Sample(sample::Sample),
    /// Shows where the messages of each topic land: brokers that hold it, groups that read it or have read it, copies in other
    /// clusters, sinks of Kafka Connect, remote storage, and topics that are made of it; reads no message. What is not known is
    /// said below.
    #[command(
        after_help = "Examples:\n  landfall kafka landing --bootstrap kafka-1.example:9092 --connect http://connect-1.example:8083\n  landfall kafka landing --bootstrap kafka-1.example:9093 --properties inventory.properties -o json |\n      jq -r '.topics | to_entries[] | .key as $topic | .value.landings[] | select(.kind == \"sink\") | [$topic, .connector] | @tsv'"
    )]
    Landing(landing::Landing),
    /// The process that `sample` starts.
    #[command(hide = true)]
    Inspect(inspect::Inspect),
}

impl Kafka {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        match self.command {
            Command::Inventory(inventory) => inventory.run(),
            Command::Sample(sample) => sample.run(),
            Command::Landing(landing) => landing.run(),
            Command::Inspect(inspect) => inspect.run(),
        }
    }
}
