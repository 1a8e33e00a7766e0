//! The program `landfall`.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    landfall::run(env::args_os())
}
