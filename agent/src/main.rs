//! The Landfall agent of a node.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Flows consist of many small allocations that one thread makes and others free.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    landfall_agent::daemon::run()
}
