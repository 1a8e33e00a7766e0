//! The file of the last good forms, on the operator's volume.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use landfall_evidence::Digest;
use tracing::{error, info, warn};

use super::last_good_forms::{LastGoodForm, read, write};

/// Enough for a register of tens of thousands of objects.
const MAX_BYTES: u64 = 256 << 20;

/// The file, and what stands in it.
#[derive(Debug)]
pub(super) struct LastGoodFile {
    path: PathBuf,
    /// Digest of the objects in the file; `None` if it is not known.
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
                warn!(%path, %error, "Failed to read the last good forms of objects, those of before the start are lost");
                return Vec::new();
            }
        };
        match read(&bytes) {
            Ok((digest, kept)) => {
                info!(objects = kept.len(), "Read the last good forms of objects");
                self.written = Some(digest);
                kept
            }
            Err(error) => {
                warn!(%path, %error, "The last good forms of objects do not read, those of before the start are lost");
                Vec::new()
            }
        }
    }

    /// Writes the objects, unless the file already holds them.
    pub(super) fn write(&mut self, kept: &[LastGoodForm]) {
        let (digest, bytes) = write(kept);
        if self.written == Some(digest) {
            return;
        }
        match replace(&self.path, &bytes) {
            Ok(()) => (self.written, self.is_failing) = (Some(digest), false),
            Err(error) => {
                // It is tried again every few seconds.
                if !self.is_failing {
                    error!(path = %self.path.display(), %error, "Failed to keep the last good forms of objects");
                }
                (self.written, self.is_failing) = (None, true);
            }
        }
    }

    /// Whether what was to be kept is on the disk.
    pub(super) fn is_failing(&self) -> bool {
        self.is_failing
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Replaces a file atomically: it is synced and then renamed, or the old one stays.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotADirectory)?;
    // The ledger creates the folder only when this replica leads.
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("unfinished");
    let attempt =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, path)
        });
    if attempt.is_err() {
        // The disk may be full.
        let _ = fs::remove_file(&beside);
    }
    attempt?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept() -> Vec<LastGoodForm> {
        ["acme", "other"]
            .map(|name| LastGoodForm { uid: name.to_owned(), object: json!({ "kind": "Recipient" }) })
            .to_vec()
    }

    #[test]
    fn a_file_is_written_when_it_says_something_else_and_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger/register.ndjson");
        let mut file = LastGoodFile::new(path.clone());
        assert_eq!(file.read(), []);
        file.write(&kept());
        let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).unwrap());
        let first = inode();
        let mut again = LastGoodFile::new(path.clone());
        assert_eq!(again.read(), kept());
        again.write(&kept());
        assert_eq!(inode(), first);
        again.write(&kept()[..1]);
        assert_eq!((LastGoodFile::new(path.clone()).read(), inode() == first), (kept()[..1].to_vec(), false));

        // What stands in the way is said once, and tried again.
        fs::create_dir(path.with_extension("unfinished")).unwrap();
        again.write(&kept());
        assert!(again.is_failing());
        assert_eq!(LastGoodFile::new(path.clone()).read(), kept()[..1]);
        fs::remove_dir(path.with_extension("unfinished")).unwrap();
        again.write(&kept());
        assert_eq!((again.is_failing(), LastGoodFile::new(path).read()), (false, kept()));
    }
}
