//! The project's charts, and Helm, which reads them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::cluster::{ClusterError, Programs};

/// The folder of the charts.
pub const CHARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts");
/// The folder of the values with which tests install them.
pub const VALUES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cluster/values");
/// The folder of the charts of the previous revision, packed and frozen.
const RELEASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cluster/releases");
/// The namespace that the runbooks name.
pub const NAMESPACE: &str = "landfall-system";
/// What a chart is rendered for: without a cluster Helm takes a version of its own.
const KUBERNETES: &str = "1.35.0";

/// A version of Helm.
#[derive(Debug, Clone)]
pub struct Helm {
    program: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Helm {
    /// Helm 4 or 3.
    pub fn new(programs: &Programs, version: u8) -> Self {
        let name = if version == 3 { "helm3" } else { "helm" };
        Self { program: programs.path(name), environment: Vec::new() }
    }

    /// Against this cluster; its caches are in `home`.
    pub fn with_cluster(mut self, kubeconfig: PathBuf, home: PathBuf) -> Self {
        self.environment = vec![("KUBECONFIG", kubeconfig), ("HOME", home)];
        self
    }

    /// What Helm prints; an error holds what it says.
    pub fn run(&self, arguments: &[&str]) -> Result<String, ClusterError> {
        Ok(self.streams(arguments)?.0)
    }

    /// `helm test` of the release `landfall`: what it prints, and what the pod said, which Helm 4 logs on standard error as
    /// one quoted line.
    pub fn test(&self) -> Result<String, ClusterError> {
        let plain = |text: String| text.replace("\\n", "\n").replace("\\\"", "\"");
        match self.streams(&["test", "landfall", "--namespace", NAMESPACE, "--timeout", "60s"]) {
            Ok((printed, said)) => Ok(printed + &plain(said)),
            Err(ClusterError::Command { command, output }) => {
                Err(ClusterError::Command { command, output: plain(output) })
            }
            Err(error) => Err(error),
        }
    }

    fn streams(&self, arguments: &[&str]) -> Result<(String, String), ClusterError> {
        let failed = |source| ClusterError::Start { program: self.program.display().to_string(), source };
        let mut command = Command::new(&self.program);
        command.args(arguments).envs(self.environment.iter().map(|(name, path)| (name, path)));
        let output = command.output().map_err(failed)?;
        let [printed, said] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        if output.status.success() {
            return Ok((printed, said));
        }
        // `helm lint` and `helm test` say on standard output what is wrong.
        Err(ClusterError::Command { command: format!("helm {arguments:?}"), output: said + &printed })
    }

    /// The objects of a chart, by its name or the path of a package, with these files of values and these single ones (`name=value`), as release `landfall`.
    pub fn template(&self, chart: &str, values: &[&Path], set: &[&str]) -> Result<String, ClusterError> {
        let chart = Path::new(CHARTS).join(chart).display().to_string();
        let mut arguments =
            vec!["template", "landfall", &chart, "--namespace", NAMESPACE, "--kube-version", KUBERNETES];
        let values: Vec<_> = values.iter().map(|file| file.display().to_string()).collect();
        arguments.extend(values.iter().flat_map(|file| ["--values", file]));
        arguments.extend(set.iter().flat_map(|one| ["--set", one]));
        self.run(&arguments)
    }
}

/// The files of values that a chart is tried with (`ci/*-values.yaml`).
pub fn tried_values(chart: &str) -> std::io::Result<Vec<PathBuf>> {
    let folder = std::fs::read_dir(Path::new(CHARTS).join(chart).join("ci"))?;
    let mut files = folder.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

/// The path of a chart, for Helm.
pub fn present(chart: &str) -> String {
    Path::new(CHARTS).join(chart).display().to_string()
}

/// The path of a chart's package of the previous revision, whatever its version.
pub fn previous(chart: &str) -> std::io::Result<String> {
    let is_of = |name: &str| {
        let version = name.strip_prefix(chart).and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
    };
    for entry in std::fs::read_dir(RELEASES)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_of) {
            return Ok(entry.path().display().to_string());
        }
    }
    let missing = format!("{RELEASES} has no package of {chart}: make freeze-charts");
    Err(std::io::Error::new(std::io::ErrorKind::NotFound, missing))
}

/// The path of a file of values, for Helm.
pub fn values(file: &str) -> String {
    Path::new(VALUES).join(file).display().to_string()
}
