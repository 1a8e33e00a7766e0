//! The operator: accepts observations, judges them against the register in the cluster, and keeps the evidence.
//!
//! ```text
//! agents ─HTTPS─► ingest ─► ledger_writer ─► judging ─► views ─► transfers, incidents, alerting ─► objects, metrics
//! objects ─watch─► register ─────┘ ruleset, Incidents as people wrote them
//! ```
//!
//! Data flows one way; only what people write in the cluster comes back, through the watches. docs/architecture.md
//! describes the modules, and the test in `rooms` checks which may use which. Packets, detectors and address databases are
//! the agent's. One replica, the holder of the Lease, does all this; the others serve health, metrics and TLS.

mod alerting;
mod archive;
pub mod args;
mod check;
mod clock;
#[cfg(test)]
mod fixture;
mod incidents;
pub mod ingest;
pub mod judging;
pub mod lease;
pub mod ledger_writer;
pub mod metrics;
pub mod objects;
pub mod register;
#[cfg(test)]
mod rooms;
mod run;
pub mod serving;
mod transfers;
pub mod views;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _};
use nix::sys::prctl;

use args::Args;
use check::CheckArgs;

/// Field manager for server-side apply.
const FIELD_MANAGER: &str = "landfall-operator";

/// Runs the program; the first argument is the name by which it was called.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // The kernel zeroes a transparent huge page (2 MiB) as a whole on first use: with them, judging again after a
    // change of law took twice as long and a sixth more memory. A sandbox may forbid this call, which does no harm.
    let _ = prctl::set_thp_disable(true);
    let command = Args::command()
        .subcommand(CheckArgs::command())
        .subcommand_negates_reqs(true)
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true);
    let matches = command.get_matches_from(arguments);
    match matches.subcommand() {
        Some((_, check)) => check::check(&CheckArgs::from_arg_matches(check).unwrap_or_else(|error| error.exit())),
        None => run::run(Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())),
    }
}
