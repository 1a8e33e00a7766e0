//! `landfall flows`: every byte of every capture stands in exactly one line.

use std::{fs, time::Duration};

use serde_json::Value;

use crate::{
    live::network::await_true,
    support::{captures, landfall, landfall_reading, tshark},
};

/// How long a process may take to get somewhere; it is waited for no longer than it takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// `read` in the table of system calls of x86-64, and standard input.
const READS_INPUT: &str = "0 0x0 ";
/// SIGINT in the masks of /proc/PID/status.
const INTERRUPT: u64 = 1 << 1;

/// Whether a process has read all that there is on standard input and sleeps until there is more.
fn waits_for_input(process: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return false };
    let calls: Vec<_> =
        threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("syscall")).ok()).collect();
    // Who works is `running`.
    let all_wait = calls.iter().all(|call| !call.starts_with("running"));
    all_wait && calls.iter().any(|call| call.starts_with(READS_INPUT))
}

/// Whether a process has a handler for interrupts.
fn handles_interrupts(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
    mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).is_some_and(|mask| mask & INTERRUPT != 0)
}

/// Sum of the IP total lengths as tshark reads them.
fn bytes_by_tshark(capture: &std::path::Path) -> u64 {
    tshark(capture, "ip or ipv6", &["ip.len", "ipv6.plen"])
        .iter()
        .map(|fields| {
            // An ICMP error quotes another header: the first is the packet's own.
            let first = |field: &String| field.split(',').next().unwrap_or_default().parse::<u64>().ok();
            first(&fields[0]).unwrap_or_else(|| first(&fields[1]).unwrap() + 40)
        })
        .sum()
}

fn total(lines: &[Value]) -> u64 {
    lines.iter().map(|line| line["bytesOut"].as_u64().unwrap() + line["bytesIn"].as_u64().unwrap()).sum()
}

#[test]
fn the_bytes_of_all_lines_are_the_ip_bytes_of_the_capture() {
    for capture in captures() {
        let run = landfall(["flows", "--json", "--pcap", capture.to_str().unwrap()]);
        assert_eq!((run.status, total(&run.json())), (0, bytes_by_tshark(&capture)), "{}", capture.display());
    }
}

#[test]
fn little_memory_splits_flows_and_loses_nothing() {
    let files: Vec<String> = captures().iter().map(|file| file.to_str().unwrap().to_owned()).collect();
    let with = |memory: &str| {
        let mut arguments =
            vec!["flows".to_owned(), "--json".into(), "--flow-memory".into(), memory.into(), "--pcap".into()];
        arguments.extend(files.iter().cloned());
        landfall(arguments)
    };
    assert_eq!(total(&with("1").json()), total(&with("256").json()));
}

#[test]
fn a_capture_can_come_on_standard_input() {
    for capture in captures() {
        let from_file = landfall(["flows", "--json", "--pcap", capture.to_str().unwrap()]);
        let piped = landfall_reading(["flows", "--json", "--pcap", "-"], &std::fs::read(&capture).unwrap());
        assert_eq!((piped.status, piped.stdout), (0, from_file.stdout), "{}", capture.display());
    }
}

#[test]
fn a_line_has_the_fields_of_the_contract() {
    let captures = captures();
    let line = landfall(["flows", "--json", "--pcap", captures[0].to_str().unwrap()]).json().remove(0);
    let fields: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "start",
        "end",
        "transport",
        "src",
        "srcPort",
        "dst",
        "dstPort",
        "bytesOut",
        "bytesIn",
        "packetsOut",
        "packetsIn",
        "protocol",
        "host",
        "hostMethod",
        "names",
        "ech",
        "tls",
        "tunnel",
        "truncated",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
}

#[test]
fn the_other_formats_hold_the_same_flows() {
    let captures = captures();
    let capture = captures[0].to_str().unwrap();
    let json = landfall(["flows", "-o", "json", "--pcap", capture]).json().len();
    let yaml = landfall(["flows", "-o", "yaml", "--pcap", capture]).stdout;
    let table = landfall(["flows", "--pcap", capture]).stdout;
    assert_eq!(yaml.lines().filter(|line| *line == "---").count(), json);
    assert_eq!(table.lines().count(), json + 1);
    assert!(!table.contains('\u{1b}'), "no colour without a terminal");
}

#[test]
fn a_signal_on_a_quiet_pipe_ends_cleanly_with_the_flows_under_way() {
    use std::{io::Write as _, process::Command, process::Stdio};

    let captures = captures();
    let capture =
        std::fs::read(captures.iter().find(|file| file.extension().is_some_and(|e| e == "pcapng")).unwrap()).unwrap();
    let whole = landfall_reading(["flows", "--json", "--pcap", "-"], &capture);
    let mut child = Command::new(crate::support::binary())
        .args(["flows", "--json", "--pcap", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&capture).unwrap();
    stdin.flush().unwrap();
    // It waits for more; a signal that came sooner would end it with fewer flows.
    await_true(PATIENCE, || waits_for_input(child.id()), || "it does not read".to_owned());
    crate::support::interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), whole.stdout));
    drop(stdin);
}

#[test]
fn a_signal_ends_the_wait_for_the_writer_of_a_named_pipe() {
    use std::{process::Command, process::Stdio};

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("capture");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = Command::new(crate::support::binary())
        .args(["flows", "--json", "--pcap"])
        .args([&pipe, &captures()[0]])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    await_true(PATIENCE, || handles_interrupts(child.id()), || "it does not listen for signals".to_owned());
    crate::support::interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b""[..]));
}
