//! The operator of Landfall.

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use landfall_operator::{Args, CheckArgs};
use mimalloc::MiMalloc;
use nix::sys::prctl;

/// Verdicts consist of many small allocations that are made and freed in bulk.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // The kernel zeroes a transparent huge page (2 MiB) as a whole on first use: with them, judging again after a
    // change of law took twice as long and a sixth more memory. A sandbox may forbid this call, which does no harm.
    let _ = prctl::set_thp_disable(true);
    let command = Args::command()
        .subcommand(CheckArgs::command())
        .subcommand_negates_reqs(true)
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true);
    let matches = command.get_matches();
    match matches.subcommand() {
        Some((_, check)) => {
            landfall_operator::check(&CheckArgs::from_arg_matches(check).unwrap_or_else(|error| error.exit()))
        }
        None => landfall_operator::run(Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())),
    }
}
