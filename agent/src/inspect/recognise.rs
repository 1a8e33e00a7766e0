use landfall_observation::Protocol;

use super::upgrade::Asking;
use crate::{
    packet::Way,
    parse::{
        Parse,
        banner::{self, Greeting},
        broker, database, datagram, http1, ldap, tls,
    },
};

/// The protocols that are recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Unknown,
    Amqp,
    Dns,
    Dtls,
    Ftp,
    Http,
    Http2,
    Imap,
    Kafka,
    Ldap,
    MongoDb,
    Mqtt,
    MySql,
    Pop3,
    PostgreSql,
    Quic,
    Redis,
    Sip,
    Smtp,
    Snmp,
    Ssh,
    Syslog,
    Tls,
    WebSocket,
    WireGuard,
    Xmpp,
}

/// How a recognised protocol is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// Its payload is read.
    Read,
    /// It is plaintext that is not read.
    NotRead,
    /// Plaintext that is not read, unless the client asks for TLS before anything else.
    Upgradable,
    /// It encrypts its payload.
    Encrypted,
}

/// Every protocol with its name and handling, for the documentation and its test.
pub const PROTOCOLS: [(&str, Handling); 25] = {
    let mut all = [("", Handling::NotRead); Kind::ALL.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = (Kind::ALL[at].name(), Kind::ALL[at].handling());
        at += 1;
    }
    all
};

impl Kind {
    const ALL: [Self; 25] = [
        Self::Amqp,
        Self::Dns,
        Self::Dtls,
        Self::Ftp,
        Self::Http,
        Self::Http2,
        Self::Imap,
        Self::Kafka,
        Self::Ldap,
        Self::MongoDb,
        Self::Mqtt,
        Self::MySql,
        Self::Pop3,
        Self::PostgreSql,
        Self::Quic,
        Self::Redis,
        Self::Sip,
        Self::Smtp,
        Self::Snmp,
        Self::Ssh,
        Self::Syslog,
        Self::Tls,
        Self::WebSocket,
        Self::WireGuard,
        Self::Xmpp,
    ];

    /// The name in flow lines and observations.
    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Amqp => "amqp",
            Self::Dns => "dns",
            Self::Dtls => "dtls",
            Self::Ftp => "ftp",
            Self::Http => "http",
            Self::Http2 => "http2",
            Self::Imap => "imap",
            Self::Kafka => "kafka",
            Self::Ldap => "ldap",
            Self::MongoDb => "mongodb",
            Self::Mqtt => "mqtt",
            Self::MySql => "mysql",
            Self::Pop3 => "pop3",
            Self::PostgreSql => "postgresql",
            Self::Quic => "quic",
            Self::Redis => "redis",
            Self::Sip => "sip",
            Self::Smtp => "smtp",
            Self::Snmp => "snmp",
            Self::Ssh => "ssh",
            Self::Syslog => "syslog",
            Self::Tls => "tls",
            Self::WebSocket => "websocket",
            Self::WireGuard => "wireguard",
            Self::Xmpp => "xmpp",
        }
    }

    pub(super) fn protocol(self) -> Protocol {
        match self {
            // These are built in, without a copy for each flow.
            Self::Unknown => Protocol::UNKNOWN,
            Self::Tls => Protocol::TLS,
            Self::Http => Protocol::HTTP,
            Self::Http2 => Protocol::HTTP2,
            Self::Dns => Protocol::DNS,
            other => Protocol::try_from(other.name().to_owned()).unwrap_or(Protocol::UNKNOWN),
        }
    }

    pub(super) const fn handling(self) -> Handling {
        match self {
            Self::Http | Self::Dns => Handling::Read,
            Self::Dtls | Self::Quic | Self::Ssh | Self::Tls | Self::WireGuard => Handling::Encrypted,
            Self::Ftp
            | Self::Imap
            | Self::Ldap
            | Self::MySql
            | Self::Pop3
            | Self::PostgreSql
            | Self::Smtp
            | Self::Xmpp => Handling::Upgradable,
            Self::Unknown
            | Self::Amqp
            | Self::Http2
            | Self::Kafka
            | Self::MongoDb
            | Self::Mqtt
            | Self::Redis
            | Self::Sip
            | Self::Snmp
            | Self::Syslog
            | Self::WebSocket => Handling::NotRead,
        }
    }

    /// How a client of the protocol asks for TLS, if it can.
    pub(super) fn asking(self) -> Option<Asking> {
        match self {
            Self::Ftp => Some(Asking::Ftp),
            Self::Imap => Some(Asking::Imap),
            Self::Ldap => Some(Asking::Message(ldap::asks_encryption)),
            Self::MySql => Some(Asking::Message(database::asks_mysql_encryption)),
            Self::Pop3 => Some(Asking::Pop3),
            Self::PostgreSql => Some(Asking::Message(database::asks_postgresql_encryption)),
            Self::Smtp => Some(Asking::Smtp),
            Self::Xmpp => Some(Asking::Xmpp),
            _ => None,
        }
    }
}

/// The protocol that a direction begins with.
pub(super) fn beginning(way: Way, stream: &[u8]) -> Parse<Kind> {
    match way {
        Way::Out => first([
            (tls::begins_client_hello(stream), Kind::Tls),
            // Before HTTP, with which it shares methods.
            (told_by(stream, datagram::sip_message), Kind::Sip),
            (http1::begins_request(stream), Kind::Http),
            (banner::http2_preface(stream), Kind::Http2),
            (banner::ssh(stream), Kind::Ssh),
            (banner::smtp_hello(stream), Kind::Smtp),
            (banner::xmpp_stream(stream), Kind::Xmpp),
            (database::postgresql_startup(stream), Kind::PostgreSql),
            (database::redis_command(stream), Kind::Redis),
            (database::mongodb_request(stream), Kind::MongoDb),
            (broker::kafka_request(stream), Kind::Kafka),
            (broker::mqtt_connect(stream), Kind::Mqtt),
            (broker::amqp_header(stream), Kind::Amqp),
            (ldap::ldap_request(stream), Kind::Ldap),
            (told_by(stream, syslog_frame), Kind::Syslog),
        ]),
        Way::Back => first([
            (tls::begins_server_hello(stream), Kind::Tls),
            (http1::begins_response(stream), Kind::Http),
            (banner::ssh(stream), Kind::Ssh),
            (database::mysql_handshake(stream), Kind::MySql),
            (broker::amqp_header(stream), Kind::Amqp),
        ])
        .or(banner::greeting(stream).map(|greeting| match greeting {
            Greeting::Smtp => Kind::Smtp,
            Greeting::Ftp => Kind::Ftp,
            Greeting::Imap => Kind::Imap,
            Greeting::Pop3 => Kind::Pop3,
        })),
    }
}

/// The protocol of a datagram that has `wire_len` bytes on the wire.
pub(super) fn datagram(datagram: &[u8], wire_len: u32) -> Option<Kind> {
    if banner::quic_initial(datagram, wire_len) {
        Some(Kind::Quic)
    } else if datagram::dtls_record(datagram) {
        Some(Kind::Dtls)
    } else if datagram::wireguard_handshake(datagram, wire_len) {
        Some(Kind::WireGuard)
    } else if datagram::syslog_message(datagram) {
        Some(Kind::Syslog)
    } else if datagram::sip_message(datagram) {
        Some(Kind::Sip)
    } else if datagram::snmp_message(datagram) {
        Some(Kind::Snmp)
    } else {
        None
    }
}

/// The first certain result; otherwise more bytes, if any recogniser needs them.
fn first<const N: usize>(candidates: [(Parse<()>, Kind); N]) -> Parse<Kind> {
    candidates.into_iter().map(|(outcome, kind)| outcome.map(|()| kind)).fold(Parse::NotThis, Parse::or)
}

/// A recogniser that needs no more bytes.
fn told_by(stream: &[u8], recognise: fn(&[u8]) -> bool) -> Parse<()> {
    if recognise(stream) { Parse::Value(()) } else { Parse::NotThis }
}

/// A message of syslog in a stream, with or without its length before it (RFC 6587, 3.4).
fn syslog_frame(stream: &[u8]) -> bool {
    let digits = stream.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    let counted = stream.get(digits) == Some(&b' ') && digits > 0;
    datagram::syslog_message(if counted { &stream[digits + 1..] } else { stream })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::tls::sample;

    #[test]
    fn the_first_bytes_tell_the_protocol_and_their_prefixes_wait() {
        let hello = sample::Hello::new().server_name("api.example.org").stream();
        let answer = sample::server_hello(0x0303, None);
        let cases: [(Way, &[u8], Kind); 21] = [
            (Way::Out, &hello, Kind::Tls),
            (Way::Back, &answer, Kind::Tls),
            (Way::Out, b"POST /p HTTP/1.1\r\n", Kind::Http),
            (Way::Back, b"HTTP/1.1 200 OK\r\n", Kind::Http),
            (Way::Out, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Kind::Http2),
            (Way::Out, b"SSH-2.0-x\r\n", Kind::Ssh),
            (Way::Out, b"EHLO c.example\r\n", Kind::Smtp),
            (Way::Back, b"220 m.example ESMTP\r\n", Kind::Smtp),
            (Way::Back, b"220 f.example FTP\r\n", Kind::Ftp),
            (Way::Back, b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Kind::Imap),
            (Way::Back, b"+OK POP3 ready\r\n", Kind::Pop3),
            (Way::Out, b"<?xml version='1.0'?><stream:stream to='x.example'>", Kind::Xmpp),
            (Way::Out, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", Kind::PostgreSql),
            (Way::Back, b"\x4a\x00\x00\x00\x0a8.4.0\x00\x01\x00\x00\x00", Kind::MySql),
            (Way::Out, b"*1\r\n$4\r\nPING\r\n", Kind::Redis),
            (Way::Out, b"\x30\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00", Kind::MongoDb),
            (Way::Out, b"\x00\x00\x00\x19\x00\x12\x00\x04\x00\x00\x00\x01\x00\x07rdkafka\x00", Kind::Kafka),
            (Way::Out, b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04dev1", Kind::Mqtt),
            (Way::Out, b"AMQP\x00\x00\x09\x01", Kind::Amqp),
            (Way::Back, b"AMQP\x00\x00\x09\x01", Kind::Amqp),
            (Way::Out, b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", Kind::Ldap),
        ];
        for (way, stream, kind) in cases {
            let decided: Vec<_> = (0..=stream.len()).map(|end| beginning(way, &stream[..end])).collect();
            let first = decided.iter().position(|outcome| *outcome != Parse::NeedMore).unwrap();
            assert!(decided[first..].iter().all(|outcome| *outcome == Parse::Value(kind)), "{kind:?}: {decided:?}");
        }
    }

    #[test]
    fn messages_of_syslog_and_sip_are_told_whole() {
        for stream in [&b"<34>1 2026-12-01T00:00:00Z h a - - - t\n"[..], b"42 <34>1 2026-12-01T00:00:00Z h a - - - t"] {
            assert_eq!(beginning(Way::Out, stream), Parse::Value(Kind::Syslog));
        }
        assert_eq!(beginning(Way::Out, b"OPTIONS sip:pbx.example SIP/2.0\r\n"), Parse::Value(Kind::Sip));
    }

    #[test]
    fn other_bytes_are_no_protocol_known_here() {
        for stream in [&b"\x80\x2e\x01\x03\x01"[..], b"hello", b"12 <x>", b"{\"name\":1}"] {
            assert_eq!(beginning(Way::Out, stream), Parse::NotThis, "{stream:02x?}");
            assert_eq!(beginning(Way::Back, stream), Parse::NotThis, "{stream:02x?}");
        }
    }

    #[test]
    fn datagrams_are_told_apart() {
        assert_eq!(datagram(b"<34>Dec  1 00:00:00 h a: t", 26), Some(Kind::Syslog));
        assert_eq!(datagram(b"\x01\x00\x00\x00\x0a", 148), Some(Kind::WireGuard));
        assert_eq!(datagram(b"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\0", 13), Some(Kind::Dtls));
        assert_eq!(datagram(b"\x30\x29\x02\x01\x01\x04\x06public", 43), Some(Kind::Snmp));
        assert_eq!(datagram(b"hello", 5), None);
    }
}
