use super::*;
use crate::parse::tls::sample::{self, handshake, records, server_hello_body};

fn chose(version: TlsVersion, alpn: Option<&str>) -> Parse<ServerHello> {
    Parse::Value(ServerHello { version: Some(version), alpn: alpn.map(str::to_owned) })
}

fn with(version: u16, random: &[u8; 32], extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    records(&handshake(2, &server_hello_body(version, random, extensions)), 1 << 14)
}

#[test]
fn the_version_is_the_legacy_field_unless_the_extension_says_otherwise() {
    for (wire, version) in
        [(0x0300, TlsVersion::Ssl3), (0x0301, TlsVersion::V1_0), (0x0302, TlsVersion::V1_1), (0x0303, TlsVersion::V1_2)]
    {
        assert_eq!(server_hello(&sample::server_hello(wire, Some(b"h2"))), chose(version, Some("h2")));
        assert_eq!(server_hello(&sample::server_hello(wire, None)), chose(version, None));
    }
    assert_eq!(server_hello(&sample::server_hello_13()), chose(TlsVersion::V1_3, None));
}

#[test]
fn a_hello_retry_request_is_version_1_3() {
    let retry = with(0x0303, &HELLO_RETRY_REQUEST, &[(51, vec![0, 29])]);
    assert_eq!(server_hello(&retry), chose(TlsVersion::V1_3, None));
}

#[test]
fn a_version_that_no_rfc_assigns_is_not_guessed() {
    let draft = with(0x0303, &[1; 32], &[(43, vec![0x7f, 28])]);
    assert_eq!(server_hello(&draft), Parse::Value(ServerHello { version: None, alpn: None }));
}

#[test]
fn every_prefix_waits_and_any_record_size_is_read() {
    let message = handshake(2, &server_hello_body(0x0303, &[5; 32], &[(43, vec![3, 4])]));
    for fragment in 1..=message.len() {
        let stream = records(&message, fragment);
        assert_eq!(server_hello(&stream), chose(TlsVersion::V1_3, None), "records of {fragment}");
    }
    let stream = records(&message, 11);
    for end in 0..stream.len() {
        assert_eq!(server_hello(&stream[..end]), Parse::NeedMore, "{end} bytes");
    }
}

#[test]
fn what_is_no_server_hello_is_refused() {
    let cases: [(&str, Vec<u8>); 5] = [
        ("a ClientHello", sample::Hello::new().stream()),
        ("an alert", vec![21, 3, 1, 0, 2, 2, 40]),
        ("a chosen version of three bytes", with(0x0303, &[1; 32], &[(43, vec![3, 4, 0])])),
        ("a body that ends early", records(&handshake(2, &[3, 3, 0, 0]), 1 << 14)),
        ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ];
    for (what, stream) in cases {
        assert_eq!(server_hello(&stream), Parse::NotThis, "{what}");
    }
}

#[test]
fn a_changed_byte_anywhere_is_survived() {
    let stream = sample::server_hello(0x0303, Some(b"http/1.1"));
    for index in 0..stream.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = stream.clone();
            changed[index] = value;
            if let Parse::Value(read) = server_hello(&changed) {
                assert!(read.alpn.is_none_or(|name| name.is_ascii()));
            }
        }
    }
}
