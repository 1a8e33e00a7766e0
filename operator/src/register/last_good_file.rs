//! The file with the last good versions, on the operator's volume.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use landfall_evidence::Digest;
use landfall_process::file;
use tracing::{error, info, warn};

use super::last_good_forms::{LastGoodForm, read, write};

/// Enough for a register of tens of thousands of objects.
const MAX_BYTES: u64 = 256 << 20;

/// The file, with the digest of its content.
#[derive(Debug)]
pub(super) struct LastGoodFile {
    path: PathBuf,
    /// Digest of the objects in the file, if known.
    written: Option<Digest>,
    is_failing: bool,
}

// === impl LastGoodFile ===

impl LastGoodFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, written: None, is_failing: false }
    }

    /// The objects in the file; none if it cannot be read.
    pub(super) fn read(&mut self) -> Vec<LastGoodForm> {
        let path = self.path.display();
        let bytes = match read_bounded(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                warn!(%path, %error, "Failed to read the last good versions of objects; those from before the start are lost");
                return Vec::new();
            }
        };
        match read(&bytes) {
            Ok((digest, saved)) => {
                info!(objects = saved.len(), "Read the last good versions of objects");
                self.written = Some(digest);
                saved
            }
            Err(error) => {
                warn!(%path, %error, "Failed to parse the last good versions of objects; those from before the start are lost");
                Vec::new()
            }
        }
    }

    /// Writes the objects, unless the file already holds them.
    pub(super) fn write(&mut self, saved: &[LastGoodForm]) {
        let (digest, bytes) = write(saved);
        if self.written == Some(digest) {
            return;
        }
        match replace(&self.path, &bytes) {
            Ok(()) => (self.written, self.is_failing) = (Some(digest), false),
            Err(error) => {
                // It is retried every few seconds, and logged once.
                if !self.is_failing {
                    error!(path = %self.path.display(), %error, "Failed to save the last good versions of objects");
                }
                (self.written, self.is_failing) = (None, true);
            }
        }
    }

    /// Whether the last write failed.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Replaces the file; the ledger creates its folder only when this replica leads.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().ok_or(io::ErrorKind::NotADirectory)?)?;
    file::replace(path, 0o600, bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn saved() -> Vec<LastGoodForm> {
        ["acme", "other"]
            .map(|name| LastGoodForm { uid: name.to_owned(), object: json!({ "kind": "Recipient" }) })
            .to_vec()
    }

    #[test]
    fn a_file_is_written_only_when_its_content_changes_and_replaced_atomically() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger/register.ndjson");
        let mut empty = LastGoodFile::new(path.clone());
        assert_eq!(empty.read(), []);
        empty.write(&saved());
        let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).unwrap());
        let first = inode();
        let mut again = LastGoodFile::new(path.clone());
        assert_eq!(again.read(), saved());
        again.write(&saved());
        assert_eq!(inode(), first);
        again.write(&saved()[..1]);
        assert_eq!((LastGoodFile::new(path.clone()).read(), inode() == first), (saved()[..1].to_vec(), false));

        // A failure is logged once and retried.
        fs::create_dir(file::unfinished(&path)).unwrap();
        again.write(&saved());
        assert!(again.is_failing());
        assert_eq!(LastGoodFile::new(path.clone()).read(), saved()[..1]);
        fs::remove_dir(file::unfinished(&path)).unwrap();
        again.write(&saved());
        assert_eq!((again.is_failing(), LastGoodFile::new(path).read()), (false, saved()));
    }
}
