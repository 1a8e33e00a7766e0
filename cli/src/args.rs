//! The arguments of `landfall`, and which command runs.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use landfall_process::log;

use crate::{commands, exit_status};

/// Finds where personal data goes and judges whether it may.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, max_term_width = 100)]
pub struct Args {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists network flows, one per line; needs no register.
    #[command(
        after_help = "Example:\n  landfall flows --pcap capture.pcapng --json | jq -r '[.dst, .host] | @tsv'\n  sudo landfall flows --interface 'veth*'"
    )]
    Flows(commands::flows::Flows),
    /// Observes traffic, locates the recipients and judges the transfers; shows each with its verdict and the reasons.
    #[command(
        after_help = "Example:\n  landfall watch --register examples/crm-processor --locations examples/locations \\\n      --workloads examples/traffic/workloads.yaml --pcap examples/traffic/captures/*\n  sudo landfall watch --register examples/crm-processor --interface eth0 -o json"
    )]
    Watch(commands::watch::Watch),
    /// Judges recorded observations.
    #[command(
        after_help = "Example:\n  landfall judge --register examples/crm-processor --observations observations.ndjson --at 2026-11-23T12:00:00Z\n  landfall judge --register examples/crm-processor --observations observations.ndjson --explain de"
    )]
    Judge(commands::judge::Judge),
    /// Simulates a legal development: verdicts before and after it, and the duties that follow.
    #[command(
        after_help = "Example:\n  landfall simulate --register examples/crm-processor --observations observations.ndjson \\\n      --development examples/developments/dpf-annulled.yaml"
    )]
    Simulate(commands::simulate::Simulate),
    /// Checks agreement and register for gaps, contradictions, and missing or fallen bases.
    #[command(
        after_help = "Example:\n  landfall lint examples/crm-processor --at 2026-11-23T12:00:00Z --fail-on lint-error"
    )]
    Lint(commands::lint::Lint),
    /// Computes due dates by the BGB and by Regulation 1182/71.
    Clock(commands::clock::Clock),
    /// Verifies, shows and exports the evidence of what was observed and judged.
    Ledger(commands::ledger::Ledger),
    /// Drafts register entries for recipients that were seen and are not registered.
    Register(commands::register::Register),
    /// Looks at a Kafka cluster.
    #[cfg(feature = "kafka")]
    Kafka(commands::kafka::Kafka),
    /// Prints the custom resource definitions, to apply to a cluster.
    #[command(after_help = "Example:\n  landfall crds | kubectl apply --server-side -f -")]
    Crds(commands::crds::Crds),
}

impl Args {
    /// Runs the command and prints its error to stderr.
    pub fn run(self) -> ExitCode {
        log::show_warnings();
        let result = match self.command {
            Command::Flows(flows) => flows.run(),
            Command::Watch(watch) => watch.run(),
            Command::Judge(judge) => judge.run(),
            Command::Simulate(simulate) => simulate.run(),
            Command::Lint(lint) => lint.run(),
            Command::Clock(clock) => clock.run(),
            Command::Ledger(ledger) => ledger.run(),
            Command::Register(register) => register.run(),
            #[cfg(feature = "kafka")]
            Command::Kafka(kafka) => kafka.run(),
            Command::Crds(crds) => crds.run(),
        };
        exit_status::exit_code(result)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
