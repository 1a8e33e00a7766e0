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
    /// It appears when it is finished; until then an earlier file stays in its place.
    Whole,
    /// It grows in its place, for people who watch it.
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

/// A file being written. If it is dropped unfinished an earlier file stays in place, or a note says where this one ends.
#[derive(Debug)]
pub(crate) struct OutputFile {
    named: String,
    out: BufWriter<File>,
    lines: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Written beside its place and moved there at the end.
    Beside { beside: AtomicFile, replaces: bool },
    /// Written in its place.
    There,
    /// Finished.
    Done,
}

impl OutputFile {
    pub(super) fn open(named: String, target: Target, manner: Manner) -> anyhow::Result<Self> {
        let cannot = format!("{named}: cannot be made");
        let (file, place) = match (target, manner) {
            (Target::New(place), Manner::Whole) => beside(&place, false).context(cannot)?,
            (Target::Replaced(place), Manner::Whole) => beside(&place, true).context(cannot)?,
            (Target::New(place), Manner::Streamed) => {
                let file = OpenOptions::new().write(true).create_new(true).open(place).context(cannot)?;
                (file, Place::There)
            }
            (Target::Replaced(place) | Target::Open(place), _) => {
                let file = OpenOptions::new().write(true).open(&place).context(cannot.clone())?;
                if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
                    file.set_len(0).context(cannot)?;
                }
                (file, Place::There)
            }
        };
        Ok(Self { named, out: BufWriter::new(file), lines: 0, place })
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
        if matches!(self.place, Place::Beside { replaces: true, .. }) {
            return Ok(());
        }
        let (named, lines) = (self.named.clone(), self.lines);
        self.finish()?;
        diagnostics::note(format_args!("{named} is cut: this run did not read everything; {lines} lines"));
        Ok(())
    }

    /// Finishes the file and moves it to its place.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        if let Place::Beside { beside, replaces } = std::mem::replace(&mut self.place, Place::Done) {
            // A file that somebody else created there meanwhile is not overwritten.
            let put = if replaces { beside.persist() } else { beside.persist_new() };
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
        let Self { named, lines, place, .. } = self;
        match place {
            Place::Done => {}
            Place::Beside { replaces: true, .. } => {
                diagnostics::note(format_args!("{named} is as it was before this run"));
            }
            Place::Beside { replaces: false, .. } => diagnostics::note(format_args!("{named} was not made")),
            Place::There => diagnostics::note(format_args!("{named} is cut: this run failed after {lines} lines")),
        }
    }
}

/// A temporary file beside the place, removed unless it is moved there.
fn beside(place: &Path, replaces: bool) -> io::Result<(File, Place)> {
    let mode = if replaces { fs::metadata(place)?.permissions().mode() & 0o7777 } else { 0o666 };
    let beside = AtomicFile::create_unique(place, mode)?;
    if replaces {
        // The replaced file had these permissions, whatever the umask.
        beside.file().set_permissions(Permissions::from_mode(mode))?;
    }
    let file = beside.file().try_clone()?;
    Ok((file, Place::Beside { beside, replaces }))
}
