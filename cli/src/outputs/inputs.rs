//! The inputs of a command, by device and inode: links, hard links and `/dev/fd/N` are other names of the same file.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, Metadata},
    io,
    os::{
        fd::AsFd,
        unix::fs::{FileTypeExt as _, MetadataExt as _},
    },
    path::{Path, PathBuf},
};

/// The most files of a folder that are compared.
const MAX_FILES: usize = 100_000;
/// How deep folders are searched.
const MAX_DEPTH: usize = 16;

/// A file, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

/// The inputs of a command.
#[derive(Debug, Default)]
pub(crate) struct Inputs(Vec<Input>);

#[derive(Debug)]
struct Input {
    flag: &'static str,
    path: PathBuf,
    /// The extensions of the files that are read in a folder; empty for all files.
    extensions: &'static [&'static str],
}

impl Identity {
    pub(super) fn from_metadata(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// The identity of an open file; none for a terminal and the like, which can be read and written at once.
    pub(super) fn from_open_file(file: impl AsFd) -> Option<(Self, Metadata)> {
        let file = File::from(file.as_fd().try_clone_to_owned().ok()?);
        let metadata = file.metadata().ok()?;
        (!metadata.file_type().is_char_device()).then(|| (Self::from_metadata(&metadata), metadata))
    }
}

impl Inputs {
    /// Adds the file that `flag` names; `-` is standard input.
    pub(crate) fn file(mut self, flag: &'static str, path: Option<&Path>) -> Self {
        self.0.extend(path.map(|path| Input { flag, path: path.to_owned(), extensions: &[] }));
        self
    }

    /// Adds the files that `flag` names.
    pub(crate) fn files(mut self, flag: &'static str, paths: &[PathBuf]) -> Self {
        self.0.extend(paths.iter().map(|path| Input { flag, path: path.clone(), extensions: &[] }));
        self
    }

    /// Adds the folder that `flag` names, of which files with these extensions are read, or all if none is given.
    pub(crate) fn folder(
        mut self,
        flag: &'static str,
        path: Option<&Path>,
        extensions: &'static [&'static str],
    ) -> Self {
        self.0.extend(path.map(|path| Input { flag, path: path.to_owned(), extensions }));
        self
    }

    /// Adds the folder of a register.
    pub(crate) fn register(self, folder: Option<&Path>) -> Self {
        self.folder("--register", folder, &["yaml", "yml"])
    }

    /// Adds a folder with location datasets.
    pub(crate) fn locations(self, folder: Option<&Path>) -> Self {
        self.folder("--locations", folder, &["json", "mmdb"])
    }

    /// All files that will be read, with their names for messages. Missing inputs are reported when they are opened.
    pub(super) fn identities(&self) -> HashMap<Identity, String> {
        let mut found = HashMap::new();
        for Input { flag, path, extensions } in &self.0 {
            let named = flag_and_path(flag, path);
            if path.as_os_str() == "-" {
                if let Some((identity, _)) = Identity::from_open_file(io::stdin()) {
                    found.entry(identity).or_insert(named);
                }
                continue;
            }
            let Ok(metadata) = fs::metadata(path) else { continue };
            if metadata.is_dir() {
                let is_read = |file: &Path| {
                    extensions.is_empty()
                        || file.extension().is_some_and(|it| extensions.iter().any(|known| it == *known))
                };
                for (identity, file) in files_below(path).into_iter().filter(|(_, file)| is_read(file)) {
                    found.entry(identity).or_insert_with(|| format!("{} of {named}", file.display()));
                }
            }
            if !metadata.file_type().is_char_device() {
                found.entry(Identity::from_metadata(&metadata)).or_insert(named);
            }
        }
        found
    }
}

/// A flag with its value, as people typed it.
pub(super) fn flag_and_path(flag: &str, path: &Path) -> String {
    format!("{flag} {}", path.display())
}

/// The files in a folder and its subfolders, as far as they can be listed.
pub(super) fn files_below(folder: &Path) -> Vec<(Identity, PathBuf)> {
    let mut found = Vec::new();
    list(folder, &mut HashSet::new(), 0, &mut found);
    found
}

fn list(folder: &Path, seen: &mut HashSet<Identity>, depth: usize, found: &mut Vec<(Identity, PathBuf)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if found.len() >= MAX_FILES {
            return;
        }
        // Links are followed, as they would be when reading.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        let identity = Identity::from_metadata(&metadata);
        if !metadata.is_dir() {
            found.push((identity, path));
        } else if depth < MAX_DEPTH && seen.insert(identity) {
            list(&path, seen, depth + 1, found);
        }
    }
}
