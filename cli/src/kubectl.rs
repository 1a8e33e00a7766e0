//! The plugin of kubectl: the Transfers and Incidents of a cluster, for people.
//!
//! ```text
//! kubectl landfall …      ─► kubectl-landfall          ─list─► API server ─► table, reasoning, clocks
//!                                                      ◄─patch─ what a person did about an Incident
//!                              ledger ──────────HTTPS─► operator   ─► segments, records, verification
//! kubectl landfall …<TAB> ─► kubectl_complete-landfall ─────────────────► suggestions
//! ```
//!
//! It writes only what `kubectl landfall incident` is told to; what else is to be changed is shown as a command for a person
//! to run.

mod cluster;
mod completion;
mod deadlines;
mod explain;
mod harmless;
mod incident;
mod incidents;
mod ledger;
mod networks;
mod standing;
#[cfg(test)]
mod tests;
mod transfers;
mod words;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};
use landfall_api::{IncidentSpec, Stored, TransferSpec};

pub(crate) use self::completion::complete;
use self::{cluster::Scope, words::Words};
use crate::{
    exit_status::{self, ExitStatus},
    options::LanguageOption,
};

type Transfer = Stored<TransferSpec>;
type Incident = Stored<IncidentSpec>;

/// What Landfall found in a cluster: transfers, their reasoning, incidents and their deadlines.
#[derive(Debug, Parser)]
#[command(name = "kubectl-landfall", bin_name = "kubectl landfall", version, max_term_width = 100)]
pub(crate) struct Plugin {
    #[command(flatten)]
    scope: Scope,
    /// Language of headings and labels [default: German if LC_ALL, LC_MESSAGES or LANG says so, else English].
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    language: Option<LanguageOption>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What goes where, and whether it may; the worst first.
    #[command(
        after_help = "Examples:\n  kubectl landfall transfers -A\n  kubectl landfall transfers -n crm --outcome unlawful,unknown --fail-on unlawful"
    )]
    Transfers(transfers::Transfers),
    /// The reasoning of one Transfer, with clause and article, and the Incident about it.
    #[command(after_help = "Example:\n  kubectl landfall explain -n crm NAME --language de")]
    Explain(explain::Explain),
    /// Breaches and how their two reports stand; what is due first comes first.
    #[command(after_help = "Example:\n  kubectl landfall incidents -A")]
    Incidents(incidents::Incidents),
    /// Every clock that runs, the next due first, and what to do; of all namespaces unless -n says one.
    #[command(after_help = "Example:\n  kubectl landfall deadlines --fail-on overdue")]
    Deadlines(deadlines::Deadlines),
    /// Writes down what was done about a breach: its triage, reports that were sent, its end.
    Incident(incident::IncidentCommand),
    /// The cluster's own networks that an agreement does not declare, as text to add to it.
    #[command(after_help = "Example:\n  kubectl landfall networks -n privacy")]
    Networks(networks::Networks),
    /// The ledger of the cluster, read from the operator: nobody needs its volume.
    #[command(
        after_help = "Examples:\n  kubectl landfall ledger verify\n  kubectl landfall ledger export --kind judgment --from 2026-11-23T00:00:00Z"
    )]
    Ledger(ledger::LedgerCommand),
    /// A script that completes words after `kubectl-landfall`.
    #[command(
        after_help = "Example:\n  source <(kubectl landfall completion bash)\n\nFor `kubectl landfall …<TAB>` kubectl looks for a program of another name, which landfall is, too:\n  ln -s \"$(command -v landfall)\" ~/.local/bin/kubectl_complete-landfall"
    )]
    Completion(completion::Completion),
}

/// Runs the plugin.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let plugin = Plugin::parse_from(arguments);
    // Nothing logs: what went wrong is said once, by the error.
    exit_status::exit_code(plugin.run())
}

impl Plugin {
    fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { scope, language, command } = self;
        let words = language.map_or_else(Words::of_environment, |tongue| Words(tongue.into()));
        // One question after the other: threads would have nothing to do.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            match command {
                Command::Transfers(transfers) => transfers.run(scope, words).await,
                Command::Explain(explain) => explain.run(scope, words).await,
                Command::Incidents(incidents) => incidents.run(scope, words).await,
                Command::Deadlines(deadlines) => deadlines.run(scope, words).await,
                Command::Incident(incident) => incident.run(scope, words).await,
                Command::Networks(networks) => networks.run(scope, words).await,
                Command::Ledger(ledger) => ledger.run(scope).await,
                Command::Completion(completion) => completion.run(),
            }
        })
    }
}
