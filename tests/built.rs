//! Programs that tests run: those of the project, built beside the one that runs, and tools of others.

use std::{
    env, io,
    path::{Path, PathBuf},
};

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

/// A program of somebody else that `make setup` has put into the cache, such as `prometheus`.
pub fn tool(name: &str) -> io::Result<PathBuf> {
    let program = cache().unwrap_or_default().join("tools/bin").join(name);
    if program.exists() {
        return Ok(program);
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is missing: run `make setup`", program.display())))
}

/// The same for a test: none, with a word on why, where it is not installed; with `LANDFALL_REQUIRE_SETUP` that is a failure.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn tool_or_skip(name: &str) -> Option<PathBuf> {
    match tool(name) {
        Ok(program) => Some(program),
        Err(error) if env::var_os("LANDFALL_REQUIRE_SETUP").is_none() => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The folder of what is kept between runs, as the Makefile has it.
pub(crate) fn cache() -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("landfall"))
}
