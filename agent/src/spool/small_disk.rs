//! A disk that is soon full, for tests. Needs root.

use std::{env, path::Path, process::Command};

use tempfile::TempDir;

/// A mounted file system of a few pages, unmounted on drop.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` without the privilege to mount; panics then if `LANDFALL_REQUIRE_SETUP` is set.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let options = ["-t", "tmpfs", "-o", &format!("size={size}"), "landfall-test"];
        let mounted = Command::new("mount").args(options).arg(folder.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        assert!(env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "mounting a tmpfs needs root");
        eprintln!("skipped: mounting a tmpfs needs root");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
