//! The agent as a container runs it: not root, with the capability of its file; and the init container before it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use landfall_tests::built;

use super::network::is_possible;

const USER: u32 = 65532;
const NET_RAW: &str = "0000000000002000";

/// A copy of the agent, with a spool of its user.
struct Installed {
    folder: tempfile::TempDir,
}

impl Installed {
    /// Its file carries the capability, or not.
    fn new(capability: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let installed = Self { folder };
        fs::copy(built("landfall-agent").unwrap(), installed.program()).unwrap();
        if capability {
            let set = Command::new("setcap").arg("cap_net_raw=p").arg(installed.program()).status().unwrap();
            assert!(set.success());
        }
        fs::create_dir(installed.spool()).unwrap();
        chown(installed.spool(), Some(USER), Some(USER)).unwrap();
        installed
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("landfall-agent")
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// The agent as its user, in a container that may have what is given and nothing else.
    fn agent(&self, container: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        let user = USER.to_string();
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups", "--inh-caps", "-all"]);
        command.args(container).arg(self.program());
        command.args(["--cluster", "test", "--node-name", "node", "--interface", "lo", "--no-pods", "--spool"]);
        command.arg(self.spool()).args(["--operator-url", "https://127.0.0.1:9", "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The value of a line of `/proc/PID/status`.
fn status(process: u32, field: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let value = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(":\t"));
    value.unwrap_or_default().to_owned()
}

#[test]
fn an_agent_that_is_not_root_captures_with_the_capability_of_its_file() {
    if !is_possible() {
        return;
    }
    let installed = Installed::new(true);
    let mut command = installed.agent(&["--bounding-set", "-all,+net_raw"]);
    let mut agent = command.stdout(Stdio::null()).spawn().unwrap();
    let mut log = BufReader::new(agent.stderr.take().unwrap());
    let mut said = String::new();
    // Zero at the end of the log: the agent ended.
    while !said.contains("The agent is running") && log.read_line(&mut said).unwrap() > 0 {}
    let [user, effective, permitted] = ["Uid", "CapEff", "CapPrm"].map(|field| status(agent.id(), field));
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert!(said.contains("The agent is running"), "{said}");
    assert!(user.starts_with("65532\t65532"), "{user}");
    assert_eq!((effective.as_str(), permitted.as_str()), (NET_RAW, NET_RAW));
}

#[test]
fn an_agent_without_the_capability_says_who_has_to_grant_it() {
    if !is_possible() {
        return;
    }
    let (carries, bare) = (Installed::new(true), Installed::new(false));
    let granted = ["--bounding-set", "-all,+net_raw"];
    let cases = [
        // `drop: [ALL]` alone.
        (&carries, vec!["--bounding-set", "-all"], "add it to the container's securityContext"),
        // The file lost its attribute on the way.
        (&bare, granted.to_vec(), "cap_net_raw=p is lost"),
        // Without the capability before it, no_new_privs voids that of the file: the first program runs as the agent's user.
        (&carries, [&granted[..], &["setpriv", "--no-new-privs"]].concat(), "`allowPrivilegeEscalation: true`"),
    ];
    for (installed, container, advice) in cases {
        let output = installed.agent(&container).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{container:?}: {}", said(&output));
        assert!(said(&output).contains(advice), "{container:?}: {}", said(&output));
    }
}

/// `prepare-spool` as root with these capabilities alone.
fn prepare(spool: &Path, capabilities: &str) -> Output {
    let mut command = Command::new("setpriv");
    command.args(["--inh-caps", "-all", "--bounding-set", capabilities]).arg(built("landfall-agent").unwrap());
    command.args(["prepare-spool", "--owner", "65532:65533", "--spool"]).arg(spool).output().unwrap()
}

/// User, group and mode; of a symbolic link, its own.
fn rights(path: &Path) -> (u32, u32, u32) {
    let found = fs::symlink_metadata(path).unwrap();
    (found.uid(), found.gid(), found.mode() & 0o7777)
}

#[test]
fn the_spool_is_given_to_the_agent_with_one_capability_at_every_start() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("landfall/spool");
    let first = prepare(&spool, "-all,+chown");
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(rights(&spool), (65532, 65533, 0o700));

    // What an agent of before that was root left, a folder of the agent's that root may not enter, and a link.
    let outside = folder.path().join("outside");
    let (inner, segment, deep) = (spool.join("inner"), spool.join("segment"), spool.join("inner/deep"));
    fs::create_dir(&inner).unwrap();
    for file in [&outside, &segment, &deep] {
        fs::write(file, "kept").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o700)).unwrap();
    chown(&inner, Some(USER), Some(USER)).unwrap();
    symlink(&outside, spool.join("link")).unwrap();
    fs::set_permissions(&spool, fs::Permissions::from_mode(0o755)).unwrap();
    for _ in 0..2 {
        let again = prepare(&spool, "-all,+chown");
        assert!(again.status.success(), "{}", said(&again));
        assert!(said(&again).contains("4 entries in it belong to 65532:65533"), "{}", said(&again));
        for (path, mode) in [(&spool, 0o700), (&inner, 0o700), (&segment, 0o600), (&deep, 0o600)] {
            assert_eq!(rights(path), (65532, 65533, mode), "{}", path.display());
            chown(path, Some(0), Some(0)).unwrap();
            chown(&spool, Some(USER), Some(USER)).unwrap();
        }
        assert_eq!(rights(&outside), (0, 0, 0o600));
    }
    assert_eq!(fs::read_to_string(&deep).unwrap(), "kept");
}

#[test]
fn a_spool_that_cannot_be_given_away_is_an_error_that_says_why() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (elsewhere, link, file) =
        (folder.path().join("elsewhere"), folder.path().join("link"), folder.path().join("file"));
    fs::create_dir(&elsewhere).unwrap();
    fs::write(&file, "").unwrap();
    symlink(&elsewhere, &link).unwrap();
    for (path, capabilities, cause) in [
        (&elsewhere, "-all", "needs the capability CHOWN"),
        (&link, "-all,+chown", "a symbolic link is not followed"),
        (&file, "-all,+chown", "is not a folder"),
    ] {
        let output = prepare(path, capabilities);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(cause), "{}", said(&output));
    }
    assert_eq!((rights(&elsewhere).0, rights(&file).0), (0, 0));
}
