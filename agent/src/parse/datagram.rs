//! Recognises protocols over UDP by one datagram.

/// Methods that begin a SIP request (RFC 3261 and its extensions); a response begins with the version.
const SIP: [&[u8]; 8] = [
    b"SIP/2.0 ",
    b"INVITE sip",
    b"REGISTER sip",
    b"OPTIONS sip",
    b"MESSAGE sip",
    b"SUBSCRIBE sip",
    b"BYE sip",
    b"ACK sip",
];

/// Whether a datagram begins with a record of DTLS 1.0, 1.2 or 1.3 in its long form: a content type, the version,
/// and a length within the datagram (RFC 6347, 4.1).
pub fn dtls_record(datagram: &[u8]) -> bool {
    let Some(header) = datagram.first_chunk::<13>() else { return false };
    let len = usize::from(u16::from_be_bytes([header[11], header[12]]));
    matches!(header[0], 20..=23) && header[1] == 0xfe && matches!(header[2], 0xff | 0xfd) && len <= datagram.len() - 13
}

/// Whether a datagram is a handshake of WireGuard: type, three zeros, and the length that goes with it
/// (WireGuard protocol, 5.4).
pub fn wireguard_handshake(datagram: &[u8], wire_len: u32) -> bool {
    matches!((datagram, wire_len), ([1, 0, 0, 0, ..], 148) | ([2, 0, 0, 0, ..], 92) | ([3, 0, 0, 0, ..], 64))
}

/// Whether a datagram, or a line of a stream, is a message of syslog: a priority of at most 191 in angle brackets,
/// and text behind it (RFC 5424, 6.2.1; RFC 3164, 4.1.1).
pub fn syslog_message(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"<") else { return false };
    let digits = rest.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let priority = rest[..digits].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let follows = rest.get(digits + 1).is_some_and(u8::is_ascii_alphanumeric);
    (1..=3).contains(&digits) && priority <= 191 && rest[digits..].starts_with(b">") && follows
}

/// Whether a datagram, or the beginning of a stream, is a message of SIP.
pub fn sip_message(bytes: &[u8]) -> bool {
    SIP.iter().any(|begins| bytes.starts_with(begins))
}

/// Whether a datagram is a message of SNMP version 1 or 2c, which encrypt nothing: a sequence with the version, and
/// the community in letters (RFC 1157, RFC 1901).
pub fn snmp_message(datagram: &[u8]) -> bool {
    let ([0x30, 0..=0x7f, rest @ ..] | [0x30, 0x81, _, rest @ ..] | [0x30, 0x82, _, _, rest @ ..]) = datagram else {
        return false;
    };
    let [0x02, 0x01, 0 | 1, 0x04, len, community @ ..] = rest else { return false };
    community.get(..usize::from(*len)).is_some_and(|name| name.iter().all(|b| super::printable(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_recognised_by_their_first_bytes_and_prefixes_are_not() {
        type Recogniser = fn(&[u8]) -> bool;
        let datagrams: [(&[u8], usize, Recogniser); 7] = [
            (b"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x01\x00", 15, dtls_record),
            (b"\x01\x00\x00\x00\x0a", 4, |d| wireguard_handshake(d, 148)),
            (b"<34>1 2026-12-01T00:00:00Z host.example app - - - text", 5, syslog_message),
            (b"<191>Dec  1 00:00:00 host.example app: text", 6, syslog_message),
            (b"INVITE sip:desk@pbx.example SIP/2.0\r\n", 10, sip_message),
            (b"SIP/2.0 200 OK\r\n", 8, sip_message),
            (b"\x30\x29\x02\x01\x01\x04\x06public\xa0\x1c", 13, snmp_message),
        ];
        for (datagram, enough, recognise) in datagrams {
            for end in 0..=datagram.len() {
                assert_eq!(recognise(&datagram[..end]), end >= enough, "{end} bytes of {datagram:02x?}");
            }
        }
    }

    #[test]
    fn what_only_resembles_them_is_not_taken_for_them() {
        assert!(!dtls_record(b"\x16\x03\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "a version of TLS");
        assert!(!wireguard_handshake(b"\x01\x00\x00\x00", 149));
        assert!(!syslog_message(b"<192>text") && !syslog_message(b"<a>text") && !syslog_message(b"<1234>text"));
        assert!(!sip_message(b"INVITE everybody"));
        assert!(!snmp_message(b"\x30\x29\x02\x01\x03\x30\x06public"), "version 3 can encrypt");
    }
}
