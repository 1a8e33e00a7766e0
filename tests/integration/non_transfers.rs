//! What is no transfer of anything: attempts to connect, and what stays on its link.

use serde_json::Value;

use crate::support::{Run, landfall, pcap, register_with, segment};

const HERE: ([u8; 4], u16) = ([192, 0, 2, 10], 40_000);
const REFUSES: ([u8; 4], u16) = ([203, 0, 113, 9], 443);
const SILENT: ([u8; 4], u16) = ([198, 51, 100, 9], 443);
const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const RST_ACK: u8 = 0x14;
const ACK: u8 = 0x10;
const PUSH_ACK: u8 = 0x18;

/// A request with an address of a made-up person.
const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nHost: x.example\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n{\"email\":\"erika@example.org\"}";

/// What `watch` and `register draft` say of these packets.
fn run(packets: &[(u32, Vec<u8>)]) -> (Vec<Value>, Run) {
    let (watched, drafted) = runs(packets);
    (watched.json(), drafted)
}

fn runs(packets: &[(u32, Vec<u8>)]) -> (Run, Run) {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("c.pcap");
    std::fs::write(&capture, pcap(packets)).unwrap();
    let capture = capture.to_str().unwrap();
    let register = register_with(&folder.path().join("register"), "");
    let watched = landfall(["watch", "--register", &register, "-o", "json", "--pcap", capture]);
    assert_eq!(watched.status, 0, "{}", watched.stderr);
    let drafted = landfall(["register", "draft", "--register", &register, "--pcap", capture]);
    assert_eq!(drafted.status, 0, "{}", drafted.stderr);
    (watched, drafted)
}

fn told(transfers: &[Value]) -> Vec<(&str, &str, u64)> {
    let told = transfers.iter().map(|transfer| {
        let recipient = transfer["recipient"].as_str().unwrap();
        let outcome = transfer["verdict"]["outcome"].as_str().unwrap();
        (recipient, outcome, transfer["volume"]["connections"].as_u64().unwrap())
    });
    told.collect()
}

#[test]
fn a_connection_that_nobody_accepts_is_no_transfer_and_no_draft() {
    let (transfers, drafted) = run(&[
        (0, segment(HERE, REFUSES, 0, SYN, b"")),
        (0, segment(REFUSES, HERE, 0, RST_ACK, b"")),
        (1, segment(HERE, SILENT, 0, SYN, b"")),
        (2, segment(HERE, SILENT, 0, SYN, b"")),
        (70, segment(HERE, SILENT, 0, SYN, b"")),
    ]);
    let expected =
        [("unregistered:198.51.100.0/24", "NotATransfer", 0), ("unregistered:203.0.113.0/24", "NotATransfer", 0)];
    assert_eq!(told(&transfers), expected);
    let bytes: Vec<_> = transfers.iter().map(|transfer| transfer["volume"]["bytesSent"].as_u64().unwrap()).collect();
    assert_eq!(bytes, [120, 40]);
    let ground = transfers[0]["verdict"]["grounds"][0]["text"].as_str().unwrap();
    assert!(ground.starts_with("no connection came about"), "{ground}");
    assert_eq!(drafted.stdout, "");
    assert!(drafted.stderr.contains("0 drafts"), "{}", drafted.stderr);
}

#[test]
fn data_in_a_syn_that_is_refused_was_not_sent() {
    let refused = [(0, segment(HERE, REFUSES, 0, SYN, REQUEST)), (0, segment(REFUSES, HERE, 0, RST_ACK, b""))];
    let (transfers, drafted) = run(&refused);
    assert_eq!(told(&transfers), [("unregistered:x.example", "NotATransfer", 0)]);
    assert_eq!(transfers[0]["categories"]["seen"], serde_json::json!([]));
    assert_eq!(drafted.stdout, "");

    let accepted = [(0, segment(HERE, REFUSES, 0, SYN, REQUEST)), (0, segment(REFUSES, HERE, 0, SYN_ACK, b""))];
    let (transfers, _) = run(&accepted);
    assert_eq!(told(&transfers), [("unregistered:x.example", "Unlawful", 1)]);
    assert_eq!(transfers[0]["categories"]["seen"], serde_json::json!(["pd:EmailAddress"]));
}

#[test]
fn a_later_connection_is_judged_as_ever() {
    let (transfers, drafted) = run(&[
        (0, segment(HERE, REFUSES, 0, SYN, b"")),
        (0, segment(REFUSES, HERE, 0, RST_ACK, b"")),
        (600, segment((HERE.0, 40_001), REFUSES, 0, SYN, b"")),
        (600, segment(REFUSES, (HERE.0, 40_001), 0, SYN_ACK, b"")),
        (600, segment((HERE.0, 40_001), REFUSES, 1, ACK, b"")),
    ]);
    assert_eq!(told(&transfers), [("unregistered:203.0.113.0/24", "Unknown", 1)]);
    assert_eq!(transfers[0]["volume"]["bytesSent"], 120);
    assert!(drafted.stdout.contains("203.0.113.0/24"), "{}", drafted.stdout);
}

#[test]
fn a_capture_of_one_direction_is_no_attempt() {
    let (transfers, _) =
        run(&[(0, segment(HERE, SILENT, 0, SYN, b"")), (0, segment(HERE, SILENT, 1, PUSH_ACK, REQUEST))]);
    assert_eq!(told(&transfers), [("unregistered:x.example", "Unlawful", 1)]);
}

#[test]
fn a_datagram_that_nobody_wanted_did_leave() {
    let mut datagram = vec![0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 10, 203, 0, 113, 9];
    datagram.extend([0x9c, 0x40, 0x10, 0x00, 0, 16, 0, 0]);
    datagram.extend([7; 8]);
    // Port unreachable, with what it is about.
    let mut unreachable =
        vec![0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 203, 0, 113, 9, 192, 0, 2, 10, 3, 3, 0, 0, 0, 0, 0, 0];
    unreachable.extend(&datagram[..28]);
    let (transfers, drafted) = run(&[(0, datagram), (0, unreachable)]);
    // What comes back came from outside.
    let expected = [("data-subjects", "NotATransfer", 1), ("unregistered:203.0.113.0/24", "Unknown", 1)];
    assert_eq!(told(&transfers), expected);
    assert!(drafted.stdout.contains("203.0.113.0/24"), "{}", drafted.stdout);
}

#[test]
fn what_stays_on_its_link_is_no_transfer_and_is_counted() {
    let udp = |dst: [u8; 4], port: u16| {
        let mut packet = vec![0x45, 0, 0, 36, 0, 0, 0, 0, 1, 17, 0, 0, 192, 0, 2, 10];
        packet.extend(dst);
        packet.extend(40_000_u16.to_be_bytes());
        packet.extend(port.to_be_bytes());
        packet.extend([0, 16, 0, 0]);
        packet.extend([0; 8]);
        packet
    };
    let chatter =
        [([224, 0, 0, 251], 5353), ([255, 255, 255, 255], 67), ([239, 255, 255, 250], 1900), ([169, 254, 7, 9], 137)];
    let mut packets: Vec<_> = chatter.iter().map(|(dst, port)| (0, udp(*dst, *port))).collect();
    let (watched, drafted) = runs(&packets);
    assert_eq!((watched.stdout.as_str(), drafted.stdout.as_str()), ("", ""));
    assert!(
        watched.stderr.contains("note: 144 bytes were addressed to the local link only and are no transfer"),
        "{}",
        watched.stderr
    );

    // Behind this one a cloud answers.
    packets.push((1, udp([169, 254, 169, 254], 80)));
    let (transfers, _) = run(&packets);
    assert_eq!(told(&transfers), [("unregistered:169.254.169.0/24", "Unknown", 1)]);
}
