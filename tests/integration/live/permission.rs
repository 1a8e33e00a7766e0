//! CAP_NET_RAW is all it takes, and its want is explained.

use std::process::{Command, Stdio};

use super::network::{Listening, is_possible};
use crate::support::binary;

/// `landfall flows` as nobody, with or without the capability; from a place that nobody may read.
fn as_nobody(folder: &tempfile::TempDir, capability: bool) -> Command {
    let copy = folder.path().join("landfall");
    std::fs::copy(binary(), &copy).unwrap();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), readable).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all,+net_raw"]);
    if capability {
        command.args(["--inh-caps", "-all,+net_raw", "--ambient-caps", "-all,+net_raw"]);
    } else {
        command.args(["--inh-caps", "-all", "--no-new-privs"]);
    }
    command.arg(copy).args(["flows", "--interface", "lo", "--json"]);
    command
}

#[test]
fn the_capability_to_capture_is_enough() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let listening = Listening::start(as_nobody(&folder, true), "listening on lo");
    let mut ping = Command::new("ping");
    assert!(ping.args(["-c", "1", "127.0.0.3"]).stdout(Stdio::null()).status().unwrap().success());
    let run = listening.stop();
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(run.json().iter().filter(|line| line["dst"] == "127.0.0.3").count(), 1);
}

#[test]
fn without_it_the_error_says_what_to_do() {
    if !is_possible() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = as_nobody(&folder, false).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{stderr}");
    assert!(stderr.contains("CAP_NET_RAW") && stderr.contains("setcap cap_net_raw+ep"), "{stderr}");
}

#[test]
fn an_interface_that_is_not_there_ends_the_run_and_those_that_are_are_named() {
    if !is_possible() {
        return;
    }
    for command in ["flows --interface nowhere0", "flows --interface lo --interface nowhere0"] {
        let run = crate::support::landfall(command.split(' '));
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        let (before, there) = run.stderr.split_once("expected one of: ").unwrap();
        assert!(before.starts_with("error: --interface nowhere0: no such interface"), "{before}");
        assert!(there.split([',', ';']).any(|name| name.trim() == "lo"), "{there}");
    }
}

#[test]
fn contradictory_arguments_are_refused() {
    for arguments in [
        &["flows"][..],
        &["flows", "--interface", "lo", "--pcap", "x"],
        &["flows", "--interface", "a/b"],
        &["flows", "--netns", "/run/netns/x", "--pcap", "x"],
        &["flows", "--interface", "lo", "--capture-memory", "1"],
    ] {
        assert_eq!(crate::support::landfall(arguments).status, 2, "{arguments:?}");
    }
}
