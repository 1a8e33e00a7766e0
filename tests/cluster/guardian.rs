//! Takes a cluster down whatever becomes of the test: a process of its own that waits for the end of
//! its standard input, which closes when the test drops the cluster, fails or is killed.

use std::{
    env,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use super::ClusterError;

const SCRIPT: &str = include_str!("guardian.sh");

#[derive(Debug)]
pub(crate) struct Guardian {
    child: Child,
    held: Option<ChildStdin>,
}

impl Guardian {
    /// `mark` stands in the environment of every process of the cluster; `cgroup` is the name of its group
    /// below each hierarchy, if it has one.
    pub(crate) fn watch_over(folder: &Path, mark: &str, cgroup: Option<&str>) -> Result<Self, ClusterError> {
        let mut child = Command::new("bash")
            .args(["-c", SCRIPT, "landfall-guardian"])
            .arg(folder)
            .args([mark, cgroup.unwrap_or_default()])
            .env("LANDFALL_KEEP_CLUSTER", env::var_os("LANDFALL_KEEP_CLUSTER").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            // An interrupt at the terminal ends the test, not the one who cleans up behind it.
            .process_group(0)
            .spawn()
            .map_err(|source| ClusterError::Start { program: "the guardian".into(), source })?;
        let held = child.stdin.take();
        Ok(Self { child, held })
    }

    /// Takes the cluster down and waits until nothing is left.
    pub(crate) fn release(&mut self) {
        if self.held.take().is_some() {
            // Its only failure is to be gone, and then there is nobody to wait for.
            let _ = self.child.wait();
        }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.release();
    }
}
