//! The operator of Landfall.

use std::{env, process::ExitCode};

use clap::Parser as _;
use mimalloc::MiMalloc;
use nix::sys::prctl;

/// Verdicts consist of many small allocations that are made and freed in bulk.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // The kernel zeroes a transparent huge page (2 MiB) as a whole on first use: with them, judging again after a
    // change of law took twice as long and a sixth more memory. A sandbox may forbid this call, which does no harm.
    let _ = prctl::set_thp_disable(true);
    // Beside the flags of the server, which are required, clap knows no subcommand without them.
    let mut arguments = env::args_os();
    if env::args_os().nth(1).is_some_and(|first| first == "check") {
        arguments.next();
        return landfall_operator::check(&landfall_operator::CheckArgs::parse_from(arguments));
    }
    landfall_operator::run(landfall_operator::Args::parse_from(arguments))
}
