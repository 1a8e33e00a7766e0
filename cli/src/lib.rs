//! The program `landfall`: where personal data goes, and whether it may, without a cluster.
//!
//! ```text
//! capture ─► landfall-agent ─► Observation ─► landfall-register (resolve) ─► landfall-transfer-law (judge) ─► table
//! ```
//!
//! This crate parses arguments, connects the two halves and prints; it adds nothing to either. Results go to stdout,
//! everything else to stderr. The exit status is 0 on success, 1 if a check failed or `--fail-on` applied, and 2 for wrong
//! usage or bad input.
//!
//! Called as `kubectl-landfall` it is a kubectl plugin (feature `kubernetes`), which shows the Transfers and Incidents of a
//! cluster and records what people did about an Incident.

mod args;
#[cfg(feature = "kafka")]
mod bus;
mod capture;
mod cells;
mod commands;
mod coverage;
mod diagnostics;
mod edge_summaries;
mod exit_status;
mod frames;
mod judging;
#[cfg(feature = "kubernetes")]
mod kubectl;
mod live;
mod locale;
mod observations;
mod options;
mod output;
mod outputs;
mod pipe;
mod progress;
mod register;
#[cfg(test)]
mod rooms;
mod stop;
mod tables;

use std::{ffi::OsString, path::Path, process::ExitCode};

use clap::Parser as _;

pub use args::{Args, Command};

/// The name of the kubectl plugin.
const PLUGIN: &str = "kubectl-landfall";
/// The name of the program from which kubectl gets shell completions for the plugin.
const COMPLETION: &str = "kubectl_complete-landfall";

/// Runs the program; the first argument is the name by which it was called.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let name = arguments.first().and_then(|path| Path::new(path).file_stem()).unwrap_or_default();
    if name == PLUGIN {
        plugin(arguments)
    } else if name == COMPLETION {
        complete(arguments)
    } else {
        Args::parse_from(arguments).run()
    }
}

#[cfg(feature = "kubernetes")]
fn plugin(arguments: Vec<OsString>) -> ExitCode {
    kubectl::run(arguments)
}

#[cfg(feature = "kubernetes")]
fn complete(arguments: Vec<OsString>) -> ExitCode {
    kubectl::complete(arguments)
}

#[cfg(not(feature = "kubernetes"))]
fn plugin(_: Vec<OsString>) -> ExitCode {
    diagnostics::error("this landfall was built without the feature kubernetes");
    ExitCode::from(2)
}

#[cfg(not(feature = "kubernetes"))]
fn complete(_: Vec<OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
