//! Opens the outputs of a command so that no existing data is lost.
//!
//! Everything is checked before anything is read, created or truncated: an output must not be an input or another output,
//! under whatever name; a file with content is replaced on request only; a ledger is continued only if it is one, of the
//! same key and cluster. A file that is not streamed is written to a temporary file and renamed when finished.

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
    inputs::{Identity, flag_and_path},
};

/// The outputs of a command, checked one after the other.
#[derive(Debug)]
pub(crate) struct Outputs {
    inputs: HashMap<Identity, String>,
    claimed: Vec<ClaimedOutput>,
}

/// An output that was checked.
#[derive(Debug)]
struct ClaimedOutput {
    named: String,
    identity: Option<Identity>,
    /// Where it will be, with links resolved.
    place: Option<PathBuf>,
}

/// A file to write, checked but not created yet.
#[derive(Debug)]
pub(crate) struct PlannedFile {
    named: String,
    target: Target,
    manner: Manner,
}

impl Outputs {
    /// Checks standard output against the inputs.
    pub(crate) fn checked_against(inputs: &Inputs) -> Result<Self, OutputError> {
        let mut outputs = Self { inputs: inputs.identities(), claimed: Vec::new() };
        if let Some((identity, metadata)) = Identity::from_open_file(io::stdout()) {
            // Both ends of a pipe are the same file, too, but nothing is lost there.
            if let Some(input) = outputs.inputs.get(&identity).filter(|_| metadata.is_file()) {
                return Err(OutputError::StdoutIsInput { input: input.clone() });
            }
            let named = "standard output, where the results go".to_owned();
            outputs.claimed.push(ClaimedOutput { named, identity: Some(identity), place: None });
        }
        Ok(outputs)
    }

    /// The file that `flag` names. A file with content is replaced only with `force`.
    pub(crate) fn file(
        &mut self,
        flag: &str,
        path: &Path,
        force: bool,
        manner: Manner,
    ) -> Result<PlannedFile, OutputError> {
        let named = flag_and_path(flag, path);
        let output = || named.clone();
        let unreadable = |source| OutputError::Unreadable { output: output(), source };
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if path.symlink_metadata().is_ok() {
                    return Err(OutputError::LeadsNowhere { output: output() });
                }
                let place = resolved_path(path).map_err(|folder| OutputError::NoFolder { output: output(), folder })?;
                self.claim(&named, None, Some(place.clone()))?;
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
        let identity = Identity::from_metadata(&metadata);
        // For `/dev/fd/N`, the name of the open file, if it still has one.
        let place = fs::canonicalize(path).ok().filter(|place| {
            fs::symlink_metadata(place)
                .is_ok_and(|metadata| metadata.is_file() && Identity::from_metadata(&metadata) == identity)
        });
        self.claim(&named, Some(identity), place.clone())?;
        if kind.is_fifo() {
            return Ok(PlannedFile { named, target: Target::Open(path.to_owned()), manner });
        }
        // An empty file, such as from `mktemp`, holds nothing that could be lost.
        if metadata.len() > 0 && !force {
            return Err(OutputError::Exists { output: output(), length: metadata.len() });
        }
        let target = place.map_or_else(|| Target::Open(path.to_owned()), Target::Replaced);
        Ok(PlannedFile { named, target, manner })
    }

    /// Claims an output that is neither an input nor another output.
    fn claim(&mut self, named: &str, identity: Option<Identity>, place: Option<PathBuf>) -> Result<(), OutputError> {
        let output = || named.to_owned();
        if let Some(input) = identity.and_then(|identity| self.inputs.get(&identity)) {
            return Err(OutputError::IsInput { output: output(), input: input.clone() });
        }
        let is_same = |other: &&ClaimedOutput| {
            (identity.is_some() && other.identity == identity) || (place.is_some() && other.place == place)
        };
        if let Some(other) = self.claimed.iter().find(is_same) {
            return Err(OutputError::IsOutput { output: output(), other: other.named.clone() });
        }
        self.claimed.push(ClaimedOutput { named: output(), identity, place });
        Ok(())
    }
}

impl PlannedFile {
    /// Opens it. A file that is written as a whole appears in its place when it is finished.
    pub(crate) fn open(self) -> anyhow::Result<OutputFile> {
        let Self { named, target, manner } = self;
        OutputFile::open(named, target, manner)
    }
}

/// The path of a file to create, with links to its folder resolved; or the folder that is missing.
fn resolved_path(path: &Path) -> Result<PathBuf, PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| folder.to_owned())?;
    fs::canonicalize(folder).map(|folder| folder.join(name)).map_err(|_| folder.to_owned())
}
