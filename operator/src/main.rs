//! The program `landfall-operator`.

use std::{env, process::ExitCode};

use mimalloc::MiMalloc;

/// Verdicts consist of many small allocations that are made and freed in bulk.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    landfall_operator::run(env::args_os())
}
