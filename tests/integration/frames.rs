//! Frames that are not IP: each is counted by what it is, and a capture of nothing else gets a hint.

use std::fs;

use crate::support::{Run, captures, landfall, path};

fn record(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&1_700_000_000_u32.to_le_bytes()[..], &[0; 4], &length, &length, data].concat()
}

fn pcap(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let header = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65535, link].map(u32::to_le_bytes).concat();
    [header, frames.iter().flat_map(|frame| record(frame)).collect()].concat()
}

/// A frame with an EtherType, as long as the wire demands.
fn ethernet(kind: u16, behind: &[u8]) -> Vec<u8> {
    let mut frame = [&[2; 12], &kind.to_be_bytes()[..], behind].concat();
    frame.resize(60.max(frame.len()), 0);
    frame
}

fn datagram() -> Vec<u8> {
    let ip = [0x45, 0, 0, 31, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2];
    [&ip[..], &[0xd4, 0x31, 0x13, 0x88, 0, 11, 0, 0], b"abc"].concat()
}

fn run(command: &str, capture: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.pcap");
    fs::write(&file, capture).unwrap();
    let file = file.to_str().unwrap();
    let register = path("examples/crm-processor");
    match command {
        "flows" => landfall(["flows", "--json", "--pcap", file]),
        _ => landfall([command, "--json", "--register", &register, "--pcap", file]),
    }
}

#[test]
fn every_frame_stands_in_a_counted_line() {
    let mut frames = vec![ethernet(0x0806, &[]); 3];
    frames.extend([ethernet(0x88cc, &[]), ethernet(0x88cc, &[]), ethernet(0x88e5, &[0x2c]), ethernet(0x8892, &[])]);
    frames.extend([ethernet(0x7777, &[]), ethernet(38, &[0x42, 0x42, 3]), vec![2; 13]]);
    frames.push(ethernet(0x0800, &datagram()));
    for command in ["flows", "watch"] {
        let run = run(command, &pcap(1, &frames));
        assert_eq!(run.status, 0);
        let lines: Vec<&str> = run.stderr.lines().filter(|line| line.contains(" frames")).collect();
        assert_eq!(
            lines,
            [
                "11 frames, 1 IP packets with 31 bytes, 1 flows",
                "note: 10 frames are not IP, or not in a readable form: 3 ARP, 2 LLDP, 1 EtherType 0x7777, 1 PROFINET, \
                 1 encrypted MACsec, 1 STP, 1 cut off in the link header",
            ],
            "{command}"
        );
        assert!(!run.stderr.contains("no frame carries"), "{}", run.stderr);
    }
}

#[test]
fn many_kinds_are_bounded_and_their_sum_is_the_number_of_frames() {
    let frames: Vec<_> = (0x1000..0x1100).map(|kind| ethernet(kind, &[])).collect();
    let run = run("flows", &pcap(1, &frames));
    let line = run.stderr.lines().find_map(|line| line.strip_prefix("note: 256 frames are not IP")).unwrap();
    let (_, kinds) = line.split_once(": ").unwrap();
    let counts: Vec<u64> = kinds.split(", ").map(|kind| kind.split_once(' ').unwrap().0.parse().unwrap()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (33, 256));
    assert!(kinds.ends_with(", 224 other"), "{kinds}");
}

#[test]
fn a_capture_without_ip_is_read_and_a_hint_tells_what_could_be() {
    let frames = vec![ethernet(0x88e5, &[0x2c]); 20];
    for command in ["flows", "watch"] {
        let run = run(command, &pcap(1, &frames));
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        assert!(run.stderr.contains("20 frames, 0 IP packets with 0 bytes, 0 flows\n"), "{}", run.stderr);
        assert!(run.stderr.contains(": 20 encrypted MACsec\n"), "{}", run.stderr);
        let hint = "note: no frame carries readable IP, so there is no flow. Link types that can be read: Ethernet, ";
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
    // Nothing to read is no reason for a hint.
    assert!(!run("flows", &pcap(1, &[])).stderr.contains("note:"));
}

#[test]
fn a_link_type_that_is_not_read_is_an_error_only_if_nothing_else_is_there() {
    let run_classic = run("flows", &pcap(189, &[vec![0; 64]]));
    assert_eq!((run_classic.status, run_classic.stdout.as_str()), (2, ""));
    let error = "x.pcap at byte 0: the link type 189 (USB, Linux) is not read; expected Ethernet, ";
    assert!(run_classic.stderr.contains(error), "{}", run_classic.stderr);

    let block = |kind: u32, body: &[u8]| {
        let length = u32::try_from(12 + body.len()).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let section = block(0x0a0d_0d0a, &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat());
    let interface = |link: u8| block(1, &[link, 0, 0, 0, 0, 0, 0, 0]);
    let packet = |interface: u8, data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        block(6, &[&[interface, 0, 0, 0][..], &[0; 8], &length, &length, data].concat())
    };
    let usb = packet(0, &[0; 64]);
    let ip = packet(1, &ethernet(0x0800, &datagram()));
    let head = [section, interface(189), interface(1)].concat();

    let mixed = run("flows", &[&head[..], &usb, &ip, &usb].concat());
    assert_eq!((mixed.status, mixed.json().len()), (0, 1), "{}", mixed.stderr);
    assert!(mixed.stderr.contains(": 2 link type 189 (USB, Linux)\n"), "{}", mixed.stderr);

    let nothing = run("flows", &[&head[..], &usb, &usb].concat());
    assert_eq!((nothing.status, nothing.stdout.as_str()), (2, ""));
    assert!(nothing.stderr.contains("2 frames, 0 IP packets"), "{}", nothing.stderr);
    assert!(nothing.stderr.contains("the link type 189 (USB, Linux) is not read"), "{}", nothing.stderr);
}

#[test]
fn recorded_captures_account_for_every_frame() {
    for capture in captures() {
        let run = landfall(["flows", "--json", "--pcap", capture.to_str().unwrap()]);
        let number = |words: &str| -> u64 {
            let before = run.stderr.split(words).next().unwrap();
            before.rsplit([' ', '\n']).next().unwrap().parse().unwrap()
        };
        let other = if run.stderr.contains(" frames are not IP") { number(" frames are not IP") } else { 0 };
        assert_eq!(number(" frames, "), number(" IP packets") + other, "{}", capture.display());
    }
}
