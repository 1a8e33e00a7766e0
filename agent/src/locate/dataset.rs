//! A dataset file that is reloaded when it changes.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{LocateError, MAX_DATASET_BYTES};

/// A type that can be loaded from a file.
pub(super) trait Dataset: Sized {
    /// Reads `bytes`, the contents of `path`.
    fn load(path: &Path, bytes: Vec<u8>) -> Result<Self, LocateError>;
}

/// A file and its last valid contents.
#[derive(Debug)]
pub(super) struct ReloadingDataset<T> {
    path: PathBuf,
    stamp: Option<FileVersion>,
    value: T,
}

/// Modification time and size, by which a change is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileVersion {
    modified: Option<SystemTime>,
    len: u64,
}

impl<T: Dataset> ReloadingDataset<T> {
    pub(super) fn open(path: &Path) -> Result<Self, LocateError> {
        // Taken before the contents, so that a change between the two is noticed later.
        let stamp = stamp(path).ok();
        Ok(Self { path: path.to_owned(), stamp, value: T::load(path, read_bounded(path)?)? })
    }

    /// Contents without a file.
    #[cfg(test)]
    pub(super) fn fixed(path: &Path, value: T) -> Self {
        Self { path: path.to_owned(), stamp: None, value }
    }

    pub(super) fn get(&self) -> &T {
        &self.value
    }

    /// Reloads the file if it has changed; returns whether its contents were replaced. The stamp of an invalid file is
    /// kept too, so that it is reported once and not at every call.
    pub(super) fn refresh(&mut self) -> Result<bool, LocateError> {
        let stamp = stamp(&self.path);
        let seen = stamp.as_ref().ok().copied();
        if seen == self.stamp {
            return Ok(false);
        }
        self.stamp = seen;
        stamp.map_err(|source| LocateError::Read { path: self.path.clone(), source })?;
        self.value = T::load(&self.path, read_bounded(&self.path)?)?;
        Ok(true)
    }
}

fn stamp(path: &Path) -> io::Result<FileVersion> {
    let metadata = fs::metadata(path)?;
    Ok(FileVersion { modified: metadata.modified().ok(), len: metadata.len() })
}

/// The contents of a file, unless it is too large.
pub(super) fn read_bounded(path: &Path) -> Result<Vec<u8>, LocateError> {
    let fail = |source| LocateError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    if file.metadata().map_err(fail)?.len() <= MAX_DATASET_BYTES {
        // The limit also applies to growing files and to devices, which have no length.
        file.take(MAX_DATASET_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
        if bytes.len() as u64 <= MAX_DATASET_BYTES {
            return Ok(bytes);
        }
    }
    Err(LocateError::TooLarge { path: path.to_owned() })
}

/// A dataset's name in evidence: its file's name, never a path.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
