//! Opens what a command writes, so that nothing that was there is lost.
//!
//! All is checked before anything is read, made or cut: no output may be an input, nor another output, by whatever name; a
//! file that holds something is replaced only where that was asked for; a ledger is gone on with only where it is one, and
//! this one's. What is written as a whole is written beside its place and put there when it is finished.

mod error;
mod file;
mod inputs;
mod ledger;

use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
};

pub(crate) use self::{
    error::OutputError,
    file::{Manner, OutputFile},
    inputs::Inputs,
    ledger::SIGNING_KEY,
};
use self::{
    file::Target,
    inputs::{Identity, called},
};

/// What a command writes, checked one after the other.
#[derive(Debug)]
pub(crate) struct Outputs {
    inputs: HashMap<Identity, String>,
    taken: Vec<Taken>,
}

/// An output that was checked.
#[derive(Debug)]
struct Taken {
    named: String,
    identity: Option<Identity>,
    /// Where it will be, links resolved.
    place: Option<PathBuf>,
}

/// A file to write, checked; nothing was made yet.
#[derive(Debug)]
pub(crate) struct PlannedFile {
    named: String,
    target: Target,
    manner: Manner,
}

impl Outputs {
    /// Checks standard output against what will be read.
    pub(crate) fn beside(inputs: &Inputs) -> Result<Self, OutputError> {
        let mut outputs = Self { inputs: inputs.identities(), taken: Vec::new() };
        if let Some((identity, metadata)) = Identity::of_open(io::stdout()) {
            // Both ends of one pipe are one file, too; nothing is lost there.
            if let Some(input) = outputs.inputs.get(&identity).filter(|_| metadata.is_file()) {
                return Err(OutputError::StdoutIsInput { input: input.clone() });
            }
            let named = "standard output, where the results go".to_owned();
            outputs.taken.push(Taken { named, identity: Some(identity), place: None });
        }
        Ok(outputs)
    }

    /// A file that `flag` names. One that holds something is replaced if `force`.
    pub(crate) fn file(
        &mut self,
        flag: &str,
        path: &Path,
        force: bool,
        manner: Manner,
    ) -> Result<PlannedFile, OutputError> {
        let named = called(flag, path);
        let output = || named.clone();
        let unreadable = |source| OutputError::Unreadable { output: output(), source };
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if path.symlink_metadata().is_ok() {
                    return Err(OutputError::LeadsNowhere { output: output() });
                }
                let place = place_of(path).map_err(|folder| OutputError::NoFolder { output: output(), folder })?;
                self.take(&named, None, Some(place.clone()))?;
                return Ok(PlannedFile { named, target: Target::New(place), manner });
            }
            Err(error) => return Err(unreadable(error)),
        };
        let kind = metadata.file_type();
        if kind.is_dir() {
            return Err(OutputError::IsFolder { output: output() });
        }
        if kind.is_block_device() || kind.is_socket() {
            return Err(OutputError::IsDevice { output: output() });
        }
        if kind.is_char_device() {
            return Ok(PlannedFile { named, target: Target::Open(path.to_owned()), manner });
        }
        let identity = Identity::of(&metadata);
        // Of `/dev/fd/N` the name that it has, if it has one.
        let place = fs::canonicalize(path).ok().filter(|place| {
            fs::symlink_metadata(place).is_ok_and(|metadata| metadata.is_file() && Identity::of(&metadata) == identity)
        });
        self.take(&named, Some(identity), place.clone())?;
        if kind.is_fifo() {
            return Ok(PlannedFile { named, target: Target::Open(path.to_owned()), manner });
        }
        // An empty file, as `mktemp` makes it, holds nothing that could be lost.
        if metadata.len() > 0 && !force {
            return Err(OutputError::Exists { output: output(), length: metadata.len() });
        }
        let target = place.map_or_else(|| Target::Open(path.to_owned()), Target::Replaced);
        Ok(PlannedFile { named, target, manner })
    }

    /// Notes an output that is neither an input nor another output.
    fn take(&mut self, named: &str, identity: Option<Identity>, place: Option<PathBuf>) -> Result<(), OutputError> {
        let output = || named.to_owned();
        if let Some(input) = identity.and_then(|identity| self.inputs.get(&identity)) {
            return Err(OutputError::IsInput { output: output(), input: input.clone() });
        }
        let is_same = |other: &&Taken| {
            (identity.is_some() && other.identity == identity) || (place.is_some() && other.place == place)
        };
        if let Some(other) = self.taken.iter().find(is_same) {
            return Err(OutputError::IsOutput { output: output(), other: other.named.clone() });
        }
        self.taken.push(Taken { named: output(), identity, place });
        Ok(())
    }
}

impl PlannedFile {
    /// Opens it; of one that is written as a whole nothing is seen in its place before it is finished.
    pub(crate) fn open(self) -> anyhow::Result<OutputFile> {
        let Self { named, target, manner } = self;
        OutputFile::open(named, target, manner)
    }
}

/// The place of a file that is not there, links to its folder resolved; else the folder that is missing.
fn place_of(path: &Path) -> Result<PathBuf, PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| folder.to_owned())?;
    fs::canonicalize(folder).map(|folder| folder.join(name)).map_err(|_| folder.to_owned())
}
