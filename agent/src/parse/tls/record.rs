//! The record layer, as far as the first handshake message needs it.

use std::borrow::Cow;

use super::{CLIENT_HELLO, HANDSHAKE, SERVER_HELLO};
use crate::parse::Parse;

/// The longest fragment of a plaintext record (RFC 8446, 5.1).
const MAX_FRAGMENT: usize = 1 << 14;
/// The longest fragment of a protected record (RFC 5246, 6.2.3).
const MAX_PROTECTED: usize = MAX_FRAGMENT + 2048;
/// The longest hello taken for one. Those of real clients stay below 4 KiB, with post-quantum
/// key shares included.
const MAX_HELLO: usize = 1 << 16;
/// Content type, version and length.
const RECORD_HEADER: usize = 5;
/// Handshake type and length.
const MESSAGE_HEADER: usize = 4;

/// Whether a stream begins with a ClientHello, by its first six bytes.
pub fn begins_client_hello(stream: &[u8]) -> Parse<()> {
    begins_hello(stream, CLIENT_HELLO)
}

/// Whether a stream begins with a ServerHello, by its first six bytes.
pub fn begins_server_hello(stream: &[u8]) -> Parse<()> {
    begins_hello(stream, SERVER_HELLO)
}

fn begins_hello(stream: &[u8], kind: u8) -> Parse<()> {
    match header(stream) {
        Parse::Value((HANDSHAKE, 1..=MAX_FRAGMENT)) => match stream.get(RECORD_HEADER) {
            Some(first) if *first == kind => Parse::Value(()),
            Some(_) => Parse::NotThis,
            None => Parse::NeedMore,
        },
        // A stream of which only the content type is here is judged by that byte.
        Parse::NeedMore if stream.first().is_none_or(|content| *content == HANDSHAKE) => Parse::NeedMore,
        Parse::Value(_) | Parse::NeedMore | Parse::NotThis => Parse::NotThis,
    }
}

/// Whether a segment from the middle of a stream begins with a protected record: application
/// data, and where the segment goes on behind it, another record.
pub fn is_mid_stream(segment: &[u8]) -> bool {
    const APPLICATION_DATA: u8 = 23;
    let Parse::Value((APPLICATION_DATA, len @ 1..=MAX_PROTECTED)) = header(segment) else { return false };
    let behind = segment.get(RECORD_HEADER + len..).unwrap_or_default();
    match header(behind) {
        Parse::Value((kind, len)) => (20..=23).contains(&kind) && (1..=MAX_PROTECTED).contains(&len),
        Parse::NeedMore => true,
        Parse::NotThis => false,
    }
}

/// The content type and the length that a record's header states.
fn header(bytes: &[u8]) -> Parse<(u8, usize)> {
    // The version's first byte has been 3 since SSL 3.0; an SSLv2 hello has none of this layout.
    if bytes.get(1).is_some_and(|major| *major != 3) || bytes.get(2).is_some_and(|minor| *minor > 4) {
        return Parse::NotThis;
    }
    match bytes {
        [kind, _, _, high, low, ..] => Parse::Value((*kind, usize::from(u16::from_be_bytes([*high, *low])))),
        _ => Parse::NeedMore,
    }
}

/// The body of the first handshake message, gathered from as many records as it was cut into.
pub(super) fn first_message(stream: &[u8], kind: u8) -> Parse<Cow<'_, [u8]>> {
    let begins = begins_hello(stream, kind);
    begins.and_then(|()| message_len(stream)).and_then(|needed| gather(stream, needed))
}

/// The body of a first handshake message that has `needed` bytes with its header.
fn gather(stream: &[u8], needed: usize) -> Parse<Cow<'_, [u8]>> {
    let mut gathered = Vec::new();
    let mut records = Records { rest: stream };
    loop {
        match records.next() {
            Parse::Value(fragment) if gathered.is_empty() && fragment.len() >= needed => {
                return Parse::Value(Cow::Borrowed(&fragment[MESSAGE_HEADER..needed]));
            }
            Parse::Value(fragment) => gathered.extend_from_slice(fragment),
            Parse::NotThis => return Parse::NotThis,
            Parse::NeedMore => return Parse::NeedMore,
        }
        if gathered.len() >= needed {
            gathered.truncate(needed);
            gathered.drain(..MESSAGE_HEADER);
            return Parse::Value(Cow::Owned(gathered));
        }
    }
}

/// Length of the first handshake message with its header, once that many bytes are here. Copies
/// nothing, so that a hello which trickles in costs little.
fn message_len(stream: &[u8]) -> Parse<usize> {
    let mut records = Records { rest: stream };
    let mut head = [0; MESSAGE_HEADER];
    let mut have = 0;
    loop {
        let fragment = match records.next() {
            Parse::Value(fragment) => fragment,
            Parse::NotThis => return Parse::NotThis,
            Parse::NeedMore => return Parse::NeedMore,
        };
        for (slot, byte) in head.iter_mut().skip(have).zip(fragment) {
            *slot = *byte;
        }
        have += fragment.len();
        if have >= MESSAGE_HEADER {
            let [_, a, b, c] = head;
            let needed = MESSAGE_HEADER + usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
            if needed > MAX_HELLO {
                return Parse::NotThis;
            }
            if have >= needed {
                return Parse::Value(needed);
            }
        }
    }
}

/// The fragments of successive handshake records; the last one as far as it is here.
struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    fn next(&mut self) -> Parse<&'a [u8]> {
        match header(self.rest) {
            Parse::Value((HANDSHAKE, len @ 1..=MAX_FRAGMENT)) => {
                let body = &self.rest[RECORD_HEADER..];
                let (fragment, rest) = body.split_at(len.min(body.len()));
                self.rest = rest;
                if fragment.is_empty() { Parse::NeedMore } else { Parse::Value(fragment) }
            }
            Parse::NeedMore if self.rest.first().is_none_or(|content| *content == HANDSHAKE) => Parse::NeedMore,
            // Nothing may come between the parts of a handshake message, and none may be empty
            // (RFC 8446, 5.1).
            Parse::Value(_) | Parse::NeedMore | Parse::NotThis => Parse::NotThis,
        }
    }
}
