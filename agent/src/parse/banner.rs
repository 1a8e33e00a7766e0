//! Cheap recognisers of protocols, by their first bytes only.

use super::{Parse, begins_with};

/// The connection preface of HTTP/2 (RFC 9113, 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How far a greeting is read for its first line.
const MAX_GREETING: usize = 512;

/// A file or mail server that speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greeting {
    /// RFC 5321.
    Smtp,
    /// RFC 959.
    Ftp,
    /// RFC 9051.
    Imap,
    /// RFC 1939.
    Pop3,
}

/// Whether a client begins to speak HTTP/2 in the clear.
pub fn http2_preface(stream: &[u8]) -> Parse<()> {
    begins_with(stream, HTTP2_PREFACE)
}

/// Whether either side begins with the identification string of SSH (RFC 4253, 4.2).
pub fn ssh(stream: &[u8]) -> Parse<()> {
    begins_with(stream, b"SSH-")
}

/// Whether a client begins with the greeting of SMTP, or of LMTP (RFC 2033).
pub fn smtp_hello(stream: &[u8]) -> Parse<()> {
    let upper = stream[..stream.len().min(5)].to_ascii_uppercase();
    begins_with(&upper, b"EHLO ").or(begins_with(&upper, b"HELO ")).or(begins_with(&upper, b"LHLO "))
}

/// Whether a client opens a stream of XMPP (RFC 6120, 4.2).
pub fn xmpp_stream(stream: &[u8]) -> Parse<()> {
    let start = &stream[..stream.len().min(MAX_GREETING)];
    match begins_with(start, b"<?xml ").or(begins_with(start, b"<stream:stream")) {
        Parse::Value(()) if memchr::memmem::find(start, b"<stream:stream").is_some() => Parse::Value(()),
        // Behind the declaration.
        Parse::Value(()) if stream.len() < MAX_GREETING && !is_other_document(start) => Parse::NeedMore,
        Parse::Value(()) => Parse::NotThis,
        outcome => outcome,
    }
}

/// Whether the declaration of an XML document is followed by another element.
fn is_other_document(start: &[u8]) -> bool {
    let behind = memchr::memmem::find(start, b"?>").map_or(&[][..], |end| start[end + 2..].trim_ascii_start());
    begins_with(behind, b"<stream:stream") == Parse::NotThis
}

/// Whether a server greets as mail and file servers do.
pub fn greeting(stream: &[u8]) -> Parse<Greeting> {
    smtp_or_ftp(stream).or(imap(stream)).or(pop3(stream))
}

/// An untagged response with which a server of IMAP greets (RFC 9051, 7.1).
fn imap(stream: &[u8]) -> Parse<Greeting> {
    let greetings = [&b"* OK "[..], b"* PREAUTH ", b"* BYE "];
    let outcome = greetings.map(|greeting| begins_with(stream, greeting)).into_iter().reduce(Parse::or);
    outcome.unwrap_or(Parse::NotThis).map(|()| Greeting::Imap)
}

/// A positive response with text, with which a server of POP3 greets (RFC 1939, 4).
fn pop3(stream: &[u8]) -> Parse<Greeting> {
    begins_with(stream, b"+OK ").map(|()| Greeting::Pop3)
}

/// Code 220 is the same in both; the words of the first line tell them apart in practice, and a greeting that names
/// neither is left alone.
fn smtp_or_ftp(stream: &[u8]) -> Parse<Greeting> {
    match begins_with(stream, b"220") {
        Parse::Value(()) => {}
        Parse::NotThis => return Parse::NotThis,
        Parse::NeedMore => return Parse::NeedMore,
    }
    if stream.get(3).is_some_and(|b| !b" -".contains(b)) {
        return Parse::NotThis;
    }
    let Some(end) = memchr::memchr(b'\n', &stream[..stream.len().min(MAX_GREETING)]) else {
        return if stream.len() < MAX_GREETING { Parse::NeedMore } else { Parse::NotThis };
    };
    let line = stream[..end].to_ascii_uppercase();
    let says = |word: &[u8]| memchr::memmem::find(&line, word).is_some();
    if says(b"SMTP") || says(b"MAIL") {
        Parse::Value(Greeting::Smtp)
    } else if says(b"FTP") {
        Parse::Value(Greeting::Ftp)
    } else {
        Parse::NotThis
    }
}

/// Whether a datagram begins a QUIC connection of version 1 or 2: an Initial packet in a
/// datagram of at least 1,200 bytes (RFC 9000, 14.1; RFC 9369).
pub fn quic_initial(datagram: &[u8], wire_len: u32) -> bool {
    let Some([first, version @ .., connection_id_len]) = datagram.first_chunk::<6>() else { return false };
    // Long header and fixed bit, then the packet type Initial, which version 2 renumbered.
    let initial = match u32::from_be_bytes(*version) {
        1 => first & 0xf0 == 0xc0,
        0x6b33_43cf => first & 0xf0 == 0xd0,
        _ => false,
    };
    initial && *connection_id_len <= 20 && wire_len >= 1200
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_are_recognised_by_their_first_bytes_and_every_prefix_waits() {
        type Recogniser = fn(&[u8]) -> bool;
        let banners: [(&[u8], Recogniser); 12] = [
            (HTTP2_PREFACE, |s| http2_preface(s) == Parse::Value(())),
            (b"EHLO ", |s| smtp_hello(s) == Parse::Value(())),
            (b"helo ", |s| smtp_hello(s) == Parse::Value(())),
            (b"SSH-", |s| ssh(s) == Parse::Value(())),
            (b"220 mail.example.org ESMTP ready\r\n", |s| greeting(s) == Parse::Value(Greeting::Smtp)),
            (b"220-FTP server (example) ready.\r\n", |s| greeting(s) == Parse::Value(Greeting::Ftp)),
            (b"220 files.example.org FTP\n", |s| greeting(s) == Parse::Value(Greeting::Ftp)),
            (b"lhlo ", |s| smtp_hello(s) == Parse::Value(())),
            (b"* OK ", |s| greeting(s) == Parse::Value(Greeting::Imap)),
            (b"* PREAUTH ", |s| greeting(s) == Parse::Value(Greeting::Imap)),
            (b"+OK ", |s| greeting(s) == Parse::Value(Greeting::Pop3)),
            (b"<?xml version='1.0'?>\n<stream:stream", |s| xmpp_stream(s) == Parse::Value(())),
        ];
        for (banner, is_it) in banners {
            assert!(is_it(banner));
            for end in 0..banner.len() {
                let prefix = &banner[..end];
                assert!(!is_it(prefix));
                let waits = [
                    http2_preface(prefix) == Parse::NeedMore,
                    ssh(prefix) == Parse::NeedMore,
                    smtp_hello(prefix) == Parse::NeedMore,
                    greeting(prefix) == Parse::NeedMore,
                    xmpp_stream(prefix) == Parse::NeedMore,
                ];
                assert!(waits.contains(&true), "{end} bytes");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_banner_is_not_taken_for_one() {
        assert_eq!(greeting(b"220x"), Parse::NotThis);
        assert_eq!(greeting(b"2200 SMTP\n"), Parse::NotThis);
        assert_eq!(greeting(b"220 welcome\r\n"), Parse::NotThis);
        assert_eq!(greeting(&[b"220 ".as_slice(), &[b'a'; 600]].concat()), Parse::NotThis);
        assert_eq!(smtp_hello(b"EHLOx"), Parse::NotThis);
        assert_eq!(ssh(b"SSL-"), Parse::NotThis);
        assert_eq!(greeting(b"+OK\r\n"), Parse::NotThis, "an answer of Redis");
        assert_eq!(greeting(b"* LIST"), Parse::NotThis);
        assert_eq!(xmpp_stream(b"<?xml version='1.0'?>\n<order/>"), Parse::NotThis);
        assert_eq!(http2_preface(b"PRI / HTTP/2.0"), Parse::NotThis);
    }

    #[test]
    fn a_quic_initial_needs_its_version_its_type_and_its_size() {
        let v1 = [0xc3, 0, 0, 0, 1, 8, 1, 2, 3];
        let v2 = [0xd3, 0x6b, 0x33, 0x43, 0xcf, 8, 1, 2, 3];
        assert!(quic_initial(&v1, 1200) && quic_initial(&v2, 1252));
        assert!(!quic_initial(&v1, 1199), "too small a datagram");
        assert!(!quic_initial(&[0xd3, 0, 0, 0, 1, 8], 1200), "0-RTT of version 1");
        assert!(!quic_initial(&[0xc3, 0, 0, 0, 1, 21], 1200), "connection id too long");
        for end in 0..6 {
            assert!(!quic_initial(&v1[..end], 1200));
        }
    }
}
