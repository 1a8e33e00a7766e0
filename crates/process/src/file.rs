//! Files that are written completely or not at all, and locks.

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

/// How often to try to acquire a lock, and how long to wait between attempts: half a second in all.
const LOCK_ATTEMPTS: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A temporary file that is written next to its target and renamed to it when it is complete. Dropping it before
/// removes it and leaves the target as it was. A process that is killed leaves the temporary file behind, with the
/// suffix [`UNFINISHED`].
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    unfinished: TempPath,
    target: PathBuf,
}

impl AtomicFile {
    /// For a target that one process writes at a time: the temporary file is `TARGET.unfinished`. One that a killed
    /// process left is removed. The umask of the process applies to `mode`.
    pub fn create(target: &Path, mode: u32) -> io::Result<Self> {
        let unfinished = unfinished(target);
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
        Ok(Self { file, unfinished: TempPath::try_from_path(unfinished)?, target: target.to_owned() })
    }

    /// For a target that several processes may write at a time: the temporary file has a unique name,
    /// `.TARGET.RANDOM.unfinished`.
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

    /// The temporary file, to write to.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Renames the file to its target, replacing what is there. The result survives a crash of the machine.
    pub fn persist(self) -> io::Result<()> {
        let Self { file, unfinished, target } = self;
        file.sync_all()?;
        unfinished.persist(&target)?;
        sync_parent(&target)
    }

    /// The same, but fails if the target exists by now.
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

/// Atomically replaces a file that one process writes at a time: after a crash it has the old content or the new.
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

/// Syncs the folder that contains a path: only then is the name durable.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    sync_folder(folder_of(path))
}

/// Syncs a folder, so that the names in it are durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all())
}

/// Opens a lock file, creates it if necessary, and locks it exclusively until the result is dropped; the kernel
/// releases the lock if the process dies. Waits at most half a second for another holder.
pub fn lock(path: &Path, mode: u32) -> Result<File, TryLockError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(mode).open(path);
    let file = file.map_err(TryLockError::Error)?;
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A child that was just forked shares its parent's locks until it calls exec.
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
