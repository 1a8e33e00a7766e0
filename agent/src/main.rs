//! The agent of Landfall on a node.

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;

/// Flows are many small allocations, made by one thread and dropped by others.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    landfall_agent::daemon::Args::parse().run()
}
