use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use landfall_process::file::AtomicFile;

use crate::diagnostics;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It is renamed to its final name when it is finished; until then an earlier file is kept.
    Atomic,
    /// It is written directly, so that people can follow it.
    Streamed,
}

/// Where a file will be, checked.
#[derive(Debug)]
pub(super) enum Target {
    /// Nothing exists there.
    New(PathBuf),
    /// An existing regular file, with links resolved, that may be replaced.
    Replaced(PathBuf),
    /// A pipe, a terminal, or an open file without a name.
    Open(PathBuf),
}

/// A file being written. If it is dropped unfinished, an earlier file is kept, or a note says that this one is
/// incomplete.
#[derive(Debug)]
pub(crate) struct OutputFile {
    named: String,
    out: BufWriter<File>,
    lines: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Written to a temporary file in the same folder, which is renamed at the end.
    Temporary { temporary: AtomicFile, replaces: bool },
    /// Written directly.
    Direct,
    /// Finished.
    Done,
}

impl OutputFile {
    pub(super) fn open(named: String, target: Target, manner: Manner) -> anyhow::Result<Self> {
        let cannot = format!("{named}: cannot be created");
        let (file, state) = match (target, manner) {
            (Target::New(place), Manner::Atomic) => temporary(&place, false).context(cannot)?,
            (Target::Replaced(place), Manner::Atomic) => temporary(&place, true).context(cannot)?,
            (Target::New(place), Manner::Streamed) => {
                let file = OpenOptions::new().write(true).create_new(true).open(place).context(cannot)?;
                (file, State::Direct)
            }
            (Target::Replaced(place) | Target::Open(place), _) => {
                let file = OpenOptions::new().write(true).open(&place).context(cannot.clone())?;
                if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                    file.set_len(0).context(cannot)?;
                }
                (file, State::Direct)
            }
        };
        Ok(Self { named, out: BufWriter::new(file), lines: 0, state })
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{line}").with_context(|| self.cannot())?;
        self.lines += 1;
        Ok(())
    }

    /// Flushes what was written so far.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        self.out.flush().with_context(|| self.cannot())
    }

    /// Ends the file of a run that did not read all its input: it never replaces an older file.
    pub(crate) fn finish_cut(self) -> anyhow::Result<()> {
        if matches!(self.state, State::Temporary { replaces: true, .. }) {
            return Ok(());
        }
        let (named, lines) = (self.named.clone(), self.lines);
        self.finish()?;
        diagnostics::note(format_args!("{named} is incomplete: this run did not read everything; {lines} lines"));
        Ok(())
    }

    /// Finishes the file and moves it to its place.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        if let State::Temporary { temporary, replaces } = std::mem::replace(&mut self.state, State::Done) {
            // A file that somebody else created in the meantime is not overwritten.
            let put = if replaces { temporary.persist() } else { temporary.persist_new() };
            put.with_context(|| self.cannot())?;
        }
        Ok(())
    }

    fn cannot(&self) -> String {
        format!("{}: cannot be written", self.named)
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        let Self { named, lines, state, .. } = self;
        match state {
            State::Done => {}
            State::Temporary { replaces: true, .. } => {
                diagnostics::note(format_args!("{named} is unchanged"));
            }
            State::Temporary { replaces: false, .. } => diagnostics::note(format_args!("{named} was not created")),
            State::Direct => {
                diagnostics::note(format_args!("{named} is incomplete: this run failed after {lines} lines"));
            }
        }
    }
}

/// A temporary file in the folder of `place`, removed unless it is renamed to it.
fn temporary(place: &Path, replaces: bool) -> io::Result<(File, State)> {
    let mode = if replaces { fs::metadata(place)?.permissions().mode() & 0o7777 } else { 0o666 };
    let temporary = AtomicFile::create_unique(place, mode)?;
    if replaces {
        // The replaced file had these permissions, whatever the umask.
        temporary.file().set_permissions(Permissions::from_mode(mode))?;
    }
    let file = temporary.file().try_clone()?;
    Ok((file, State::Temporary { temporary, replaces }))
}
