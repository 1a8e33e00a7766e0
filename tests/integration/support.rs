//! Runs the command line and the programs that it is held against.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// What a run of `landfall` gave.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The results of `-o json`.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A path below the root, as an argument.
pub(crate) fn path(below: &str) -> String {
    root().join(below).to_str().unwrap().to_owned()
}

/// The recorded captures, in the order of their names.
pub(crate) fn captures() -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(root().join("examples/traffic/captures")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 20, "{files:?}");
    files
}

/// Arguments of `watch` over all recorded captures, without a format.
pub(crate) fn watch_all() -> Vec<String> {
    let mut arguments: Vec<String> = ["watch", "--register"].map(str::to_owned).to_vec();
    arguments.push(path("examples/crm-processor"));
    arguments.extend(["--locations".to_owned(), path("examples/locations")]);
    arguments.extend(["--workloads".to_owned(), path("examples/traffic/workloads.yaml"), "--pcap".to_owned()]);
    arguments.extend(captures().iter().map(|file| file.to_str().unwrap().to_owned()));
    arguments
}

/// The observations of all recorded captures, written to a file in `folder`, and what that run printed as JSON.
pub(crate) fn record(folder: &tempfile::TempDir) -> (String, Run) {
    let file = folder.path().join("observations.ndjson").to_str().unwrap().to_owned();
    let mut arguments = watch_all();
    arguments.extend(["-o", "json", "--observations-out", &file].map(str::to_owned));
    let run = landfall(arguments);
    (file, run)
}

/// Runs `landfall`, without a terminal and without input.
pub(crate) fn landfall<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    landfall_reading(arguments, b"")
}

/// Runs `landfall` with `input` on standard input.
pub(crate) fn landfall_reading<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
    let mut child = Command::new(binary())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let Output { status, stdout, stderr } = std::thread::scope(|scope| {
        // A command that ends before it has read everything breaks the pipe; that is its right.
        scope.spawn(move || std::io::Write::write_all(&mut stdin, input));
        child.wait_with_output().unwrap()
    });
    Run {
        status: status.code().expect("no signal ended it"),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// The binary that was built beside this test.
pub(crate) fn binary() -> PathBuf {
    landfall_tests::built("landfall").unwrap()
}

/// Lines that tshark prints for the fields of the packets that a filter selects. Reassembly and
/// name resolution are as it comes, preferences of the user are not.
pub(crate) fn tshark(capture: &Path, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(capture).args(["-Y", filter, "-T", "fields", "-E", "separator=|"]);
    for field in fields {
        command.args(["-e", field]);
    }
    command.env("WIRESHARK_CONFIG_DIR", "/nonexistent").env("HOME", "/nonexistent");
    let output = command.output().expect("tshark is installed by `make setup`");
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
}
