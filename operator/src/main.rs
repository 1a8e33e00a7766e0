//! The operator of Landfall.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    landfall_operator::Args::parse().run()
}
