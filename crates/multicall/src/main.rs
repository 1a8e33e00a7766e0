//! Operator and command line in one program, as the operator's image holds them: most of their code is the same.
//!
//! Called as `landfall`, it is the command line; by any other name, the operator.

use std::{env, ffi::OsStr, path::Path, process::ExitCode};

use mimalloc::MiMalloc;

/// As in the operator's own program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().collect();
    let name = arguments.first().and_then(|path| Path::new(path).file_name());
    if name == Some(OsStr::new("landfall")) { landfall::run(arguments) } else { landfall_operator::run(arguments) }
}
