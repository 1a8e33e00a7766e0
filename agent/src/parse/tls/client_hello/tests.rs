use super::*;
use crate::parse::tls::{
    begins_client_hello, is_mid_stream,
    sample::{Hello, handshake, records, vec16},
};

fn browser() -> Hello {
    Hello::new()
        .extension(0x3a3a, &[])
        .server_name("API.Example.org")
        .alpn(&[&[0x0a, 0x0a], b"h2", b"http/1.1"])
        .versions(&[0x7a7a, 0x0304, 0x0303])
        .ech()
        .extension(0xcaca, &[0])
}

fn expected() -> ClientHello {
    ClientHello {
        server_name: Some("api.example.org".to_owned()),
        alpn: vec!["h2".to_owned(), "http/1.1".to_owned()],
        versions: vec![TlsVersion::V1_3, TlsVersion::V1_2],
        ech: true,
    }
}

fn name_of(stream: &[u8]) -> Option<String> {
    client_hello(stream).value().expect("a hello").server_name
}

#[test]
fn a_hello_is_read_and_grease_is_passed_over() {
    assert_eq!(client_hello(&browser().stream()), Parse::Value(expected()));
}

#[test]
fn a_hello_without_extensions_offers_its_legacy_version() {
    let bare = ClientHello { server_name: None, alpn: vec![], versions: vec![TlsVersion::V1_0], ech: false };
    assert_eq!(client_hello(&Hello::new().legacy_version(0x0301).stream()), Parse::Value(bare));
}

#[test]
fn every_prefix_of_a_hello_waits() {
    for stream in [browser().stream(), records(&browser().message(), 7)] {
        for end in 0..stream.len() {
            assert_eq!(client_hello(&stream[..end]), Parse::NeedMore, "{end} bytes");
        }
        let longer = [stream, vec![20, 3, 3, 0, 1, 1]].concat();
        assert_eq!(client_hello(&longer), Parse::Value(expected()));
    }
}

#[test]
fn a_hello_is_read_across_records_of_any_size() {
    let message = browser().message();
    for fragment in 1..=message.len() {
        assert_eq!(client_hello(&records(&message, fragment)), Parse::Value(expected()), "records of {fragment}");
    }
}

#[test]
fn a_server_name_that_is_no_host_name_is_not_taken() {
    let hostile: [&[u8]; 9] = [
        b"",
        b"api.example.org\0",
        b"a\x1b[31m.example.org",
        b"a\nb.example.org",
        "bücher.example".as_bytes(),
        b"192.0.2.1",
        b"2001:db8::1",
        &[b'a'; 255],
        &[0xff; 20],
    ];
    for name in hostile {
        let stream = Hello::new().server_name(name).stream();
        assert_eq!(name_of(&stream), None, "{}", name.escape_ascii());
    }
}

#[test]
fn the_first_host_name_of_the_first_extension_counts() {
    let other_type = [vec![1], vec16(b"x"), vec![0], vec16(b"a.example"), vec![0], vec16(b"b.example")].concat();
    let stream = Hello::new().extension(0, &vec16(&other_type)).server_name("c.example").stream();
    assert_eq!(name_of(&stream).as_deref(), Some("a.example"));
}

#[test]
fn a_broken_extension_body_hides_only_itself() {
    for body in [&[][..], &[0xff], &[0xff, 0xff, 0], &[0, 9, 0, 0xff, 0xff]] {
        let stream = Hello::new().extension(0, body).alpn(&[b"h2"]).stream();
        let read = client_hello(&stream).value().unwrap();
        assert_eq!((read.server_name, read.alpn), (None, vec!["h2".to_owned()]));
    }
}

#[test]
fn alpn_names_that_no_one_registers_are_left_out_and_their_number_is_bounded() {
    let names: [&[u8]; 4] = [b"erika@example.org", b"h2", &[b'a'; 33], b"\x1b[31m"];
    let read = client_hello(&Hello::new().alpn(&names).stream()).value().unwrap();
    assert_eq!(read.alpn, ["h2"]);
    let many = client_hello(&Hello::new().alpn(&[b"h2".as_slice(); 500]).stream()).value().unwrap();
    assert_eq!(many.alpn.len(), 16);
}

#[test]
fn what_is_no_client_hello_is_refused() {
    let mut trailing = browser().message();
    let len = trailing.len() - 4 + 1;
    trailing.push(0);
    trailing[2..4].copy_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
    let body = browser().message().split_off(4);
    let cases: [(&str, Vec<u8>); 9] = [
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("an SSLv2 hello", vec![0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0, 0x10]),
        ("a ServerHello", records(&handshake(2, &body), 1 << 14)),
        ("an alert", vec![21, 3, 1, 0, 2, 2, 40]),
        ("an empty record", vec![22, 3, 1, 0, 0]),
        ("a record of an absurd length", vec![22, 3, 1, 0xff, 0xff, 1]),
        ("a message of an absurd length", vec![22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff]),
        ("bytes behind the extensions", records(&trailing, 1 << 14)),
        ("a body that ends early", records(&handshake(1, &body[..60]), 1 << 14)),
    ];
    for (what, stream) in cases {
        assert_eq!(client_hello(&stream), Parse::NotThis, "{what}");
    }
    // An alert between two fragments.
    let message = browser().message();
    let interleaved = [records(&message[..20], 20), vec![21, 3, 1, 0, 2, 1, 0], records(&message[20..], 999)].concat();
    assert_eq!(client_hello(&interleaved), Parse::NotThis);
}

#[test]
fn a_changed_byte_anywhere_is_survived() {
    let stream = browser().stream();
    for index in 0..stream.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = stream.clone();
            changed[index] = value;
            if let Parse::Value(read) = client_hello(&changed) {
                assert!(read.server_name.is_none_or(|name| host_name(name.as_bytes()) == Some(name)));
            }
        }
    }
}

#[test]
fn six_bytes_tell_a_client_hello() {
    let stream = browser().stream();
    for end in 0..6 {
        assert_eq!(begins_client_hello(&stream[..end]), Parse::NeedMore);
    }
    assert_eq!(begins_client_hello(&stream[..6]), Parse::Value(()));
    for other in [&b"\x16\x02"[..], b"\x16\x03\x05", b"GE", b"\x15\x03\x03", b"\x16\x03\x01\x00\x10\x02"] {
        assert_eq!(begins_client_hello(other), Parse::NotThis, "{}", other.escape_ascii());
    }
}

#[test]
fn application_data_in_mid_stream_is_told_by_its_records() {
    let record = [vec![23, 3, 3], vec16(&[0xaa; 40])].concat();
    assert!(is_mid_stream(&record[..20]), "a record that goes on");
    assert!(is_mid_stream(&[record.clone(), record.clone()].concat()));
    assert!(!is_mid_stream(&[record.clone(), b"text".to_vec()].concat()));
    assert!(!is_mid_stream(&record[..4]));
    assert!(!is_mid_stream(&[23, 3, 3, 0xff, 0xff, 1]));
}
