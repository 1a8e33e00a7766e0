//! Recognises LDAP over TCP (RFC 4511) by its first message.

use super::Parse;

/// The operation that asks for TLS (RFC 4511, 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
/// Tags of the requests with which a client begins: bind, unbind, search, extended (RFC 4511, 4.2 to 4.12).
const REQUESTS: [u8; 4] = [0x60, 0x42, 0x63, 0x77];

/// Whether a client begins to speak LDAP: an `LDAPMessage` with a number and a request (RFC 4511, 4.1.1).
pub fn ldap_request(stream: &[u8]) -> Parse<()> {
    let Some((&tag, rest)) = stream.split_first() else { return Parse::NeedMore };
    if tag != 0x30 {
        return Parse::NotThis;
    }
    // The length in its short form, or in up to four more bytes.
    let skipped = match rest.first() {
        None => return Parse::NeedMore,
        Some(5..=0x7f) => 1,
        Some(form @ 0x81..=0x84) => usize::from(form & 0x7f) + 1,
        Some(_) => return Parse::NotThis,
    };
    let Some(number) = rest.get(skipped..) else { return Parse::NeedMore };
    let len = match number {
        [] | [0x02] => return Parse::NeedMore,
        [0x02, len @ 1..=4, ..] => usize::from(*len),
        _ => return Parse::NotThis,
    };
    match number.get(2 + len) {
        None => Parse::NeedMore,
        Some(request) if REQUESTS.contains(request) => Parse::Value(()),
        Some(_) => Parse::NotThis,
    }
}

/// Whether a client's message asks for TLS.
pub fn asks_encryption(message: &[u8]) -> bool {
    memchr::memmem::find(message, START_TLS).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ldap_is_told_by_its_first_request_and_every_prefix_waits() {
        let bind: &[u8] = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
        let long: &[u8] = b"\x30\x84\x00\x00\x00\x40\x02\x02\x01\x00\x63\x84\x00\x00";
        for (stream, enough) in [(bind, 6), (long, 11)] {
            for end in 0..=stream.len() {
                let expected = if end < enough { Parse::NeedMore } else { Parse::Value(()) };
                assert_eq!(ldap_request(&stream[..end]), expected, "{end} bytes of {stream:02x?}");
            }
        }
    }

    #[test]
    fn what_only_resembles_ldap_is_not_taken_for_it() {
        let others: [&[u8]; 5] = [
            b"0123456789",
            b"\x30\x80\x02\x01\x01\x60",
            b"\x30\x0c\x04\x01\x01\x60",
            b"\x30\x0c\x02\x05\x01\x60\x07\x02\x01\x03",
            b"\x30\x29\x02\x01\x01\x04\x06public",
        ];
        for stream in others {
            assert_eq!(ldap_request(stream), Parse::NotThis, "{stream:02x?}");
        }
    }

    #[test]
    fn a_request_for_tls_is_told_from_a_bind() {
        assert!(asks_encryption(b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"));
        assert!(!asks_encryption(b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"));
    }
}
