use landfall_observation::Protocol;

use crate::{
    packet::Way,
    parse::{
        Parse,
        banner::{self, Greeting},
        http1, tls,
    },
};

/// The protocols that are told apart here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Unknown,
    Tls,
    Http,
    Http2,
    Dns,
    Ssh,
    Smtp,
    Ftp,
    Quic,
}

impl Kind {
    /// The name in flow lines and observations.
    pub(super) fn protocol(self) -> Protocol {
        let other = |name: &str| Protocol::try_from(name.to_owned()).unwrap_or(Protocol::UNKNOWN);
        match self {
            Self::Unknown => Protocol::UNKNOWN,
            Self::Tls => Protocol::TLS,
            Self::Http => Protocol::HTTP,
            Self::Http2 => Protocol::HTTP2,
            Self::Dns => Protocol::DNS,
            Self::Ssh => other("ssh"),
            Self::Smtp => other("smtp"),
            Self::Ftp => other("ftp"),
            Self::Quic => other("quic"),
        }
    }
}

/// The protocol that a direction begins with.
pub(super) fn beginning(way: Way, stream: &[u8]) -> Parse<Kind> {
    let candidates = match way {
        Way::Out => [
            tls::begins_client_hello(stream).map(|()| Kind::Tls),
            http1::begins_request(stream).map(|()| Kind::Http),
            banner::http2_preface(stream).map(|()| Kind::Http2),
            banner::ssh(stream).map(|()| Kind::Ssh),
            banner::smtp_hello(stream).map(|()| Kind::Smtp),
        ],
        Way::Back => [
            tls::begins_server_hello(stream).map(|()| Kind::Tls),
            http1::begins_response(stream).map(|()| Kind::Http),
            banner::greeting(stream).map(|greeting| match greeting {
                Greeting::Smtp => Kind::Smtp,
                Greeting::Ftp => Kind::Ftp,
            }),
            banner::ssh(stream).map(|()| Kind::Ssh),
            Parse::NotThis,
        ],
    };
    let mut outcome = Parse::NotThis;
    for candidate in candidates {
        match candidate {
            Parse::Value(kind) => return Parse::Value(kind),
            Parse::NeedMore => outcome = Parse::NeedMore,
            Parse::NotThis => {}
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::tls::sample;

    #[test]
    fn the_first_bytes_tell_the_protocol_and_their_prefixes_wait() {
        let hello = sample::Hello::new().server_name("api.example.org").stream();
        let answer = sample::server_hello(0x0303, None);
        let cases: [(Way, &[u8], Kind); 9] = [
            (Way::Out, &hello, Kind::Tls),
            (Way::Back, &answer, Kind::Tls),
            (Way::Out, b"POST /p HTTP/1.1\r\n", Kind::Http),
            (Way::Back, b"HTTP/1.1 200 OK\r\n", Kind::Http),
            (Way::Out, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Kind::Http2),
            (Way::Out, b"SSH-2.0-x\r\n", Kind::Ssh),
            (Way::Out, b"EHLO c.example\r\n", Kind::Smtp),
            (Way::Back, b"220 m.example ESMTP\r\n", Kind::Smtp),
            (Way::Back, b"220 f.example FTP\r\n", Kind::Ftp),
        ];
        for (way, stream, kind) in cases {
            let decided: Vec<_> = (0..=stream.len()).map(|end| beginning(way, &stream[..end])).collect();
            let first = decided.iter().position(|outcome| *outcome != Parse::NeedMore).unwrap();
            assert!(decided[first..].iter().all(|outcome| *outcome == Parse::Value(kind)), "{kind:?}");
        }
    }

    #[test]
    fn other_bytes_are_no_protocol_known_here() {
        for stream in [&b"\x00\x01"[..], b"hello", b"\x80\x2e\x01\x03\x01", b"*1\r\n$4\r\nPING\r\n"] {
            assert_eq!(beginning(Way::Out, stream), Parse::NotThis);
            assert_eq!(beginning(Way::Back, stream), Parse::NotThis);
        }
    }
}
