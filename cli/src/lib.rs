//! The command `landfall`: facts, verdicts and what to do about them, without a cluster.
//!
//! ```text
//! capture ─► landfall-agent ─► Observation ─► landfall-register (resolve) ─► landfall-transfer-law (judge) ─► table
//! ```
//!
//! This crate sees both halves and adds nothing to either: it reads arguments, wires the parts
//! and prints. Results go to stdout, everything else to stderr; the exit status is 0 when done, 1
//! when what was asked to fail on is there, 2 for bad usage or input.
//!
//! Called as `kubectl-landfall` it is a plugin of kubectl (feature `kubernetes`): that part reads Transfers and Incidents
//! of a cluster and nothing else.

mod args;
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

/// The name by which kubectl finds its plugin.
const PLUGIN: &str = "kubectl-landfall";
/// The name by which kubectl finds what completes words for the plugin.
const COMPLETION: &str = "kubectl_complete-landfall";

/// Runs what the arguments ask for; the first is the name by which the program was called.
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
