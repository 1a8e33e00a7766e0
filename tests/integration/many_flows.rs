//! More flows than anybody looks at: bounded memory, results at once, and notes that are true.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    made::{Ends, Made, question},
    support::{binary, landfall},
};

/// A capture of `count` flows of one packet within a second, each of which is followed by `more` packets 2 s later.
fn capture(count: u16, more: usize) -> (TempDir, PathBuf) {
    let mut made = Made::default();
    for round in 0..=more {
        for number in 0..count {
            let from = format!("10.0.{}.1:{}", number / 250, 2000 + number % 250);
            made.udp(Ends::of(&from, "198.51.100.1:9999"), b"x");
        }
        if round < more {
            made.wait(2000);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    made.write(&file);
    (folder, file)
}

fn with_memory(file: &std::path::Path, memory: &str) -> crate::support::Run {
    landfall(["flows", "--json", "--flow-memory", memory, "--pcap", file.to_str().unwrap()])
}

#[test]
fn a_table_of_any_length_has_one_header_and_its_columns() {
    let (_folder, file) = capture(5000, 0);
    let table = landfall(["flows", "--pcap", file.to_str().unwrap()]).stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5001);
    assert!(lines[0].starts_with("START     FROM"), "{}", lines[0]);
    assert_eq!(lines.iter().filter(|line| line.starts_with("START")).count(), 1);
    let out = lines[0].rfind("OUT").unwrap() + 3;
    for line in &lines[1..] {
        assert_eq!(&line[out - 4..out], "29 B", "{line}");
    }
}

#[test]
fn a_reader_that_has_enough_ends_the_program_quietly() {
    let (_folder, file) = capture(20_000, 0);
    for format in ["table", "json", "yaml"] {
        let mut child = Command::new(binary())
            .args(["flows", "-o", format, "--pcap", file.to_str().unwrap()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{format}");
        assert!(!first.is_empty(), "{format}");
    }
}

#[test]
fn it_is_said_how_many_flows_went_on_after_they_were_reported_early() {
    let early = "flows reported early for want of memory (--flow-memory); ";
    // Those of the second capture are more than can be remembered.
    for (count, outcome) in [(2500, "none of them continued"), (5000, "none of them is known to have continued")] {
        let (_folder, file) = capture(count, 0);
        let run = with_memory(&file, "1");
        assert_eq!(run.json().len(), usize::from(count));
        assert!(run.stderr.contains(&format!("{early}{outcome}")), "{}", run.stderr);
        assert!(!with_memory(&file, "256").stderr.contains("--flow-memory"));
    }
    let (_folder, file) = capture(1600, 1);
    let run = with_memory(&file, "1");
    let further = run.json().len() - 1600;
    assert!(further > 0);
    assert!(
        run.stderr.contains(&format!("{early}at least {further} times one continued, on a further line")),
        "{}",
        run.stderr
    );
    assert_eq!(with_memory(&file, "256").json().len(), 1600);
}

#[test]
fn names_beyond_what_is_kept_of_a_flow_are_counted() {
    let mut made = Made::default();
    for number in 0..600 {
        made.udp(Ends::of("192.0.2.10:40000", "192.0.2.53:53"), &question(&format!("n{number}.example.org")));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    made.write(&file);
    let run = with_memory(&file, "256");
    assert_eq!(run.json()[0]["names"].as_array().unwrap().len(), 512);
    assert!(
        run.stderr.contains("note: 88 times a flow named a host beyond the 512 that are kept of it"),
        "{}",
        run.stderr
    );
}

#[test]
fn memory_stays_within_what_is_allowed_for_flows() {
    let mut made = Made::default();
    // Names for addresses, and flows with payload that is held, each far beyond the limit.
    for number in 0..30_000_u32 {
        let [_, high, middle, low] = number.to_be_bytes();
        let address = format!("198.{}.{middle}.{low}", 51 + high);
        let ends = Ends::of(&format!("10.{high}.{middle}.{low}:40000"), "192.0.2.53:53");
        made.lookup(ends, &format!("a-rather-long-name-of-a-host-{number}.example.org"), &[&address], 0);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    made.write(&file);
    for format in ["table", "json"] {
        let [little, much] = [4, 64].map(|memory| peak_kib(&file, format, memory));
        // Beside the flows: the file's buffer, what is printed and what the allocator keeps.
        assert!(little < (4 + 12) * 1024, "{format}: {little} KiB");
        assert!(much < (64 + 12) * 1024, "{format}: {much} KiB");
    }
}

/// The most that a run took, as far as it was seen before it ended, beside what it maps of its own file: the size of an
/// unoptimised program with every feature says nothing about its flows.
fn peak_kib(file: &std::path::Path, format: &str, memory: u32) -> u64 {
    let mut child = Command::new(binary())
        .args(["flows", "-o", format, "--flow-memory", &memory.to_string(), "--pcap", file.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0));
    }
    assert!(peak > 0);
    peak
}
