use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{built, cluster::Programs, plugin::Plugin};

/// Where a reader types: kubectl with its plugin, `landfall` and helm are on the path, editors change nothing.
#[derive(Debug)]
pub struct Shell {
    path: OsString,
    home: PathBuf,
    kubeconfig: PathBuf,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status; that of the last program that failed, in a pipe.
    pub status: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said beside.
    pub stderr: String,
}

impl Shell {
    /// Whose home is `home`, and who is who the kubeconfig says.
    pub fn new(programs: &Programs, home: &Path, kubeconfig: PathBuf) -> io::Result<Self> {
        let (folder, landfall) = (home.join("bin"), built("landfall")?);
        let path = Plugin::install(&folder, &landfall)?.path(programs);
        if !folder.join("landfall").exists() {
            symlink(landfall, folder.join("landfall"))?;
        }
        fs::create_dir_all(home)?;
        Ok(Self { path, home: home.to_owned(), kubeconfig })
    }

    /// Runs a line in a folder, without a terminal and without input.
    pub fn run(&self, folder: &Path, line: &str) -> io::Result<Ended> {
        let output = Command::new("bash")
            .args(["-o", "pipefail", "-c", line])
            .current_dir(folder)
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .env("KUBECONFIG", &self.kubeconfig)
            .env("KUBE_EDITOR", "true")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ended { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) })
    }
}

impl Ended {
    /// Whether it went well: a `grep` at the end may find nothing, if what it reads went well.
    pub fn is_well(&self, line: &str) -> bool {
        let greps = line.rsplit('|').next().is_some_and(|last| line.contains('|') && last.trim().starts_with("grep "));
        // kubectl names the container that it takes.
        let is_silent = self.stderr.lines().all(|line| line.starts_with("Defaulted container "));
        self.status == Some(0) || (greps && self.status == Some(1) && self.stdout.is_empty() && is_silent)
    }
}
