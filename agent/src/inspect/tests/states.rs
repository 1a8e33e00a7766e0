//! What became of the payload: inspected and by whom, in the clear and not read, encrypted, not recognised.

use landfall_observation::{Channel, Inspection, PayloadState, Transport};

use super::*;
use crate::parse::tls::sample::{Hello, server_hello_13};

/// What was said, piece by piece.
type Said<'a> = &'a [(Way, &'a [u8])];
/// Port, datagram, and the protocol, reader and state that they come to.
type Datagram<'a> = (u16, &'a [u8], &'a str, Option<&'a str>, PayloadState);

/// Protocol, reader and state of what was said.
fn state(bench: &Bench) -> (String, Option<String>, PayloadState) {
    let Facts { protocol, host, host_method, names, ech, tls, inspection, reader } = bench.flow.facts();
    let channel = Channel { transport: Transport::Tcp, port: 1, protocol, host, host_method, names, ech, tls };
    let state = PayloadState::from_inspection(inspection, &channel);
    (channel.protocol.to_string(), reader.map(|reader| reader.to_string()), state)
}

fn after(pieces: &[(Way, &[u8])]) -> Bench {
    let mut bench = Bench::new(4000);
    bench.open();
    for (way, piece) in pieces {
        bench.say(*way, piece);
    }
    bench
}

fn not_read(protocol: &str) -> (String, Option<String>, PayloadState) {
    (protocol.to_owned(), None, PayloadState::PlaintextNotRead)
}

#[test]
fn protocols_in_the_clear_without_a_reader_say_so() {
    use Way::{Back, Out};
    let cases: [(Said<'_>, &str); 11] = [
        (&[(Out, b"<34>1 2026-12-01T00:00:00Z host.example app - - - text\n")], "syslog"),
        (&[(Out, b"*2\r\n$3\r\nGET\r\n$4\r\nuser\r\n")], "redis"),
        (&[(Out, b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04dev1")], "mqtt"),
        (&[(Out, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0")], "http2"),
        (&[(Out, b"\x00\x00\x00\x19\x00\x12\x00\x04\x00\x00\x00\x01\x00\x07rdkafka\x00")], "kafka"),
        (&[(Out, b"AMQP\x00\x00\x09\x01")], "amqp"),
        (&[(Out, b"\x30\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00\x00")], "mongodb"),
        (&[(Out, b"{\"name\": \"Muster\", \"city\": \"Bonn\"}\n")], "unknown"),
        (&[(Out, b"\x00\x01\x02 hello erika@example.org")], "unknown"),
        (&[(Back, b"welcome to the service, please speak\r\n")], "unknown"),
        (&[(Out, b"P"), (Out, b"ING"), (Out, b"\r\n")], "unknown"),
    ];
    for (pieces, protocol) in cases {
        assert_eq!(state(&after(pieces)), not_read(protocol));
    }
}

#[test]
fn websocket_and_h2c_are_read_as_http_up_to_the_change_of_protocol() {
    for (token, protocol) in [("websocket", "websocket"), ("h2c", "http2"), ("other/1", "http")] {
        let request = format!("GET /ws HTTP/1.1\r\nHost: a.example.org\r\nUpgrade: {token}\r\n\r\n");
        let answer = format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: {token}\r\n\r\n");
        let bench = after(&[(Way::Out, request.as_bytes()), (Way::Back, answer.as_bytes())]);
        let expected = (protocol.to_owned(), Some("http".to_owned()), PayloadState::PlaintextNotRead);
        assert_eq!(state(&bench), expected);
        assert_eq!(bench.flow.facts().host.as_deref(), Some("a.example.org"));
    }
}

#[test]
fn what_goes_over_to_tls_is_encrypted_and_has_its_name() {
    use Way::{Back, Out};
    let hello = Hello::new().server_name("mail.example.org").versions(&[0x0304]).stream();
    let answer = server_hello_13();
    let cases: [(Said<'_>, &str); 5] = [
        (
            &[
                (Back, b"220 m.example ESMTP\r\n"),
                (Out, b"EHLO c.example\r\n"),
                (Back, b"250 STARTTLS\r\n"),
                (Out, b"STARTTLS\r\n"),
                (Back, b"220 go ahead\r\n"),
            ],
            "smtp",
        ),
        (&[(Back, b"* OK IMAP4rev1\r\n"), (Out, b"a STARTTLS\r\n"), (Back, b"a OK\r\n")], "imap"),
        (&[(Back, b"+OK ready\r\n"), (Out, b"STLS\r\n"), (Back, b"+OK\r\n")], "pop3"),
        (&[(Back, b"220 FTP ready\r\n"), (Out, b"AUTH TLS\r\n"), (Back, b"234 ok\r\n")], "ftp"),
        (&[(Out, b"\x00\x00\x00\x08\x04\xd2\x16\x2f"), (Back, b"S")], "postgresql"),
    ];
    for (pieces, protocol) in cases {
        let mut bench = after(pieces);
        // Until then what negotiates is read, and says nothing of people.
        assert_eq!(state(&bench), (protocol.to_owned(), Some(protocol.to_owned()), PayloadState::Inspected));
        assert!(!bench.flow.is_settled());
        bench.say(Out, &hello).say(Back, &answer);
        assert_eq!(state(&bench), (protocol.to_owned(), None, PayloadState::Encrypted));
        let facts = bench.flow.facts();
        assert_eq!((facts.host.as_deref(), facts.host_method), (Some("mail.example.org"), HostMethod::Sni));
        assert_eq!(facts.tls.and_then(|tls| tls.version), Some(landfall_observation::TlsVersion::V1_3));
        assert_eq!(bench.found(), <[DirectionFindings; 2]>::default());
    }
}

#[test]
fn what_stays_in_the_clear_is_not_read() {
    use Way::{Back, Out};
    let cases: [(Said<'_>, &str); 6] = [
        (&[(Back, b"220 m.example ESMTP\r\n"), (Out, b"EHLO c.example\r\n"), (Out, b"MAIL FROM:<>\r\n")], "smtp"),
        (&[(Back, b"* OK IMAP4rev1\r\n"), (Out, b"a LOGIN b c\r\n")], "imap"),
        (&[(Back, b"+OK ready\r\n"), (Out, b"USER b\r\n")], "pop3"),
        (&[(Back, b"220 FTP ready\r\n"), (Out, b"USER b\r\n")], "ftp"),
        (&[(Out, b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00")], "ldap"),
        (
            &[
                (Out, b"\x00\x00\x00\x08\x04\xd2\x16\x2f"),
                (Back, b"N"),
                (Out, b"\x00\x00\x00\x29\x00\x03\x00\x00user\x00a\x00"),
            ],
            "postgresql",
        ),
    ];
    for (pieces, protocol) in cases {
        let (name, _, state) = state(&after(pieces));
        assert_eq!((name.as_str(), state), (protocol, PayloadState::PlaintextNotRead));
    }
}

#[test]
fn encrypted_is_what_was_recognised_as_such_and_not_recognised_is_the_rest() {
    let hello = Hello::new().server_name("a.example.org").stream();
    assert_eq!(state(&after(&[(Way::Out, &hello)])), ("tls".to_owned(), None, PayloadState::Encrypted));
    let ssh = after(&[(Way::Out, b"SSH-2.0-OpenSSH_9.2\r\n")]);
    assert_eq!(state(&ssh), ("ssh".to_owned(), None, PayloadState::Encrypted));
    let binary = after(&[(Way::Back, b"hello, this is a text banner\r\n"), (Way::Out, &[0x9f, 0x02, 0x81, 0xe3])]);
    assert_eq!(state(&binary), ("unknown".to_owned(), None, PayloadState::NotRecognised));
    assert_eq!(state(&after(&[])), ("unknown".to_owned(), None, PayloadState::NotRecognised));
}

#[test]
fn datagrams_have_their_states_too() {
    let cases: [Datagram<'_>; 5] = [
        (514, b"<34>Dec  1 00:00:00 host.example app: text", "syslog", None, PayloadState::PlaintextNotRead),
        (8125, b"page.views:1|c|#user:muster,city:bonn", "unknown", None, PayloadState::PlaintextNotRead),
        (4500, b"\x9f\x02\x81\xe3", "unknown", None, PayloadState::NotRecognised),
        (51820, &[1, 0, 0, 0], "unknown", None, PayloadState::NotRecognised),
        (53, &crate::parse::dns::sample::query("a.example.org"), "dns", Some("dns"), PayloadState::Inspected),
    ];
    for (port, datagram, protocol, reader, expected) in cases {
        let mut bench = Bench::udp(port);
        bench.say(Way::Out, datagram);
        assert_eq!(state(&bench), (protocol.to_owned(), reader.map(str::to_owned), expected), "port {port}");
    }
}

#[test]
fn what_was_recognised_late_is_no_unknown_text() {
    // Met in mid-stream: text of a body, then a request.
    let mut bench = Bench::new(8080);
    bench.say(Way::Out, b"the rest of a body that is plain text");
    assert_eq!(state(&bench), not_read("unknown"));
    bench.say(Way::Out, b"GET / HTTP/1.1\r\nHost: a.example.org\r\n\r\n");
    assert_eq!(state(&bench), ("http".to_owned(), Some("http".to_owned()), PayloadState::Inspected));
    assert_eq!(bench.flow.facts().inspection, Inspection::Plaintext);
}
