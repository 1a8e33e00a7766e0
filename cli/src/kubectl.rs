//! The kubectl plugin: the Transfers and Incidents of a cluster, for people.
//!
//! ```text
//! kubectl landfall …      ─► kubectl-landfall          ─list─► API server ─► tables, explanations, deadlines
//!                                                      ─patch► what a person did about an Incident
//!                              ledger ──────────HTTPS─► operator   ─► segments, records, verification
//! kubectl landfall …<TAB> ─► kubectl_complete-landfall ─────────────────► suggestions
//! ```
//!
//! Only `kubectl landfall incident` writes; every other change is suggested as a command for a person to run.

mod cluster;
mod completion;
mod context;
mod deadlines;
mod explain;
mod incident;
mod incidents;
mod ledger;
mod networks;
mod report_state;
mod sanitize;
#[cfg(test)]
mod tests;
mod transfers;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};
use landfall_api::{IncidentSpec, Stored, TransferSpec};

use self::cluster::Scope;
pub(crate) use self::completion::complete;
use crate::{
    exit_status::{self, ExitStatus},
    locale::Locale,
    options::LanguageOption,
};

type Transfer = Stored<TransferSpec>;
type Incident = Stored<IncidentSpec>;

/// Shows what Landfall found in a cluster: transfers, the reasons for their verdicts, incidents and deadlines.
#[derive(Debug, Parser)]
#[command(name = "kubectl-landfall", bin_name = "kubectl landfall", version, max_term_width = 100)]
pub(crate) struct Plugin {
    #[command(flatten)]
    scope: Scope,
    /// Language of the output [default: German if LC_ALL, LC_MESSAGES or LANG says so, otherwise English].
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    language: Option<LanguageOption>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists transfers with their verdicts, the worst first.
    #[command(
        after_help = "Examples:\n  kubectl landfall transfers -A\n  kubectl landfall transfers -n crm --outcome unlawful,unknown --fail-on unlawful"
    )]
    Transfers(transfers::Transfers),
    /// Explains the verdict on one Transfer, with clauses and articles, and shows the Incidents about it.
    #[command(after_help = "Example:\n  kubectl landfall explain -n crm NAME --language de")]
    Explain(explain::Explain),
    /// Lists breaches and the state of their two reports, the earliest deadline first.
    #[command(after_help = "Example:\n  kubectl landfall incidents -A")]
    Incidents(incidents::Incidents),
    /// Lists the reports that are due and how to send and record them; in all namespaces unless -n names one.
    #[command(after_help = "Example:\n  kubectl landfall deadlines --fail-on overdue")]
    Deadlines(deadlines::Deadlines),
    /// Records what was done about a breach: its triage, the reports sent, its closing.
    Incident(incident::IncidentCommand),
    /// Prints networks of the cluster that an agreement does not declare yet, as text to add to it.
    #[command(after_help = "Example:\n  kubectl landfall networks -n privacy")]
    Networks(networks::Networks),
    /// Reads the ledger of the cluster from the operator.
    #[command(
        after_help = "Examples:\n  kubectl landfall ledger verify\n  kubectl landfall ledger export --kind judgment --from 2026-11-23T00:00:00Z"
    )]
    Ledger(ledger::LedgerCommand),
    /// Prints a shell completion script for `kubectl-landfall`.
    #[command(
        after_help = "Example:\n  source <(kubectl landfall completion bash)\n\nFor `kubectl landfall …<TAB>` kubectl runs a program of another name, which can be a link to landfall:\n  ln -s \"$(command -v landfall)\" ~/.local/bin/kubectl_complete-landfall"
    )]
    Completion(completion::Completion),
}

/// Runs the plugin.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let plugin = Plugin::parse_from(arguments);
    // Logging stays off: the error says once what went wrong.
    exit_status::exit_code(plugin.run())
}

impl Plugin {
    fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { scope, language, command } = self;
        let locale = language.map_or_else(Locale::from_environment, |language| Locale(language.into()));
        // Requests are sent one after the other: more threads would be idle.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            match command {
                Command::Transfers(transfers) => transfers.run(scope, locale).await,
                Command::Explain(explain) => explain.run(scope, locale).await,
                Command::Incidents(incidents) => incidents.run(scope, locale).await,
                Command::Deadlines(deadlines) => deadlines.run(scope, locale).await,
                Command::Incident(incident) => incident.run(scope, locale).await,
                Command::Networks(networks) => networks.run(scope, locale).await,
                Command::Ledger(ledger) => ledger.run(scope).await,
                Command::Completion(completion) => completion.run(),
            }
        })
    }
}
