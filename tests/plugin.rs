//! `kubectl landfall` as a person has it: the program under the names by which kubectl finds a plugin.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::cluster::Programs;

/// A folder for the path, with the plugin and its completion.
#[derive(Debug)]
pub struct Plugin(PathBuf);

impl Plugin {
    /// Puts the plugin into a folder, unless it is there; `landfall` is the program.
    pub fn install(folder: &Path, landfall: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for name in ["kubectl-landfall", "kubectl_complete-landfall"] {
            let link = folder.join(name);
            if !link.exists() {
                symlink(landfall, link)?;
            }
        }
        Ok(Self(folder.to_owned()))
    }

    /// A value for `PATH`, with kubectl and nothing of its own that is not needed.
    pub fn path(&self, programs: &Programs) -> OsString {
        let folders = [&*self.0, programs.folder(), Path::new("/usr/bin"), Path::new("/bin")];
        std::env::join_paths(folders).expect("the folders of tests have no colon in their names")
    }
}
