use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::{ClusterError, ControlPlane};

impl ControlPlane {
    /// Runs kubectl as an administrator; gives what it prints. An error holds what it says of it.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, ClusterError> {
        let failed = |source| ClusterError::Start { program: "kubectl".to_owned(), source };
        let mut child = Command::new(self.programs().path("kubectl"))
            .arg("--kubeconfig")
            .arg(self.admin_kubeconfig()?)
            .args(arguments)
            // Its caches belong to the plane.
            .env("HOME", self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).map_err(failed)?;
        }
        let output = child.wait_with_output().map_err(failed)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(ClusterError::Command { command: format!("kubectl {arguments:?}"), output: text(&output.stderr) })
        }
    }
}
