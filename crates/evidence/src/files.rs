//! The ledger's folder: names of files, and atomic writes.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use landfall_process::file::{self, AtomicFile, UNFINISHED};

use crate::{Class, FORMAT, LedgerError, ManifestError, SignedManifest, kill_point, manifest::MAX_MANIFEST};

/// File mode before the umask of the process: the folder decides who may read.
pub(crate) const MODE: u32 = 0o666;

/// The folder of a ledger.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// A segment's name: its number and its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// From 1, over all classes.
    pub number: u64,
    /// The class of its records.
    pub class: Class,
}

/// The three files of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The records.
    Data,
    /// The first bytes of the leaf hashes.
    Leaves,
    /// The signed manifest.
    Manifest,
}

/// The files in the folder of segments.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Manifests by number; the writer never creates two with the same number.
    pub(crate) manifests: BTreeMap<u64, Vec<SegmentName>>,
    /// Segments with a data file.
    pub(crate) data: BTreeMap<u64, Vec<SegmentName>>,
    /// Segments with a file of leaves.
    pub(crate) leaves: Vec<SegmentName>,
    /// Files of interrupted writes.
    pub(crate) unfinished: Vec<PathBuf>,
}

// === impl Folder ===

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn create(&self) -> Result<(), LedgerError> {
        let segments = self.segments();
        fs::create_dir_all(&segments).map_err(LedgerError::file(&segments))?;
        file::sync_folder(&self.root).map_err(LedgerError::file(&self.root))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("ledger.db")
    }

    pub(crate) fn public_key(&self) -> PathBuf {
        self.root.join("public-key.pem")
    }

    pub(crate) fn segments(&self) -> PathBuf {
        self.root.join("segments")
    }

    pub(crate) fn segment(&self, name: SegmentName, part: Part) -> PathBuf {
        self.segments().join(name.file(part))
    }

    /// Excludes every other writer until the file is dropped; the kernel releases the lock if the process dies.
    pub(crate) fn lock(&self) -> Result<File, LedgerError> {
        let path = self.root.join("ledger.lock");
        file::lock(&path, MODE).map_err(|error| match error {
            TryLockError::WouldBlock => LedgerError::Locked(self.root.clone()),
            TryLockError::Error(error) => LedgerError::file(&path)(error),
        })
    }

    /// Syncs the directory entries of the folder, and its own entry in its parent.
    pub(crate) fn sync(&self) -> Result<(), LedgerError> {
        let root = &self.root;
        file::sync_folder(root).and_then(|()| file::sync_parent(root)).map_err(LedgerError::file(root))
    }

    /// Syncs the directory entries of segments.
    pub(crate) fn sync_segments(&self) -> Result<(), LedgerError> {
        let segments = self.segments();
        file::sync_folder(&segments).map_err(LedgerError::file(&segments))
    }

    pub(crate) fn list(&self) -> Result<Listing, LedgerError> {
        let segments = self.segments();
        let mut listing = Listing::default();
        let entries = match fs::read_dir(&segments) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listing),
            Err(error) => return Err(LedgerError::file(&segments)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(LedgerError::file(&segments))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(UNFINISHED) {
                listing.unfinished.push(entry.path());
                continue;
            }
            match SegmentName::parse(name) {
                Some((name, Part::Manifest)) => listing.manifests.entry(name.number).or_default().push(name),
                Some((name, Part::Data)) => listing.data.entry(name.number).or_default().push(name),
                Some((name, Part::Leaves)) => listing.leaves.push(name),
                None => {}
            }
        }
        Ok(listing)
    }

    pub(crate) fn read_manifest(&self, name: SegmentName) -> Result<SignedManifest, LedgerError> {
        let path = self.segment(name, Part::Manifest);
        let bytes = read_bounded(&path, MAX_MANIFEST + 1).map_err(LedgerError::file(&path))?;
        SignedManifest::parse(&bytes).map_err(|source| match source {
            ManifestError::Later(found) => LedgerError::Later { path, what: "format", found, known: FORMAT.into() },
            source => LedgerError::Manifest { path, source },
        })
    }
}

// === impl SegmentName ===

impl SegmentName {
    /// The name of a file of it, such as `00000001-windows.leaves`.
    pub fn file(self, part: Part) -> String {
        let Self { number, class } = self;
        format!("{number:08}-{}.{}", class.name(), part.suffix())
    }

    /// Reads the name of a file; `None` if it is none of a segment's.
    pub fn parse(file: &str) -> Option<(Self, Part)> {
        let (digits, rest) = file.split_once('-')?;
        let (class, suffix) = rest.split_once('.')?;
        let class = class.parse().ok()?;
        let part = [Part::Data, Part::Leaves, Part::Manifest].into_iter().find(|part| part.suffix() == suffix)?;
        let name = Self { number: digits.parse().ok()?, class };
        // Each number has exactly one spelling.
        (name.number > 0 && name.file(part) == file).then_some((name, part))
    }
}

impl Part {
    fn suffix(self) -> &'static str {
        match self {
            Self::Data => "ndjson.zst",
            Self::Leaves => "leaves",
            Self::Manifest => "manifest.json",
        }
    }
}

/// Writes a file atomically.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8], written: &'static str) -> Result<(), LedgerError> {
    let attempt = AtomicFile::create(path, MODE).and_then(|mut file| {
        file.write_all(bytes)?;
        Ok(file)
    });
    put_in_place(attempt.map_err(LedgerError::file(path))?, path, written)
}

/// Moves a complete file to its final name.
pub(crate) fn put_in_place(file: AtomicFile, path: &Path, written: &'static str) -> Result<(), LedgerError> {
    file.file().sync_all().map_err(LedgerError::file(path))?;
    kill_point::pass(written);
    file.persist().map_err(LedgerError::file(path))
}

/// Removes a file; one that does not exist is no error.
pub(crate) fn remove(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LedgerError::file(path)(error)),
        _ => Ok(()),
    }
}

/// The first `limit` bytes of a file.
pub(crate) fn read_bounded(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for class in Class::ALL {
            for number in [1, 99_999_999, 100_000_000] {
                for part in [Part::Data, Part::Leaves, Part::Manifest] {
                    let name = SegmentName { number, class };
                    assert_eq!(SegmentName::parse(&name.file(part)), Some((name, part)));
                }
            }
        }
        for bad in ["", "1-windows.leaves", "00000000-windows.leaves", "0000001x-windows.leaves", "00000001-raw.leaves"]
        {
            assert_eq!(SegmentName::parse(bad), None, "{bad}");
        }
    }
}
