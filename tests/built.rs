//! The programs of the project, built beside the one that runs.

use std::{env, io, path::PathBuf};

/// The program `name`.
pub fn built(name: &str) -> io::Result<PathBuf> {
    let me = env::current_exe()?;
    // …/debug/deps/integration-… or …/debug/examples/demo_cluster
    let program = me.ancestors().nth(2).unwrap_or(&me).join(name);
    if program.exists() {
        Ok(program)
    } else {
        let missing = format!("{} is missing: the recipes of the Makefile build it first", program.display());
        Err(io::Error::new(io::ErrorKind::NotFound, missing))
    }
}
