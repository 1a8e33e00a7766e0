//! Whole flows through [`Inspection`]; HTTP has its own in `http/tests.rs`.

pub(super) mod bench;
mod dns;
mod states;
mod tls;

use landfall_observation::{HostMethod, Name};

use self::bench::Bench;
use super::*;

fn name(name: &str, method: HostMethod) -> Name {
    Name { name: name.to_owned(), method }
}

#[test]
fn an_unknown_protocol_is_unknown_and_holds_nothing() {
    let mut bench = Bench::new(9999);
    bench.open().say(Way::Out, &[0x07; 1200]).say(Way::Back, b"\x07 no");
    let facts = bench.flow.facts();
    assert_eq!((facts.protocol.as_str(), facts.host, facts.names), ("unknown", None, vec![]));
    assert_eq!(facts.inspection, landfall_observation::Inspection::Opaque);
    assert!(matches!(bench.flow.stage, Stage::Over));
    assert_eq!(bench.flow.heap_bytes(), 0);
}

#[test]
fn banners_name_the_protocol_and_nothing_behind_them_is_held() {
    let cases: [(Way, &[u8], &str); 6] = [
        (Way::Back, b"SSH-2.0-OpenSSH_9.2\r\n", "ssh"),
        (Way::Out, b"SSH-2.0-OpenSSH_9.2\r\n", "ssh"),
        (Way::Back, b"220 mail.example.org ESMTP\r\n", "smtp"),
        (Way::Out, b"EHLO client.example.org\r\n", "smtp"),
        (Way::Back, b"220 FTP ready\r\n", "ftp"),
        (Way::Out, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0", "http2"),
    ];
    for (way, banner, protocol) in cases {
        let mut bench = Bench::new(4000);
        bench.open();
        for byte in banner {
            bench.say(way, &[*byte]);
        }
        assert_eq!(bench.flow.facts().protocol.as_str(), protocol);
        // What may go over to TLS is followed, with no more than a command in hand.
        let held = if matches!(protocol, "smtp" | "ftp") { 512 } else { 0 };
        assert!(bench.flow.heap_bytes() <= held, "{protocol}: {}", bench.flow.heap_bytes());
    }
}

#[test]
fn a_flow_without_payload_allocates_nothing() {
    let mut bench = Bench::new(443);
    bench.open();
    assert_eq!(bench.flow.heap_bytes(), 0);
}

#[test]
fn a_quic_initial_is_told_by_its_datagram() {
    let mut bench = Bench::udp(443);
    let mut initial = vec![0xc3, 0, 0, 0, 1, 8];
    initial.resize(1200, 0);
    bench.say(Way::Out, &initial);
    assert_eq!(bench.flow.facts().protocol.as_str(), "quic");
}

#[test]
fn a_malformed_packet_is_not_looked_into() {
    let mut bench = Bench::new(80);
    bench.open();
    bench.packet(Way::Out, |packet| {
        packet.malformed = true;
        packet.payload = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    });
    assert_eq!(bench.flow.facts().protocol.as_str(), "unknown");
}

#[test]
fn debug_output_holds_no_payload() {
    let mut bench = Bench::new(80);
    bench.open().say(
        Way::Out,
        b"POST /?mail=erika@example.org HTTP/1.1\r\nHost: a.example\r\nContent-Length: 90\r\n\r\nmail=erika@",
    );
    bench.skip(Way::Out, 3).say(Way::Out, b"erika@example.org");
    assert!(!format!("{:?}{:?}", bench.flow, bench.shared).contains("erika"));
    bench.flow.finish();
    assert!(!format!("{:?}{:?}", bench.flow, bench.flow.facts()).contains("erika@"));
}
