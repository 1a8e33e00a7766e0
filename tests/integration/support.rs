//! Runs the command line and the programs that it is held against.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
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
        .env_remove("COLUMNS")
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

/// Sends SIGINT to a process, as Ctrl-C does.
pub(crate) fn interrupt(process: &Child) {
    let asked = Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
    assert!(asked.success());
}

/// A pcap of raw IPv4 packets, each with its second.
pub(crate) fn pcap(packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(word.to_le_bytes());
    }
    for (second, packet) in packets {
        let length = u32::try_from(packet.len()).unwrap();
        for word in [1_795_000_000 + second, 0, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// A TCP segment between two IPv4 addresses and ports.
pub(crate) fn segment(from: ([u8; 4], u16), to: ([u8; 4], u16), seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(40 + payload.len()).unwrap();
    let mut packet = vec![0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    packet.extend(from.0);
    packet.extend(to.0);
    packet.extend(from.1.to_be_bytes());
    packet.extend(to.1.to_be_bytes());
    packet.extend(seq.to_be_bytes());
    packet.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

/// A folder with a register of one agreement, for a processor whose network is 192.0.2.0/28, and what else it holds.
pub(crate) fn register_with(folder: &Path, more: &str) -> String {
    const AGREEMENT: &str = "
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: avv }
spec:
  revision: '1'
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: 'pd:EmailAddress', clause: L56 }] }
  obligations: [{ id: SUB-LIST, lines: [L36] }]
  ownNetworks: [{ cidrs: [192.0.2.0/28], operator: Own GmbH, jurisdiction: DE }]
  recipients: [";
    fs::create_dir_all(folder).unwrap();
    let listed = if more.contains("kind: Recipient") { "{ ref: acme, clause: L159 }" } else { "" };
    fs::write(folder.join("register.yaml"), format!("{AGREEMENT}{listed}]\n{more}")).unwrap();
    folder.to_str().unwrap().to_owned()
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
