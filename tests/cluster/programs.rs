//! Where the programs of the cluster are: what `make testenv` has built.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::ClusterError;
use crate::built::cache;

/// The folder of etcd, the Kubernetes programs, kubectl and helm.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Takes `LANDFALL_TESTENV` (as `scripts/testenv.sh` prints it), else what was built last.
    pub fn find() -> Result<Self, ClusterError> {
        let home = env::var_os("LANDFALL_TESTENV").map(PathBuf::from);
        let home = home.or_else(|| Some(cache()?.join("testenv/current")));
        let folder = home.unwrap_or_default().join("bin");
        if !folder.join("kube-apiserver").is_file() {
            return Err(ClusterError::NotSetUp(format!(
                "{} holds no programs; `make testenv` builds them",
                folder.display()
            )));
        }
        Ok(Self { folder })
    }

    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// For `PATH`, so that `kubectl` is found.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
