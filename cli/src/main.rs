//! The command line of Landfall.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    landfall::Args::parse().run()
}
