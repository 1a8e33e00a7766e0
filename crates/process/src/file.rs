//! Files that are there whole or not at all, and locks.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use tempfile::TempPath;

/// The suffix of files that are being written.
pub const UNFINISHED: &str = ".unfinished";

/// How often a lock is asked for, and how long to wait between: half a second in all.
const LOCK_ATTEMPTS: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A file that is written beside its place and put there when it is whole. Dropped before, it goes, and what stood in its
/// place stays; a process that is killed leaves it, with the suffix [`UNFINISHED`].
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    unfinished: TempPath,
    target: PathBuf,
}

impl AtomicFile {
    /// For a file that one process writes at a time: `TARGET.unfinished`. What a killed process left there goes. `mode` is
    /// narrowed by the mask of the process.
    pub fn create(target: &Path, mode: u32) -> io::Result<Self> {
        let unfinished = unfinished(target);
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
        Ok(Self { file, unfinished: TempPath::try_from_path(unfinished)?, target: target.to_owned() })
    }

    /// For a file that several processes may write at a time: a name that nobody else has, `.TARGET.RANDOM.unfinished`.
    pub fn create_unique(target: &Path, mode: u32) -> io::Result<Self> {
        let mut prefix = OsString::from(".");
        prefix.push(target.file_name().unwrap_or_default());
        prefix.push(".");
        let unfinished = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(UNFINISHED)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder_of(target))?;
        let (file, unfinished) = unfinished.into_parts();
        Ok(Self { file, unfinished, target: target.to_owned() })
    }

    /// The file, to write into.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Puts the file in its place, in the stead of what is there. It outlives a crash of the machine.
    pub fn persist(self) -> io::Result<()> {
        let Self { file, unfinished, target } = self;
        file.sync_all()?;
        unfinished.persist(&target)?;
        sync_parent(&target)
    }

    /// The same, unless something is there by now.
    pub fn persist_new(self) -> io::Result<()> {
        let Self { file, unfinished, target } = self;
        file.sync_all()?;
        unfinished.persist_noclobber(&target)?;
        sync_parent(&target)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Replaces a file that one process writes at a time: after a crash the old one is there or the new one.
pub fn replace(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path, mode)?;
    file.write_all(bytes)?;
    file.persist()
}

/// The path of a file while it is being written.
pub fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// Syncs the folder of a path: a name is durable only then.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    sync_folder(folder_of(path))
}

/// Syncs the names in a folder.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all())
}

/// Opens a lock file, made if need be, and locks it. Others are kept out until it is dropped; the kernel lets go if the
/// process dies. Waits half a second at most for another holder.
pub fn lock(path: &Path, mode: u32) -> Result<File, TryLockError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(mode).open(path);
    let file = file.map_err(TryLockError::Error)?;
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A child that was just forked holds what its parent held until it runs its program.
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(error) => return Err(error),
        }
    }
    Err(TryLockError::WouldBlock)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests;
