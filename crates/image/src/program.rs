//! Programs of this machine: their libraries, and their debug symbols.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::ImageError;

/// A program without its debug symbols, and these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped {
    /// The program; a debug link in it names the other file.
    pub program: PathBuf,
    /// The debug symbols, for `gdb`, `perf` and the like.
    pub symbols: PathBuf,
}

/// Writes a program without its debug symbols to `programs`, and the symbols to `symbols`.
pub fn strip(program: &Path, programs: &Path, symbols: &Path) -> Result<Stripped, ImageError> {
    let name = program.file_name().unwrap_or_default();
    for folder in [programs, symbols] {
        fs::create_dir_all(folder).map_err(ImageError::file("create", folder))?;
    }
    let mut kept = name.to_owned();
    kept.push(".debug");
    let stripped = Stripped { program: programs.join(name), symbols: symbols.join(kept) };
    objcopy(&["--only-keep-debug"], program, &stripped.symbols)?;
    let link = format!("--add-gnu-debuglink={}", stripped.symbols.display());
    objcopy(&["--strip-all", &link], program, &stripped.program)?;
    Ok(stripped)
}

fn objcopy(options: &[&str], from: &Path, to: &Path) -> Result<(), ImageError> {
    let output = Command::new("objcopy")
        .args(options)
        .args([from, to])
        .output()
        .map_err(|source| ImageError::Start { program: "objcopy", source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(ImageError::Command { command: format!("objcopy {} {}", options.join(" "), from.display()), output: said })
}

/// The paths in what `ldd` prints: `NAME => PATH (ADDRESS)` or, for the loader, `PATH (ADDRESS)`. A static program has none.
pub(crate) fn libraries(program: &Path, architecture: &'static str) -> Result<Vec<String>, ImageError> {
    let foreign = || ImageError::Architecture { path: program.to_owned(), wanted: architecture };
    if architecture_of(program)? != Some(architecture) || architecture != crate::image::HOST {
        return Err(foreign());
    }
    let output =
        Command::new("ldd").arg(program).output().map_err(|source| ImageError::Start { program: "ldd", source })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.contains("not found") {
        return Err(ImageError::Command { command: format!("ldd {}", program.display()), output: text });
    }
    let paths = text.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')));
    Ok(paths.map(str::to_owned).collect())
}

/// What the header of an ELF file says (`e_machine`), as OCI names it.
fn architecture_of(program: &Path) -> Result<Option<&'static str>, ImageError> {
    let mut header = Vec::new();
    let read = File::open(program).and_then(|file| file.take(20).read_to_end(&mut header));
    read.map_err(ImageError::file("read", program))?;
    Ok(match (header.starts_with(b"\x7fELF"), header.get(18..20)) {
        (true, Some([62, 0])) => Some("amd64"),
        (true, Some([183, 0])) => Some("arm64"),
        _ => None,
    })
}
