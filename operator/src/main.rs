//! The operator of Landfall.

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;

/// Verdicts are many small allocations, made and dropped in bulk.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    landfall_operator::Args::parse().run()
}
