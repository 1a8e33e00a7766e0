//! The command line of Landfall.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    landfall::run(env::args_os())
}
