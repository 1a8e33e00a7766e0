//! The operator of Landfall.

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;
use nix::sys::prctl;

/// Verdicts are many small allocations, made and dropped in bulk.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Pages of 2 MiB are cleared whole when they are touched first: what is judged again by another law took twice as
    // long with them, and a sixth more memory. Where a sandbox forbids to ask for small ones, it works all the same.
    let _ = prctl::set_thp_disable(true);
    landfall_operator::run(landfall_operator::Args::parse())
}
