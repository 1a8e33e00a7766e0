//! Recognises databases whose connections begin in plaintext, by their first message.

use super::{Parse, begins_with, printable};

/// Protocol versions of a PostgreSQL startup packet: 3.0, 3.2, and the requests for TLS, for GSSAPI encryption and to
/// cancel (PostgreSQL documentation, "Message Formats").
const POSTGRESQL_CODES: [u32; 5] = [0x0003_0000, 0x0003_0002, 80_877_103, 80_877_104, 80_877_102];
/// The longest startup packet that the server takes (`MAX_STARTUP_PACKET_LENGTH`).
const POSTGRESQL_LONGEST: u32 = 10_000;
/// `OP_QUERY`, `OP_COMPRESSED`, `OP_MSG` (MongoDB wire protocol).
const MONGODB_CODES: [u32; 3] = [2004, 2012, 2013];
/// `maxMessageSizeBytes` of MongoDB.
const MONGODB_LONGEST: u32 = 48_000_000;
/// How far the server version of MySQL is looked for.
const MAX_VERSION: usize = 64;

/// Whether a client begins a PostgreSQL connection: a startup packet, or a request for encryption.
pub fn postgresql_startup(stream: &[u8]) -> Parse<()> {
    let Some((len, rest)) = stream.split_first_chunk::<4>() else {
        return Parse::need_more_if(stream.iter().take(2).all(|byte| *byte == 0));
    };
    let len = u32::from_be_bytes(*len);
    if !(8..=POSTGRESQL_LONGEST).contains(&len) {
        return Parse::NotThis;
    }
    let codes = POSTGRESQL_CODES.iter().map(|code| begins_with(rest, &code.to_be_bytes()));
    codes.fold(Parse::NotThis, Parse::or)
}

/// Whether a startup packet asks for TLS or for GSSAPI encryption, which the server may refuse.
pub fn asks_postgresql_encryption(stream: &[u8]) -> bool {
    let codes = [80_877_103_u32, 80_877_104].map(u32::to_be_bytes);
    stream.len() == 8 && codes.iter().any(|code| stream[4..] == *code)
}

/// Whether a server begins a MySQL or MariaDB connection: a handshake packet of version 10 with a version in
/// letters (MySQL internals, "Protocol::HandshakeV10").
pub fn mysql_handshake(stream: &[u8]) -> Parse<()> {
    let Some((header, rest)) = stream.split_first_chunk::<5>() else {
        return Parse::need_more_if(mysql_header(stream));
    };
    if !mysql_header(header) {
        return Parse::NotThis;
    }
    let version = &rest[..rest.len().min(MAX_VERSION)];
    match memchr::memchr(0, version) {
        Some(end) if end > 0 && version[..end].iter().all(|b| printable(*b)) && version[0].is_ascii_digit() => {
            Parse::Value(())
        }
        None if version.len() < MAX_VERSION && version.iter().all(|b| printable(*b)) => Parse::NeedMore,
        _ => Parse::NotThis,
    }
}

/// Length below 256, number 0, version 10.
fn mysql_header(prefix: &[u8]) -> bool {
    let fits = |at: usize, holds: fn(u8) -> bool| prefix.get(at).is_none_or(|byte| holds(*byte));
    fits(0, |b| b > 40) && fits(1, |b| b == 0) && fits(2, |b| b == 0) && fits(3, |b| b == 0) && fits(4, |b| b == 10)
}

/// Whether a client's answer to the handshake asks for TLS: 32 bytes, number 1, the flag `CLIENT_SSL`.
pub fn asks_mysql_encryption(stream: &[u8]) -> bool {
    stream.len() == 36 && stream[..4] == [32, 0, 0, 1] && stream[5] & 0x08 != 0
}

/// Whether a client begins to speak Redis: an array of bulk strings (RESP).
pub fn redis_command(stream: &[u8]) -> Parse<()> {
    let Some((&first, rest)) = stream.split_first() else { return Parse::NeedMore };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if first != b'*' || digits > 7 {
        return Parse::NotThis;
    }
    match begins_with(&rest[digits..], b"\r\n$") {
        Parse::Value(()) if digits == 0 => Parse::NotThis,
        outcome => outcome,
    }
}

/// Whether a client begins to speak to MongoDB.
pub fn mongodb_request(stream: &[u8]) -> Parse<()> {
    let word = |at: usize| stream.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let holds = word(0).is_none_or(|len| (17..=MONGODB_LONGEST).contains(&len))
        && word(8).is_none_or(|answers| answers == 0)
        && word(12).is_none_or(|code| MONGODB_CODES.contains(&code));
    match (holds, stream.len()) {
        (false, _) => Parse::NotThis,
        (true, ..16) => Parse::NeedMore,
        (true, _) => Parse::Value(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDSHAKE: &[u8] = b"\x4a\x00\x00\x00\x0a8.4.0\x00\x01\x00\x00\x00";
    const MESSAGE: &[u8] = b"\x30\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00\x00";

    #[test]
    fn databases_are_recognised_by_their_first_message_and_every_prefix_waits() {
        type Recogniser = fn(&[u8]) -> Parse<()>;
        let beginnings: [(&[u8], usize, Recogniser); 5] = [
            (b"\x00\x00\x00\x29\x00\x03\x00\x00user\x00shop\x00", 8, postgresql_startup),
            (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", 8, postgresql_startup),
            (HANDSHAKE, 11, mysql_handshake),
            (b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", 5, redis_command),
            (MESSAGE, 16, mongodb_request),
        ];
        for (stream, enough, recognise) in beginnings {
            for end in 0..=stream.len() {
                let expected = if end < enough { Parse::NeedMore } else { Parse::Value(()) };
                assert_eq!(recognise(&stream[..end]), expected, "{end} bytes of {stream:02x?}");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_database_is_not_taken_for_one() {
        assert_eq!(postgresql_startup(b"\x00\x00\x00\x08\x00\x03\x00\x01"), Parse::NotThis);
        assert_eq!(postgresql_startup(b"\x00\x00\x00\x07\x00\x03\x00\x00"), Parse::NotThis);
        assert_eq!(mysql_handshake(b"\x4a\x00\x00\x00\x0a\x01\x02\x00"), Parse::NotThis);
        assert_eq!(mysql_handshake(b"\x4a\x00\x00\x00\x09"), Parse::NotThis);
        assert_eq!(redis_command(b"*\r\n$"), Parse::NotThis);
        assert_eq!(redis_command(b"* OK IMAP4rev1"), Parse::NotThis);
        assert_eq!(redis_command(b"*12345678"), Parse::NotThis);
        assert_eq!(mongodb_request(&[0; 16]), Parse::NotThis);
    }

    #[test]
    fn a_request_for_encryption_is_distinguished_from_a_login() {
        assert!(asks_postgresql_encryption(b"\x00\x00\x00\x08\x04\xd2\x16\x2f"));
        assert!(!asks_postgresql_encryption(b"\x00\x00\x00\x29\x00\x03\x00\x00user\x00shop\x00"));
        let mut request = [0; 36];
        request[..6].copy_from_slice(&[32, 0, 0, 1, 0x85, 0xae]);
        assert!(asks_mysql_encryption(&request));
        request[5] = 0xa6;
        assert!(!asks_mysql_encryption(&request));
        assert!(!asks_mysql_encryption(&request[..35]));
    }
}
